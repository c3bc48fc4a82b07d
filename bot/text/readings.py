"""Readings: the different words that a form may be of: «мати» is to have, and mother."""

from functools import cache

from bot.resources import RESOURCES
from bot.text.stemming import words

READINGS = RESOURCES / "readings.txt"

# Other forms of a word, the most frequent first, each of that word alone.
Reading = tuple[str, ...]


def readings(typed: str) -> tuple[Reading, ...]:
    """Return for each word that the typed one may be a form of some of its forms; none: of one.

    Also none of a phrase, whose words tell each other apart.
    """
    match words(typed):
        case (word,):
            return _table().get(word.replace("ё", "е"), ())
        case _:
            return ()


@cache
def _table() -> dict[str, tuple[Reading, ...]]:
    lines = (line.split() for line in READINGS.read_text("utf-8").splitlines())
    return {form: tuple(tuple(each.split(",")) for each in found) for form, *found in lines}
