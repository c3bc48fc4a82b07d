"""Wishes in plain sentences: the commands that "no more sport" and «пауза на 2 години» stand for.

The verb that leads a sentence says which commands may be meant; the sentence is offered to the
readers of their arguments. What no verb leads may still say a time, or introduce a subject. A
setting is changed unasked only if every word is accounted for, in one way
(`_Sentence.is_accounted_for`); of all else the reader is asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Timetable
from bot.text.phrases import MAX_CHARS as MAX_PHRASE_CHARS
from bot.text.phrases import MAX_WORDS
from bot.topics import Topics
from bot.typed.choices import read_choice
from bot.typed.commands import address_in, near_wish, wish_of
from bot.typed.pauses import read_pause
from bot.typed.subjects import (
    has_grammar,
    is_ambiguous,
    is_name,
    language_of,
    may_be_subject,
    split_verb,
    subject_of,
    with_verb_first,
)
from bot.typed.timetable import is_length, read_timetable
from bot.typed.tokens import MAX_CHARS, clean, tokenize

# The keys of a keyboard, and the letters that they have in Ukrainian and in Russian.
_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_KEYBOARDS = ("йцукенгшщзхїфівапролджєячсмитьбю'", "йцукенгшщзхъфывапролджэячсмитьбюё")
_PART = re.compile(r"[,;\n]")
# Emoji around a sentence, and politeness within it.
_AROUND = re.compile(
    r"^[\s\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+"
    r"|(?<![\s\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff])"
    r"[\s\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+$"
)
_PLEASE = re.compile(r"(?<=\S),? (?:будь ласка|пожалуйста|please|plea?se|pls|plz|пліз|плиз),?(?= )")
# Kinds of tokens that say when; a year or an unknown word alone is looked for.
_SAY_WHEN = frozenset(["number", "moment", "rhythm", "every", "times", "per_day"])
_YEAR_DIGITS = 4
_OF_WORDS = frozenset(["mute", "follow", "search"])
# Commands that change no setting.
_SHOWN = frozenset(["search", "latest"])
# "Not at night" is no pause, "not until the morning" is one.
_DAYPARTS = frozenset(["morning", "day", "evening", "night"])
_ENDS = frozenset(["until", "number", "today", "tomorrow", "after_tomorrow", "weekday"])
# Kinds of tokens that make clear that a timetable is meant.
_SAY_HOW = frozenset(["number", "moment", "morning", "day", "evening", "times", "message"])
# What a word or name to mute or follow has at the most, behind a verb of everyday phrases.
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """A command and its arguments; `is_sure`: it is clear, and takes no news away."""

    command: str
    args: str = ""
    is_sure: bool = False


def read_wishes(text: str, topics: Topics, local_now: datetime) -> tuple[Wish, ...]:
    """Return what a sentence may stand for, the likeliest first; one alone if it is sure.

    Days and hours are those of the zone of `local_now`.
    """
    if len(text) > MAX_CHARS:
        return ()
    text = _PLEASE.sub("", _AROUND.sub("", text)) or text
    found = _wishes(text, topics, local_now)
    if not found and (turned := with_verb_first(text)):
        asked = (replace(wish, is_sure=False) for wish in _wishes(turned, topics, local_now))
        found = tuple(wish for wish in asked if wish.command not in _SHOWN)
    if not found:
        retyped = (_retyped(other, topics, local_now) for other in _other_keyboards(text))
        found = next(filter(None, retyped), ())
    if not found and (name := near_wish(text)):
        found = (Wish(name),)
    sure = next((wish for wish in found if wish.is_sure), None)
    of_name = {wish.command: wish for wish in reversed(found)}
    return (sure,) if sure else tuple(reversed(of_name.values()))


def _wishes(text: str, topics: Topics, local_now: datetime) -> tuple[Wish, ...]:
    kinds, rest, whole = split_verb(text)
    sentence = _Sentence(whole, rest, topics, local_now, frozenset(kinds))
    readers = [_READERS[kind] for kind in kinds if kind in _READERS]
    found = tuple(
        replace(wish, is_sure=wish.is_sure and sentence.is_accounted_for(wish))
        for read in readers
        for wish in read(sentence)
    )
    is_vague = "vague" in kinds and any(wish.command == "latest" for wish in found)
    if is_vague or any(wish.command in _OF_WORDS for wish in found):
        found = sentence.likeliest_first(found)
    if not found and "find" in kinds and not rest:
        found = (Wish("latest", is_sure=True),)
    return found or tuple(sentence.without_verb(is_led=bool(kinds)))


def _retyped(text: str, topics: Topics, local_now: datetime) -> tuple[Wish, ...]:
    """Return what the letters of another keyboard stand for, none of it sure."""
    if name := wish_of(text):
        return (Wish(name),)
    match = topics.find(text)
    if match.slugs and not match.unknown:
        return (Wish("latest", text),)
    return tuple(replace(wish, is_sure=False) for wish in _wishes(text, topics, local_now))


def _other_keyboards(text: str) -> Iterator[str]:
    """Yield the text as other keyboards write it: all of it, and its first word alone."""
    first, space, rest = text.partition(" ")
    text, first = text.casefold(), first.casefold()
    for letters in _KEYBOARDS:
        if first.isascii():
            table = str.maketrans(_KEYS, letters)
            yield from (text.translate(table), f"{first.translate(table)}{space}{rest}")
        else:
            # A command in English stands before words of another language more often than not.
            table = str.maketrans(letters, _KEYS)
            yield from (f"{first.translate(table)}{space}{rest}", text.translate(table))


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence without politeness, what follows its verb, and what it is read by."""

    whole: str
    rest: str
    topics: Topics
    local_now: datetime
    # Of its verb, as `bot/resources/typed_wishes.toml` names them.
    kinds: frozenset[str]

    @property
    def is_weak(self) -> bool:
        """Return whether the verb begins everyday phrases too."""
        return "weak" in self.kinds

    @property
    def subject(self) -> str:
        """Return what the verb acts on."""
        return subject_of(self.rest)

    def is_accounted_for(self, wish: Wish) -> bool:
        """Return whether every word of the sentence has its place in the wish, and one meaning.

        That is: a verb that asks for lasting change, and an object that is all read. What only
        shows news needs no such care.
        """
        if wish.command in _SHOWN:
            return True
        is_vague = "vague" in self.kinds
        match wish.command:
            case "topics":
                return not is_vague and self.names_topic() and not is_ambiguous(self.subject)
            case "follow" | "unmute":
                return not (is_vague or is_ambiguous(self.subject) or has_grammar(self.subject))
            case "when":
                kinds = {token.kind for token in tokenize(clean(self.whole))}
                return not is_vague or bool(kinds & _SAY_HOW)
            case "pause":
                kinds = {token.kind for token in tokenize(clean(self.rest))}
                return "word" not in kinds and (not kinds & _DAYPARTS or bool(kinds & _ENDS))
            case _:
                return not is_vague

    def likeliest_first(self, found: tuple[Wish, ...]) -> tuple[Wish, ...]:
        """Return what was found; after a search of all, and none of it sure, where it is unclear.

        Behind a verb of everyday phrases a topic, a name, and what is introduced are clear.
        """
        subject = self.subject
        is_named = is_name(subject) or subject != self.rest
        is_other = any(wish.is_sure and wish.command not in _OF_WORDS for wish in found)
        # In a title all words have capitals.
        is_clear = is_named and not is_name(self.whole)
        if is_clear or is_other or not self.is_weak:
            return found
        asked = tuple(replace(wish, is_sure=False) for wish in found)
        if self.names_topic() or is_named:
            return asked
        others = (wish for wish in asked if wish.command != "search")
        is_short = len(subject.split()) <= _MOST_WORDS and not subject[0].isdecimal()
        return (Wish("search", self.whole), *(others if is_short else ()))

    def away(self) -> Iterator[Wish]:
        """Yield what shall not come: news for a while, a topic, or a word."""
        timed = [*self.quiet()] or [*self.pause()]
        if self.is_weak:
            timed = [replace(wish, is_sure=False) for wish in timed]
        yield from timed or self.mute(is_topic_first=self.names_topic())

    def mute(self, *, is_topic_first: bool = False) -> Iterator[Wish]:
        """Yield the word that shall not come, and the topic that it names."""
        subject = self.subject
        if not may_be_subject(subject):
            return
        found = [Wish("mute", subject)] if _is_list(subject) else []
        if slugs := self.slugs(subject):
            is_read = not read_choice(self.whole).wanted and self.slugs_away() == slugs
            args = self.whole if is_read else " ".join(f"-{slug}" for slug in slugs)
            found.insert(0 if is_topic_first else len(found), Wish("topics", args))
        yield from found

    def unmute(self) -> Iterator[Wish]:
        """Yield the word that may come again."""
        yield from self.of_words("unmute", is_sure=True)

    def follow(self) -> Iterator[Wish]:
        """Yield the time of news, the topic, or else the word that shall come."""
        if timetable := tuple(self.timetable()):
            yield from timetable
        elif self.names_topic():
            yield Wish("topics", self.subject, is_sure=True)
        else:
            yield from self.of_words("follow", is_sure=True)

    def unfollow(self) -> Iterator[Wish]:
        """Yield the word that is followed no more."""
        yield from self.of_words("unfollow", is_sure=False)

    def want(self) -> Iterator[Wish]:
        """Yield when news shall come, a topic, or a word that may be followed or looked for."""
        timetable = tuple(self.timetable())
        if timetable:
            yield from timetable
        elif choice := self.choice():
            yield choice
            if "vague" in self.kinds and self.slugs(self.subject):
                yield Wish("latest", self.subject)
        else:
            yield from self.of_words("follow", is_sure=False)
            yield from self.of_words("search", is_sure=False)

    def only(self) -> Iterator[Wish]:
        """Yield the topics beside which nothing shall come, or the only time of news."""
        choice = self.choice()
        if choice is not None:
            yield replace(choice, is_sure=False)
        else:
            yield from self.timetable()

    def pause(self) -> Iterator[Wish]:
        """Yield the pause that ends some time, unless the sentence sets quiet hours."""
        typed = read_pause(self.rest, self.local_now)
        if typed and typed != "resume":
            # "Stop" is asked of a bot; "silence" and "break" stand in headlines.
            is_clear = not self.is_weak or "away" in self.kinds
            is_sure = is_clear and not typed.is_later and not any(self.quiet())
            yield Wish("pause", self.rest, is_sure)

    def quiet(self) -> Iterator[Wish]:
        """Yield the quiet hours, or that there shall be none."""
        typed = read_timetable(self.whole, Timetable())
        if typed and set(typed.settings) == {"quiet"}:
            yield Wish("when", self.whole)

    def timetable(self) -> Iterator[Wish]:
        """Yield the timetable; what it holds back is not sure."""
        typed = read_timetable(self.whole, Timetable())
        if typed and "zone" not in typed.settings:
            kinds = {token.kind for token in tokenize(clean(self.whole))}
            # A number alone says no time, and a word that is near one of ours may be another.
            is_clear = "word" not in kinds and not kinds <= {"glue", "message", "number"}
            is_sure = is_clear and typed.settings == ("when",) and not typed.other
            yield Wish("when", self.whole, is_sure)

    def find(self) -> Iterator[Wish]:
        """Yield the topic or the words that are looked for."""
        subject = self.subject
        if may_be_subject(subject):
            yield Wish("latest" if self.slugs(subject) else "search", subject, is_sure=True)

    def add(self) -> Iterator[Wish]:
        """Yield the address whose feed shall come."""
        for part in self.rest.split():
            if address := address_in(part):
                yield Wish("add", address, is_sure=split_verb(self.rest)[2] == part)

    def language(self) -> Iterator[Wish]:
        """Yield the language that the bot shall speak."""
        if language_of(self.rest):
            yield Wish("language", self.rest, is_sure=not self.is_weak)

    def without_verb(self, *, is_led: bool) -> Iterator[Wish]:
        """Yield the language, the time, or the introduced subject that a sentence names."""
        if language_of(self.whole):
            yield Wish("language", self.whole)
        tokens = tokenize(clean(self.whole))
        kinds = {token.kind for token in tokens}
        is_year = len(tokens) == 1 and tokens[0].digits >= _YEAR_DIGITS
        if "word" not in kinds and kinds & _SAY_WHEN and not is_year:
            yield from (replace(wish, is_sure=False) for wish in self.timetable())
        is_pause = is_length(tokens) or (tokens and tokens[0].kind in ("until", "for"))
        pause = read_pause(self.whole, self.local_now) if is_pause else None
        if pause and pause != "resume":
            yield Wish("pause", self.whole)
        subject = subject_of(self.whole)
        if not is_led and subject != self.whole and not self.slugs(self.whole):
            yield Wish("search", subject, is_sure=True)

    def of_words(self, command: str, *, is_sure: bool) -> Iterator[Wish]:
        """Yield the command with the subject as its words, if they can be some."""
        subject = self.subject
        if may_be_subject(subject) and _is_list(subject):
            yield Wish(command, subject, is_sure)

    def choice(self) -> Wish | None:
        """Return the choice of topics that the sentence makes, sure if it removes none."""
        typed = read_choice(self.whole)
        wanted, unwanted = self.topics.find(typed.wanted), self.topics.find(typed.unwanted)
        is_named = typed.is_all or wanted.slugs or unwanted.slugs
        if wanted.unknown or unwanted.unknown or not is_named:
            subject = self.subject
            named = self.names_topic()
            return Wish("topics", subject, is_sure=named) if self.slugs(subject) else None
        is_less = unwanted.slugs or typed.is_only or typed.is_none
        is_more = may_be_subject(self.subject) and not is_less
        return Wish("topics", self.whole, is_sure=is_more)

    def slugs(self, text: str) -> tuple[str, ...]:
        """Return the topics that are all that a text names."""
        match = self.topics.find(text)
        return () if match.unknown else match.slugs

    def slugs_away(self) -> tuple[str, ...]:
        """Return the topics that the sentence takes away."""
        return self.slugs(read_choice(self.whole).unwanted)

    def names_topic(self) -> bool:
        """Return whether the subject is a topic by its name, not by what belongs to it."""
        named = Topics(replace(topic, aliases=()) for topic in self.topics)
        match = named.find(self.subject)
        return bool(match.slugs) and not match.unknown


_READERS: Mapping[str, Callable[[_Sentence], Iterator[Wish]]] = {
    "away": _Sentence.away,
    "mute": _Sentence.mute,
    "unmute": _Sentence.unmute,
    "follow": _Sentence.follow,
    "unfollow": _Sentence.unfollow,
    "want": _Sentence.want,
    "only": _Sentence.only,
    "pause": _Sentence.pause,
    "find": _Sentence.find,
    "language": _Sentence.language,
    "add": _Sentence.add,
}


def _is_list(text: str) -> bool:
    """Return whether each part of a list may be a followed word."""
    parts = _PART.split(text)
    return bool(text) and all(
        len(part.split()) <= MAX_WORDS and len(part) <= MAX_PHRASE_CHARS for part in parts
    )
