"""How rare is a word in the news? Pure: from a table that comes with the code."""

from functools import cache

from bot.resources import RESOURCES

# The weight of what the table lacks: it is in fewer than one text in 1,400.
RAREST = 7.5


def rareness(key: str) -> float:
    """Return the inverse document frequency of a stem or a sound, in nats, from 0.5 to `RAREST`.

    Counted once in ../shared/data by `python -m quality.stem_counts`, so that likeness does not
    depend on what happens to be stored.
    """
    return _table().get(key, RAREST)


@cache
def _table() -> dict[str, float]:
    text = (RESOURCES / "rarity.txt").read_text("utf-8")
    table: dict[str, float] = {}
    for line in text.splitlines():
        weight, *keys = line.split()
        table |= dict.fromkeys(keys, float(weight))
    return table
