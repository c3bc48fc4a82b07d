"""In which time zone does a person live who names a city, or an offset? Pure but for reading files.

The cities are those of GeoNames (CC BY 4.0), in the spellings of our three languages;
`python -m quality.cities` makes the file anew.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.resources import RESOURCES
from bot.text.stemming import fold

CITIES = RESOURCES / "cities.txt"
# No city has a longer name; what a person writes may be a novel.
MAX_CHARS = 100
# From Baker Island to the Line Islands.
_LEAST, _MOST = timedelta(hours=-12), timedelta(hours=14)
_OFFSET = re.compile(r"(?:utc|gmt|z)?\s*([+\-−–])\s*(\d{1,2})(?:[:.]?([0-5]\d))?", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[^\w]+|_")


def find_zone(said: str) -> str | None:
    """Return the zone that a person means: "Europe/Kyiv", or "+03:00"; None: we know no such.

    A city may be named in any of our languages; an offset is written as +3, UTC+3 or GMT-03:30.
    """
    said = said.strip()[:MAX_CHARS]
    if said.casefold() in ("utc", "gmt", "z"):
        return "+00:00"
    if offset := _OFFSET.fullmatch(said):
        return _offset(*offset.groups())
    by_name = {name.casefold(): name for name in available_timezones()}
    return by_name.get(said.casefold()) or _cities().get(city_key(said))


def zone(name: str) -> tzinfo:
    """Return the zone of a name that `find_zone` gave."""
    if name[:1] not in "+-":
        return ZoneInfo(name)
    hours, minutes = name[1:].split(":")
    size = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(size if name[0] == "+" else -size)


def city_key(name: str) -> str:
    """Return what spellings of a city have in common: letters without capitals and accents."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", name.casefold())
        # Of й and ї the marks are no accents.
        if not unicodedata.combining(letter) or letter in "\u0306\u0308"
    )
    return fold(_NOT_LETTERS.sub("", unicodedata.normalize("NFC", bare)))


def _offset(sign: str, hours: str, minutes: str | None) -> str | None:
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if not _LEAST <= (size if sign == "+" else -size) <= _MOST:
        return None
    return f"{'+' if sign == '+' or not size else '-'}{int(hours):02}:{int(minutes or 0):02}"


@cache
def _cities() -> Mapping[str, str]:
    """Return the zones by the keys of their cities."""
    lines = (line.split("\t") for line in CITIES.read_text("utf-8").splitlines())
    return {key: name for name, *keys in lines for key in keys}
