"""Tokens of typed text, and the cursor that moves over them: numbers, signs, words by meaning.

The words are data, `bot/resources/typed_words.toml`; of phrases that overlap the longest counts.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.resources import RESOURCES
from bot.text.confusables import APOSTROPHES, fold_confusables
from bot.text.normalization import normalize
from bot.text.spelling import nearest

# No sentence that sets a time is longer.
MAX_CHARS = 200
_FILE = RESOURCES / "typed_words.toml"
# «9-й» is a number too.
_LEXEME = re.compile(r"\d+(?:-[аоуйіїгмтхєея]{1,3}(?![^\W_]))?|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]")
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
_TENS = range(20, 100, 10)
_SIGNS = {
    ":": "colon", ".": "dot", ",": "comma", ";": "comma", **dict.fromkeys("-–—−‑‒―~", "dash"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or sign: its `kind`, and its `value` within it.

    The kinds of words are those of the data file, "number" for digits too, "dash", "colon", "dot",
    "comma" and "sign" for signs, and "word" for one that is not known. `digits` are how many a
    number was written with, 0 for one in words. `start` and `end` are its place in the text.
    """

    kind: str
    value: str
    start: int
    end: int
    digits: int = 0

    @property
    def number(self) -> int:
        """Return the value as a number."""
        return int(self.value)


_END = Token("end", "", start=0, end=0)


@dataclass(slots=True)
class Cursor:
    """The tokens, and the `place` of the next one; one beyond them is of the kind "end"."""

    tokens: Sequence[Token]
    place: int = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return the next token, or one further ahead."""
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else _END

    def take(self, *kinds: str) -> Token | None:
        """Return the next token and step over it; None: it is of none of the kinds."""
        token = self.peek()
        if token.kind not in kinds:
            return None
        self.place += 1
        return token

    def skip(self, *kinds: str) -> bool:
        """Step over all tokens of these kinds that follow; return whether there was one."""
        start = self.place
        while self.take(*kinds):
            pass
        return self.place > start

    def is_close(self) -> bool:
        """Return whether no space stands before the next token."""
        return self.place > 0 and self.peek().start == self.tokens[self.place - 1].end


def clean(typed: str) -> str:
    """Return the text as it is read: without capitals and look-alike letters, and not too long."""
    text = normalize("NFKC", typed[:MAX_CHARS]).translate(_APOSTROPHES)
    return " ".join(fold_confusables(text).casefold().split())[:MAX_CHARS]


def tokenize(cleaned: str) -> tuple[Token, ...]:
    """Return the tokens of a text that `clean` returned."""
    return tuple(_with_compound_numbers(_tokens(cleaned)))


@cache
def meanings() -> Mapping[tuple[str, ...], tuple[str, str]]:
    """Return the kind and the value of each phrase, which is split into its lexemes."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for kind, table in document.items():
        values = {name: part for name, part in table.items() if isinstance(part, dict)}
        plain = {name: part for name, part in table.items() if isinstance(part, str)}
        for value, phrases in (*values.items(), ("", plain)):
            for phrase in ", ".join(phrases.values()).split(","):
                key = tuple(_LEXEME.findall(clean(phrase)))
                found.setdefault(key, (kind, value))
    found.pop((), None)
    return found


@cache
def _max_lexemes() -> int:
    return max(map(len, meanings()))


def _tokens(text: str) -> Iterator[Token]:
    lexemes = list(_LEXEME.finditer(text))
    known, place = meanings(), 0
    while place < len(lexemes):
        first = lexemes[place]
        if first[0][0].isdecimal():
            digits = first[0].partition("-")[0]
            yield Token("number", str(int(digits)), *first.span(), digits=len(digits))
            place += 1
            continue
        longest = min(_max_lexemes(), len(lexemes) - place)
        for length in range(longest, 0, -1):
            found = known.get(tuple(lexeme[0] for lexeme in lexemes[place : place + length]))
            if found:
                break
        else:
            kind = "word" if first[0][0].isalpha() else _SIGNS.get(first[0], "sign")
            found, length = (kind, first[0]), 1
        yield Token(*found, start=first.start(), end=lexemes[place + length - 1].end())
        place += length


def _with_compound_numbers(tokens: Iterator[Token]) -> Iterator[Token]:
    """Join «двадцять» and «два» to 22."""
    tens: Token | None = None
    for token in tokens:
        is_word = token.kind == "number" and not token.digits
        if tens and is_word and 0 < token.number < 10:
            total = str(tens.number + token.number)
            yield Token("number", total, start=tens.start, end=token.end)
            tens = None
            continue
        if tens:
            yield tens
        tens = token if is_word and token.number in _TENS else None
        if tens is None:
            yield token
    if tens:
        yield tens


def corrected(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return the tokens with each word that is not known as the one that is a letter away."""
    # A number is not guessed.
    known = {
        key[0]: meaning
        for key, meaning in meanings().items()
        if len(key) == 1 and meaning[0] != "number"
    }
    return tuple(
        replace(token, kind=known[near][0], value=known[near][1])
        if token.kind == "word" and (near := nearest(token.value, known))
        else token
        for token in tokens
    )
