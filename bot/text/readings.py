"""Readings: the different words that a form may be of: «мати» is to have, and mother."""

from functools import cache

from bot.resources import RESOURCES

READINGS = RESOURCES / "readings.txt"

# Other forms of a word, the most frequent first, each of that word alone.
Reading = tuple[str, ...]


def readings(word: str) -> tuple[Reading, ...]:
    """Return for each word that a casefolded form may be of some of its forms; none: of one."""
    return _table().get(word.replace("ё", "е"), ())


@cache
def _table() -> dict[str, tuple[Reading, ...]]:
    lines = (line.split() for line in READINGS.read_text("utf-8").splitlines())
    return {form: tuple(tuple(each.split(",")) for each in found) for form, *found in lines}
