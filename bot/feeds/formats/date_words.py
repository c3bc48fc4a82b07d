"""Words of dates: months and weekdays of many languages, and zones by name."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale

from bot.text.normalization import normalize

_LANGUAGES = [
    "uk", "ru", "en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "ro", "hu", "el", "tr",
    "bg", "be", "sr", "lt", "lv", "et", "fi", "sv", "da", "nb", "ka", "hy", "kk", "az", "he", "ar",
    "id",
]  # fmt: skip

# The first letters that all forms of a month share in Russian and Ukrainian.
_STEMS = {
    "янв": 1, "січ": 1, "фев": 2, "лют": 2, "мар": 3, "бер": 3, "апр": 4, "кві": 4, "мая": 5,
    "май": 5, "тра": 5, "июн": 6, "чер": 6, "июл": 7, "лип": 7, "авг": 8, "сер": 8, "сен": 9,
    "вер": 9, "окт": 10, "жов": 10, "ноя": 11, "лис": 11, "дек": 12, "гру": 12,
}  # fmt: skip
_ENGLISH = """
jan january feb february mar march apr april may may jun june jul july aug august sep september
oct october nov november dec december
"""
_ENGLISH_MONTHS = {name: place // 2 + 1 for place, name in enumerate(_ENGLISH.split())}
# Beside a date they add nothing: "23 листопада 2026 року о 08:00", "am 23. November um 8:00 Uhr".
NOISE = frozenset({
    "г", "год", "года", "р", "рік", "року", "в", "во", "о", "об", "у", "at", "on", "the", "of", "à",
    "le", "la", "de", "del", "di", "den", "der", "el", "um", "uhr", "kl", "klo", "st", "nd", "rd",
    "th", "t",
})  # fmt: skip

_NUMBER_WORDS = "a|an|one|ein|eine|einer|einem|un|une|одну|один|jedn[ąa]"
_AGE = re.compile(
    rf"(?P<before>vor|il y a|около)?\s*(?:about|over|ca\.?|etwa|environ|около|близько|ok\.)?\s*"
    rf"(?:(?P<count>\d{{1,3}})|{_NUMBER_WORDS})?\s*(?P<unit>[^\W\d_]{{1,12}})\.?"
    rf"(?:\s*(?P<after>ago|тому|назад|temu))?"
)
# The beginnings of words for a unit; of several the longest counts.
_UNITS = {
    "s": 1, "sec": 1, "sek": 1, "сек": 1, "m": 60, "min": 60, "хв": 60, "мин": 60, "h": 3600,
    "hour": 3600, "hr": 3600, "год": 3600, "час": 3600, "ч": 3600, "stund": 3600, "std": 3600,
    "heur": 3600, "godz": 3600, "g": 3600, "d": 86400, "day": 86400, "ден": 86400, "дн": 86400,
    "дні": 86400, "доб": 86400, "сут": 86400, "tag": 86400, "jour": 86400, "dzie": 86400,
    "dni": 86400, "week": 604800, "тиж": 604800, "недел": 604800, "woche": 604800,
    "semain": 604800, "tydz": 604800, "tygod": 604800,
}  # fmt: skip
_NOW = frozenset({
    "now", "just now", "moments ago", "щойно", "тільки що", "только что", "сейчас", "gerade eben",
    "à l'instant", "przed chwilą",
})  # fmt: skip
_ONE_LETTER_UNITS = frozenset({"s", "m", "h", "ч", "g", "d"})
# Weekdays as people shorten them, beside those of the locales.
_SHORT_WEEKDAYS = frozenset({
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday", "пн", "вт", "ср", "чт", "пт", "сб", "нд", "вс",
    "tues", "wednes", "thur", "thurs", "satur", "нед", "пнд", "втр", "срд", "чтв", "птн", "сбт",
    "суб", "четв", "пят", "сер", "серед",
})  # fmt: skip

# By offset in minutes. Of a name with several meanings the one of RFC 822, else the commonest.
_OFFSETS = {
    0: "z ut utc gmt wet", 60: "cet met bst west wat", 120: "cest mest eet cat sast",
    180: "eest msk мск eat trt idt", 210: "irst", 240: "msd samt gst azt get", 270: "aft",
    300: "yekt pkt uzt tmt", 330: "ist slst", 345: "npt", 360: "omst kgt bdt btt", 390: "mmt",
    420: "krat novt ict wib", 480: "irkt hkt sgt pht wita myt awst", 540: "yakt jst kst wit",
    570: "acst", 600: "vlat aest chst", 630: "acdt", 660: "magt aedt sret", 720: "pett nzst fjt",
    780: "nzdt", -60: "azot cvt", -120: "fnt", -180: "adt brt art uyt clst", -150: "ndt",
    -210: "nst", -240: "ast edt clt vet bot", -300: "est cdt cot pet ect", -360: "cst mdt",
    -420: "mst pdt", -480: "pst akdt", -540: "akst", -600: "hst hast", -660: "sst",
}  # fmt: skip
_ZONES: dict[str, tzinfo] = {
    name: timezone(timedelta(minutes=minutes))
    for minutes, names in _OFFSETS.items()
    for name in names.split()
}
_MARKS = re.compile("[.'’ʼ׳]")
# By whether it is summer there.
_PLACES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver",
    "pt": "America/Los_Angeles", "akt": "America/Anchorage", "ht": "Pacific/Honolulu",
}  # fmt: skip


def age_of(text: str) -> timedelta | None:
    """Return how long ago "2 hours ago" is, in lower case; None: the text says nothing so."""
    if text in _NOW:
        return timedelta(seconds=1)
    found = _AGE.fullmatch(text)
    if found is None or not (found["before"] or found["after"]):
        return None
    unit = found["unit"]
    known = (start for start in _UNITS if unit.startswith(start))
    start = max(known, key=len, default="")
    if not start or (start in _ONE_LETTER_UNITS and unit != start):
        return None
    return int(found["count"] or 1) * timedelta(seconds=_UNITS[start])


def zone(name: str) -> tzinfo | None:
    """Return the zone of a name in lower case: "eet", "pt", "europe/kyiv"; None: it is unknown."""
    known = _ZONES.get(name)
    if known is not None:
        return known
    key = _place_names().get(_PLACES.get(name, name).lower())
    return None if key is None else ZoneInfo(key)


def month(word: str) -> int | None:
    """Return the month, from 1 to 12, of a word in lower case; None: it is none."""
    plain = _plain(word)
    # The other languages are loaded only for a word that needs them.
    return _ENGLISH_MONTHS.get(plain) or _STEMS.get(plain[:3]) or _months().get(plain)


def is_weekday(word: str) -> bool:
    """Return whether a word in lower case is a day of the week."""
    plain = _plain(word)
    return plain in _SHORT_WEEKDAYS or plain in _weekdays()


@cache
def _place_names() -> dict[str, str]:
    """Return the names of zones that are places, by their lower case."""
    return {name.lower(): name for name in available_timezones() if "/" in name}


@cache
def _months() -> dict[str, int]:
    """Return the months by name, without names that are two months in two languages."""
    numbers: dict[str, set[int]] = {"sept": {9}}
    for names in _names("months"):
        for number, name in names.items():
            numbers.setdefault(_plain(name), set()).add(number)
    return {
        name: next(iter(found))
        for name, found in numbers.items()
        if len(found) == 1 and name.isalpha() and len(name) > 1
    }


@cache
def _weekdays() -> frozenset[str]:
    names = {_plain(name) for day_names in _names("days") for name in day_names.values()}
    # Hyphens and spaces part words: "quinta-feira".
    parts = {part for name in names for part in name.replace("-", " ").split()}
    return frozenset(parts | _SHORT_WEEKDAYS) - _months().keys()


def _names(kind: str) -> Iterator[dict[int, str]]:
    for language in _LANGUAGES:
        forms = getattr(Locale(language), kind)
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated", "short"):
                yield dict(forms[form].get(width, {}))


def _plain(word: str) -> str:
    """Return the word in lower case, without accents of Latin and Greek letters, and stops."""
    folded = normalize("NFD", _MARKS.sub("", word.casefold()))
    # Of Cyrillic letters the marks matter: й is not и.
    is_cyrillic = any("\u0400" <= letter <= "\u04ff" for letter in folded)
    kept = folded if is_cyrillic else (c for c in folded if not unicodedata.combining(c))
    return normalize("NFC", "".join(kept))
