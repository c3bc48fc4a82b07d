"""Time zones by city or UTC offset.

The cities are those of GeoNames (CC BY 4.0), in the spellings of the three languages and, if they
have more than 100,000 people, of their own; countries and more names are those of the CLDR;
`python -m quality.cities` makes the file anew.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.resources import RESOURCES
from bot.text.normalization import normalize
from bot.text.stemming import fold

CITIES = RESOURCES / "cities.txt"
# No city has a longer name.
MAX_CHARS = 100
# From Baker Island to the Line Islands.
_MIN_OFFSET, _MAX_OFFSET = timedelta(hours=-12), timedelta(hours=14)
_OFFSET = re.compile(r"(?:utc|gmt|z)?\s*([+\-−–])\s*(\d{1,2})(?:[:.]?([0-5]\d))?", re.IGNORECASE)
_FOUND_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
_CITY_OF = re.compile(r"(?:м\.|м |місто |г\.|г |город |city of |the city of )\s*", re.IGNORECASE)
# Letters that Unicode does not decompose.
_PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_NOT_LETTERS = re.compile(r"[^\w]+|_")


def find_zone(typed: str) -> str | None:
    """Return the name of the zone: "Europe/Kyiv", or "+03:00"; None: it is not known.

    A city may be in any of the languages, or by its own name, with its country or without it; a
    country of one zone is one too. An offset is written as +3, UTC+3 or GMT-03:30.
    """
    typed = typed.strip()[:MAX_CHARS]
    if typed.casefold() in ("utc", "gmt", "z"):
        return "+00:00"
    if match := _OFFSET.fullmatch(typed):
        sign, hours, minutes = "+" if match[1] == "+" else "-", int(match[2]), int(match[3] or 0)
        offset = timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
        if not _MIN_OFFSET <= offset <= _MAX_OFFSET:
            return None
        return f"{sign if offset else '+'}{hours:02}:{minutes:02}"
    cities = (city_zones().get(city_key(name)) for name in _spellings(typed))
    return next(filter(None, cities), None) or _names().get(typed.casefold())


def parse_zone(typed: str) -> str:
    """Return the name of the zone, as `find_zone` does.

    Raises:
        ValueError: if it is not known.
    """
    name = find_zone(typed)
    if name is None:
        raise ValueError("an unknown time zone")
    return name


def is_zone(name: str) -> bool:
    """Return whether `zone` knows the name: that of a removed zone, it does not."""
    try:
        zone(name)
    except (ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo:
    """Return the zone of a name as `find_zone` returns it.

    Raises:
        ValueError: if there is no such zone.
        OSError: if its file cannot be read.
    """
    if match := _FOUND_OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(offset if match[1] == "+" else -offset)
    if len(name) > MAX_CHARS:
        raise ValueError("longer than the name of any zone")
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise ValueError("an unknown time zone") from None


def city_key(name: str) -> str:
    """Return the key of a city's spellings: letters without capitals and accents."""
    bare, base = [], ""
    for letter in normalize("NFKD", name.casefold().translate(_PLAIN_LETTERS)):
        if not unicodedata.combining(letter):
            base = letter
            bare.append(letter)
        # The marks of й and ї are no accents.
        elif letter in "\u0306\u0308" and "а" <= base <= "ґ":
            bare.append(letter)
    return fold(_NOT_LETTERS.sub("", normalize("NFC", "".join(bare))))


def _spellings(typed: str) -> Iterator[str]:
    """Yield the place that was typed: all of it, without "city of", its parts between commas."""
    yield typed
    bare = typed[match.end() :] if (match := _CITY_OF.match(typed)) else typed
    yield bare
    yield from bare.split(",")
    city, _, country = bare.rpartition(" ")
    if city_key(country) in city_zones():
        yield city


@cache
def _names() -> Mapping[str, str]:
    """Return the names of the IANA zones by their casefolded forms."""
    return {name.casefold(): name for name in available_timezones()}


@cache
def city_zones() -> Mapping[str, str]:
    """Return the names of zones by the keys of their cities."""
    lines = (line.split("\t") for line in CITIES.read_text("utf-8").splitlines())
    return {key: name for name, *keys in lines for key in keys}
