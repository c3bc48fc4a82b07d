"""Lenient parser of dates: publishers write them in many ways, and some wrongly."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# A date from before the web is wrong.
_MIN_DATE = datetime(1990, 1, 1, tzinfo=UTC)
# A publisher's clock may be this much ahead.
_MAX_LEAD = timedelta(hours=1)

# The months in Russian and Ukrainian, by the letters that all their forms share.
_MONTHS = {
    "янв": "Jan", "січ": "Jan", "фев": "Feb", "лют": "Feb", "мар": "Mar", "бер": "Mar",
    "апр": "Apr", "кві": "Apr", "мая": "May", "май": "May", "тра": "May", "июн": "Jun",
    "чер": "Jun", "июл": "Jul", "лип": "Jul", "авг": "Aug", "сер": "Aug", "сен": "Sep",
    "вер": "Sep", "окт": "Oct", "жов": "Oct", "ноя": "Nov", "лис": "Nov", "дек": "Dec",
    "гру": "Dec",
}  # fmt: skip
# Zones that the standard library reads as UTC.
_ZONES = {
    "WET": "+0000", "WEST": "+0100", "CET": "+0100", "CEST": "+0200", "EET": "+0200",
    "EEST": "+0300", "MSK": "+0300", "МСК": "+0300", "MSD": "+0400", "BST": "+0100",
    "SAMT": "+0400", "YEKT": "+0500",
}  # fmt: skip

# Days relative to the moment of reading.
_DAYS_AGO = {
    "сегодня": 0, "сьогодні": 0, "вчера": 1, "вчора": 1, "учора": 1, "позавчера": 2,
    "позавчора": 2,
}  # fmt: skip
# A longer text is no date, and would only take time.
_MAX_LENGTH = 100

_UNIX = re.compile(r"(\d{9,10})(?:\d{3})?", re.ASCII)
# "UTC+3", "GMT+02:00": east of Greenwich, as people mean it; not as in POSIX.
_OFFSET = re.compile(r"\b(?:UTC|GMT)\s*([+-])\s*(\d{1,2})(?::?(\d\d))?\b", re.ASCII)
_ZONE = re.compile(rf"\(?\b({'|'.join(_ZONES)})\b\)?", re.IGNORECASE)
_WORD = re.compile(r"[а-яёіїєґ'’ʼ]+\.?", re.IGNORECASE)
# Wednesday begins as August does.
_WEDNESDAY = "серед"
_DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4}),?", re.ASCII)
# The zero time of Go, which the standard library reads as 2001.
_NO_YEAR = re.compile(r"[A-Za-z]{3}[\s-]+00\d\d\b", re.ASCII)
_DAY_ONLY = re.compile(r"\d{1,2} [A-Za-z]{3} \d{4}", re.ASCII)
# "Mon Nov 23 08:00:00 +0200 2026": the year goes where RFC 822 has it.
_YEAR_LAST = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?([A-Za-z]{3})\s+(\d{1,2})\s+([\d:]+)\s*([+-]\d{4})?\s+(\d{4})", re.ASCII
)
# "08:00, 23 Nov 2026": the time goes where RFC 822 has it.
_TIME_FIRST = re.compile(r"^(\d{1,2}:\d\d(?::\d\d)?)[\s,]+(\d.+)$", re.ASCII)
# The end of a day, and a leap second: the standard library knows neither.
_MIDNIGHT = re.compile(r"(?<=[\sT])24:00(?::00)?(?![\d:])", re.ASCII)
_LEAP = re.compile(r"(?<=\d:\d\d):60(?!\d)", re.ASCII)
# "+02:00" outside of ISO 8601 is read as no zone at all, and "+2" as two minutes.
_SHORT_OFFSET = re.compile(r"(?<=\d\s)([+-])(\d\d?)(?::(\d\d))?(?!\S)", re.ASCII)
# The standard library ignores "am" and "pm".
_HALF_DAY = re.compile(r"\b(\d{1,2})(:\d\d(?::\d\d)?)\s*([ap])\.?m\b\.?", re.ASCII | re.IGNORECASE)
# "2017-08-01 13:55:44.364 +0200 CEST": one zone is enough, and no space before it.
_ISO_ZONE = re.compile(r"(\d)\s+([+-]\d\d:?\d\d)(?:\s+[+-]\d{4})?$", re.ASCII)


def read_date(text: str, *, now: datetime) -> datetime | None:
    """Return the instant in UTC, or None where it cannot be made out.

    A date without a zone counts as UTC. "Today" is the day of `now`.
    """
    text = text.strip()
    if len(text) > _MAX_LENGTH:
        return None
    unix = _UNIX.fullmatch(text)
    if unix:
        return datetime.fromtimestamp(int(unix[1]), UTC)
    ended, midnights = _MIDNIGHT.subn("00:00:00", text)
    text = _normalize(_LEAP.sub(":59", ended), now)
    for read in (datetime.fromisoformat, _read_rfc_822):
        try:
            instant = read(text) + timedelta(days=midnights)
            return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def plausible(instant: datetime | None) -> datetime | None:
    """Return the instant; None for one from before the web, which is wrong."""
    return instant if instant and instant >= _MIN_DATE else None


def sane(
    instant: datetime | None, *, now: datetime, ahead: timedelta = timedelta(0)
) -> datetime | None:
    """Return the instant, set back by how far its clock is `ahead`, and never later than `now`.

    None for one that is missing or absurd: from before the web, or from the future.
    """
    usable = plausible(instant)
    if usable is None or usable - now > _MAX_LEAD + ahead:
        return None
    return min(usable - ahead, now)


def _normalize(text: str, now: datetime) -> str:
    """Return the date in English, in a form that the standard library reads rightly."""

    def full_offset(match: re.Match[str]) -> str:
        return f"{match[1]}{int(match[2]):02}{match[3] or '00'}"

    def to_24_hours(match: re.Match[str]) -> str:
        half = 12 if match[3] in "pP" else 0
        return f"{int(match[1]) % 12 + half:02}{match[2]}"

    def to_english(match: re.Match[str]) -> str:
        """Translate months and near days; other words (weekdays, "року", "г.") say nothing new."""
        word = match[0].lower()
        if word in _DAYS_AGO:
            return f"{now - timedelta(days=_DAYS_AGO[word]):%d %b %Y}"
        return "" if word.startswith(_WEDNESDAY) else _MONTHS.get(word[:3], "")

    text = _HALF_DAY.sub(to_24_hours, text).replace("Sept ", "Sep ")
    text = _SHORT_OFFSET.sub(full_offset, _OFFSET.sub(full_offset, text))
    text = _ZONE.sub(lambda zone: _ZONES[zone[1].upper()], text)
    text = " ".join(_WORD.sub(to_english, text).split()).strip(", ")
    text = _TIME_FIRST.sub(r"\2 \1", text)
    text = _DOTTED.sub(lambda day: f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}", text)
    text = _ISO_ZONE.sub(r"\1\2", text) if text[:4].isdigit() else text
    year_last = _YEAR_LAST.fullmatch(text)
    if year_last:
        month, day, time, zone, year = year_last.groups()
        return f"{day} {month} {year} {time} {zone or '+0000'}"
    return text


def _read_rfc_822(text: str) -> datetime:
    # "Mon,23 Nov" and "23 Nov 2026, 08:00": commas confuse the standard library.
    text = " ".join(text.replace(",", " ").split())
    if _NO_YEAR.search(text):
        raise ValueError(text)
    return parsedate_to_datetime(f"{text} 00:00" if _DAY_ONLY.fullmatch(text) else text)
