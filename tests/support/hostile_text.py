"""Shapes of text that make careless code slow, and the openings of a regular expression."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import product
from string import ascii_lowercase
from typing import Any

# Returns text of about so many characters.
Shape = Callable[[int], str]

# A repetition of more is one that hostile text can make long.
_LONG_REPETITION = 100

UNITS = (
    *("a", "Я", ".", "…", "(", "[", '"', "«", "1", "\n", " ", "-", "/", "@", "%", "&", "<", "\\"),
    *("\u0316\u0301", "\u0301a", "a ", "A ", "г. А ", "1.", '" ', "«а» ", "[a", "aА", "'a"),
    *("<a>", "<p>a", "<!--", "<![CDATA[", "<a a=", "<a href='", '<a href="/x">a', "<b><i>"),
    *("a=1 ", "<item>", "&#", "&a;", "?a&", "%d1", "xn--a.", "www.", "https://a.example/"),
    *('{"a":', '["', "(adsbygoogle", "Читайте також "),
)


def repeated(unit: str) -> Shape:
    """Return the shape of one unit again and again."""
    return lambda length: (unit * (length // len(unit) + 1))[:length]


def different(pattern: str) -> Shape:
    """Return the shape of parts that all differ, in place of the {} of the pattern."""

    def text(length: int) -> str:
        count = length // (len(pattern) + 2)
        letters = map("".join, product(ascii_lowercase, repeat=4))
        return "".join(pattern.replace("{}", next(letters)) for _ in range(count))

    return text


SHAPES: Mapping[str, Shape] = {repr(unit): repeated(unit) for unit in UNITS} | {
    "a long word, then initials": lambda n: "a" * (n // 2) + " " + repeated("г. А ")(n // 2),
    "blanks between two letters": lambda n: "a" + " " * n + "b",
    "letters, then a mark": lambda n: "a" * n + "!",
    "quotations closed elsewhere": lambda n: "«" * (n // 4) + repeated("A». ")(3 * n // 4),
    "a tag of odd quotation marks": lambda n: "<a" + repeated(" a=\"b' ")(n),
    "an unfinished tag": lambda n: "<a" + " " * n,
    "different words": different("{} "),
    "different names": different("a A{} "),
    "different attributes": lambda n: f"<opml><outline {different(_ATTRIBUTE)(n)}/></opml>",
    "different entities": different("&{};"),
    "deep markup": lambda n: "<b>" * (n // 7) + "</b>" * (n // 7),
    "deep list": lambda n: "[" * (n // 2) + "]" * (n // 2),
}
_ATTRIBUTE = "{}='' "


def openings(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Yield texts that the pattern matches up to each of its long repetitions.

    Repeated, such a text makes a search begin again and again, each time in vain.
    """
    flags = pattern.flags & ~re.DEBUG
    if isinstance(pattern.pattern, bytes):
        source = pattern.pattern.decode("latin-1")
    else:
        source = pattern.pattern
    yield from _openings(list(import_module("re._parser").parse(source, flags)), "")


def _openings(parts: Sequence[Any], before: str) -> Iterator[str]:
    for index, (kind, argument) in enumerate(parts):
        rest = parts[index + 1 :]
        match str(kind):
            case "BRANCH":
                for branch in argument[1]:
                    yield from _openings([*branch, *rest], before)
                return
            case "SUBPATTERN":
                yield from _openings([*argument[3], *rest], before)
                return
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, repeated_part = argument
                is_long = int(high) > _LONG_REPETITION
                if is_long and before:
                    yield before
                before += _example(repeated_part) * max(min(int(low), 50), is_long)
            case _:
                before += _example([(kind, argument)])


def _example(parts: Sequence[Any]) -> str:  # noqa: C901, PLR0912
    """Return a short text that the parts of a pattern match."""
    text = ""
    for kind, argument in parts:
        match str(kind):
            case "LITERAL":
                text += chr(argument)
            case "NOT_LITERAL" | "ANY":
                text += "a"
            case "IN":
                text += _member(argument)
            case "SUBPATTERN":
                text += _example(argument[3])
            case "ATOMIC_GROUP":
                text += _example(argument)
            case "BRANCH":
                text += _example(argument[1][0])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                text += _example(argument[2]) * min(int(argument[0]), 50)
            case _:
                pass  # a place, such as the beginning of a word
    return text


def _member(options: Sequence[Any]) -> str:
    """Return a character of a class, such as [a-z]."""
    if str(options[0][0]) == "NEGATE":
        return next((sign for sign in "aA1 .—" if not _is_any(options[1:], sign)), "—")
    kind, argument = str(options[0][0]), options[0][1]
    if kind == "LITERAL":
        return chr(argument)
    if kind == "RANGE":
        return chr(argument[0])
    return next((sign for sign in "a1 —" if _is_any(options[:1], sign)), "a")


def _is_any(options: Sequence[Any], sign: str) -> bool:
    is_word = sign.isalnum() or sign == "_"
    categories = {"DIGIT": sign.isdigit(), "SPACE": sign.isspace(), "WORD": is_word}
    for kind, argument in options:
        match str(kind):
            case "LITERAL" if sign == chr(argument):
                return True
            case "RANGE" if argument[0] <= ord(sign) <= argument[1]:
                return True
            case "CATEGORY":
                name = str(argument).removeprefix("CATEGORY_")
                if categories[name.removeprefix("NOT_")] != name.startswith("NOT_"):
                    return True
            case _:
                pass
    return False
