"""Subjects of sentences: what is left without politeness, verbs and "all the news about".

The words are data, `bot/resources/typed_wishes.toml`; the longest phrase counts. What stands in
quotation marks is never part of a phrase.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from bot.model import LANGUAGES, Language
from bot.resources import RESOURCES
from bot.text.confusables import APOSTROPHES, fold_confusables

# A longer text is no sentence to the bot.
MAX_CHARS = 1000
_FILE = RESOURCES / "typed_wishes.toml"
_NO_VERBS = frozenset(
    [
        *("polite", "lead", "about", "on", "about_what", "quoted", "function", "ambiguous"),
        *LANGUAGES,
    ]
)
# Of words of grammar those that may join names.
_IN_LISTS = frozenset(["and", "of", "і", "й", "та", "и"])
# Kinds of verbs that may stand at the end of a sentence.
_AT_THE_END = frozenset(["away", "mute", "unmute", "unfollow", "weak"])
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
# Between the words of a phrase, and around it.
_SIGNS = " \t\n,:;.!?…—–()"
_QUOTES = ('"', "“", "”", "„", "«", "»")


def subject_of(text: str, verbs: Collection[str] = ()) -> str:
    """Return the text without what stands around its subject, and without the verbs of the kinds.

    The text itself where nothing else is left.
    """
    sentence = _Sentence(text)
    end = sentence.end_of_subject()
    start = sentence.after(0, end, {"polite", *verbs})
    while (after := sentence.after_introduction(start, end)) > start:
        start = sentence.after(after, end, {"polite", *verbs})
    return sentence.part(start, end) or sentence.text


def split_verb(text: str) -> tuple[tuple[str, ...], str, str]:
    """Return the kinds of the verb that leads a sentence, what follows, and both, without thanks.

    Without a verb there are no kinds.
    """
    sentence = _Sentence(text)
    end = sentence.end_of_subject()
    start = sentence.after(0, end, {"polite"})
    kinds, length = sentence.phrase_at(start, end, _phrases_by_kind().keys() - _NO_VERBS)
    return kinds, sentence.part(start + length, end), sentence.part(start, end)


def language_of(text: str) -> Language | None:
    """Return the language of the bot's that is all a text names; None: there is none."""
    sentence = _Sentence(text)
    end = sentence.end_of_subject()
    start = sentence.after(0, end, {"polite", "language"})
    kinds, length = sentence.phrase_at(start, end, LANGUAGES)
    is_all = kinds and start + length == end
    return next((each for each in LANGUAGES if is_all and each in kinds), None)


def may_be_subject(text: str) -> bool:
    """Return whether a text may name something: it begins with no word of grammar, as "than" is.

    A word in capitals is a name: "WHO".
    """
    sentence = _Sentence(text)
    return bool(sentence.keys) and not sentence.is_grammar(0)


def has_grammar(text: str) -> bool:
    """Return whether a text holds words that name no subject: "it", or "news" before a name."""
    sentence = _Sentence(text)
    if text[:1].islower() and sentence.phrase_at(0, len(sentence.keys), ["lead"])[1]:
        return True
    is_quoted = sentence.text.startswith(_QUOTES) and sentence.text.endswith(_QUOTES)
    return not is_quoted and any(
        sentence.is_grammar(place) and sentence.text[start] == sentence.keys[place][0]
        for place, (start, _) in enumerate(sentence.spans)
        if sentence.keys[place] not in _IN_LISTS
    )


def is_ambiguous(text: str) -> bool:
    """Return whether all of a text is a word of several meanings: «мир» is peace and world."""
    sentence = _Sentence(text)
    length = sentence.phrase_at(0, len(sentence.keys), ["ambiguous"])[1]
    return 0 < length == len(sentence.keys)


def with_verb_first(text: str) -> str:
    """Return a sentence that ends with a verb, «спорт прибери», with it first; empty: it has none.

    A verb of everyday phrases does not count.
    """
    sentence = _Sentence(text)
    end = sentence.end_of_subject()
    for length in range(min(_max_length(), end - 1), 0, -1):
        kinds, found = sentence.phrase_at(end - length, end, _AT_THE_END)
        if found == length and "weak" not in kinds:
            verb = sentence.part(end - length, end)
            return f"{verb} {sentence.part(0, end - length)}"
    return ""


def is_name(text: str) -> bool:
    """Return whether a text stands in quotation marks, or all its words begin with a capital."""
    sentence = _Sentence(text)
    starts = (sentence.text[start] for start, _ in sentence.spans)
    is_capital = bool(sentence.spans) and not any(map(str.islower, starts))
    is_grammar = any(map(sentence.is_grammar, range(len(sentence.keys))))
    is_quoted = sentence.text.startswith(_QUOTES) and sentence.text.endswith(_QUOTES)
    return is_quoted or (is_capital and not is_grammar and "the" not in sentence.keys)


class _Sentence:
    """The words of a text as they are compared, and the spans of its characters."""

    def __init__(self, text: str) -> None:
        text = text[:MAX_CHARS].strip()
        found = list(_WORD.finditer(text.translate(_APOSTROPHES)))
        self.text = text
        self.spans = [match.span() for match in found]
        self.keys = [fold_confusables(match[0]).casefold() for match in found]

    def part(self, start: int, end: int) -> str:
        """Return the text from one word up to another, with the quotation marks around it."""
        if start >= end:
            return ""
        first = self.spans[start - 1][1] if start else 0
        last = len(self.text) if end == len(self.keys) else self.spans[end][0]
        part = self.text[first:last]
        if start:
            part = part.lstrip(_SIGNS)
        return part if end == len(self.keys) else part.rstrip(_SIGNS)

    def end_of_subject(self) -> int:
        """Return the number of words without the politeness at the end."""
        end = len(self.keys)
        known = _phrases()
        while True:
            for length in range(min(_max_length(), end), 0, -1):
                start = end - length
                is_polite = "polite" in known.get(tuple(self.keys[start:end]), ())
                if is_polite and all(map(self._joins, range(start, end))):
                    end = start
                    break
            else:
                return end

    def after(self, place: int, end: int, kinds: Collection[str]) -> int:
        """Return the place after all phrases of the kinds that stand there."""
        while length := self.phrase_at(place, end, kinds)[1]:
            place += length
        return place

    def after_introduction(self, place: int, end: int) -> int:
        """Return the place after "all the news about", the same place if there is none."""
        after_lead = self.after(place, end, ["lead"])
        for start in range(after_lead, place - 1, -1):
            joints = ["about", "about_what", *(["on"] if start > place else [])]
            if length := self.phrase_at(start, end, joints)[1]:
                return start + length
        length = self.phrase_at(after_lead, end, ["quoted"])[1]
        following = after_lead + length
        is_quoted = length and following < end and not self._joins(following)
        return following if is_quoted else place

    def phrase_at(
        self, place: int, end: int, kinds: Collection[str]
    ) -> tuple[tuple[str, ...], int]:
        """Return the kinds of the longest phrase there that are among these, and its length."""
        known = _phrases()
        for length in range(min(_max_length(), end - place), 0, -1):
            found = known.get(tuple(self.keys[place : place + length]), ())
            wanted = tuple(kind for kind in found if kind in kinds)
            if wanted and all(map(self._joins, range(place, place + length))):
                return wanted, length
        return (), 0

    def is_grammar(self, place: int) -> bool:
        """Return whether a word is one of grammar, and no abbreviation."""
        start, end = self.spans[place]
        word = self.text[start:end]
        is_abbreviation = len(word) > 1 and word.isupper()
        return "function" in _phrases().get((self.keys[place],), ()) and not is_abbreviation

    def _joins(self, place: int) -> bool:
        """Return whether only spaces and signs stand before the word: no quotation mark, no #."""
        before = self.spans[place - 1][1] if place else 0
        return not self.text[before : self.spans[place][0]].strip(_SIGNS)


@cache
def _max_length() -> int:
    return max(map(len, _phrases()))


@cache
def _phrases_by_kind() -> Mapping[str, Sequence[str]]:
    document = tomllib.loads(_FILE.read_text("utf-8"))
    return {kind: ",".join(table.values()).split(",") for kind, table in document.items()}


@cache
def _phrases() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Return the kinds of each phrase, in the order of the file."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for kind, phrases in _phrases_by_kind().items():
        for phrase in dict.fromkeys(phrases):
            key = tuple(word.casefold() for word in _WORD.findall(phrase))
            found[key] = (*found.get(key, ()), kind)
    found.pop((), None)
    return found
