"""Which words of two languages are one word? By a list of them. Pure."""

from functools import cache, lru_cache

from bot.resources import RESOURCES
from bot.text.stemming import stem, words


@lru_cache(maxsize=65_536)
def meaning(stemmed: str) -> str:
    """Return the English stem of a stem that the list knows, and any other as it is."""
    return _concepts().get(stemmed, stemmed)


@cache
def _concepts() -> dict[str, str]:
    text = (RESOURCES / "concepts.txt").read_text("utf-8")
    table: dict[str, str] = {}
    for line in text.splitlines():
        english, colon, others = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        known, *more = (stem(word) for word in words(english))
        table |= dict.fromkeys((stem(word) for word in words(others)), known)
        table |= dict.fromkeys(more, known)
    return table
