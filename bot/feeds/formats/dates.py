"""When does this date say? Publishers write dates in many ways, and some wrongly. Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# News from before the web is a date gone wrong.
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
# A publisher's clock may be that much ahead of ours.
_SKEW = timedelta(hours=1)

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

# Days that are named by when they are read.
_DAYS_AGO = {
    "сегодня": 0, "сьогодні": 0, "вчера": 1, "вчора": 1, "учора": 1, "позавчера": 2,
    "позавчора": 2,
}  # fmt: skip
# A longer text is no date, and would only keep its readers busy.
_MAX_LENGTH = 100

_UNIX = re.compile(r"(\d{9,10})(?:\d{3})?", re.ASCII)
# "UTC+3", "GMT+02:00": as people mean it, east of Greenwich; not as POSIX does.
_OFFSET = re.compile(r"\b(?:UTC|GMT)\s*([+-])\s*(\d{1,2})(?::?(\d\d))?\b", re.ASCII)
_ZONE = re.compile(rf"\(?\b({'|'.join(_ZONES)})\b\)?", re.IGNORECASE)
_WORD = re.compile(r"[а-яёіїєґ'’ʼ]+\.?", re.IGNORECASE)
# Wednesday begins as August does.
_WEDNESDAY = "серед"
_DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4}),?", re.ASCII)
# The zero time of Go, which the standard library reads as of 2001.
_NO_YEAR = re.compile(r"[A-Za-z]{3}[\s-]+00\d\d\b", re.ASCII)
_DAY_ONLY = re.compile(r"\d{1,2} [A-Za-z]{3} \d{4}", re.ASCII)
# "Mon Nov 23 08:00:00 +0200 2026": the year goes where RFC 822 has it.
_YEAR_LAST = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?([A-Za-z]{3})\s+(\d{1,2})\s+([\d:]+)\s*([+-]\d{4})?\s+(\d{4})", re.ASCII
)
# "2017-08-01 13:55:44.364 +0200 CEST": one zone is enough, and no space before it.
# "08:00, 23 Nov 2026": the time goes where RFC 822 has it.
_TIME_FIRST = re.compile(r"^(\d{1,2}:\d\d(?::\d\d)?)[\s,]+(\d.+)$", re.ASCII)
# The end of a day, and a leap second: the standard library knows neither.
_MIDNIGHT = re.compile(r"(?<=[\sT])24:00(?::00)?(?![\d:])", re.ASCII)
_LEAP = re.compile(r"(?<=\d:\d\d):60(?!\d)", re.ASCII)
# "+02:00" outside of ISO 8601 is read as no zone at all, and "+2" as two minutes.
_SHORT_OFFSET = re.compile(r"(?<=\d\s)([+-])(\d\d?)(?::(\d\d))?(?!\S)", re.ASCII)
# The standard library drops the half of the day.
_HALF_DAY = re.compile(r"\b(\d{1,2})(:\d\d(?::\d\d)?)\s*([ap])\.?m\b\.?", re.ASCII | re.IGNORECASE)
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
    text = _repaired(_LEAP.sub(":59", ended), now)
    for read in (datetime.fromisoformat, _rfc_822):
        try:
            instant = read(text) + timedelta(days=midnights)
            return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def plausible(instant: datetime | None) -> datetime | None:
    """Return the instant, None for one from before the web: a date gone wrong."""
    return instant if instant and instant >= _FIRST else None


def sane(
    instant: datetime | None, *, now: datetime, ahead: timedelta = timedelta(0)
) -> datetime | None:
    """Return the instant, set back by what its clock is `ahead`, and never later than `now`.

    None for one that is missing or absurd: from before the web, or from the future.
    """
    known = plausible(instant)
    if known is None or known - now > _SKEW + ahead:
        return None
    return min(known - ahead, now)


def _repaired(text: str, now: datetime) -> str:
    text = _HALF_DAY.sub(_whole_day, text).replace("Sept ", "Sep ")
    text = _SHORT_OFFSET.sub(_offset, _OFFSET.sub(_offset, text))
    text = _ZONE.sub(lambda zone: _ZONES[zone[1].upper()], text)
    text = " ".join(_WORD.sub(lambda word: _word(word, now), text).split()).strip(", ")
    text = _TIME_FIRST.sub(r"\2 \1", text)
    text = _DOTTED.sub(_dotted, text)
    text = _ISO_ZONE.sub(r"\1\2", text) if text[:4].isdigit() else text
    year_last = _YEAR_LAST.fullmatch(text)
    if year_last:
        month, day, time, zone, year = year_last.groups()
        return f"{day} {month} {year} {time} {zone or '+0000'}"
    return text


def _offset(match: re.Match[str]) -> str:
    return f"{match[1]}{int(match[2]):02}{match[3] or '00'}"


def _whole_day(match: re.Match[str]) -> str:
    half = 12 if match[3] in "pP" else 0
    return f"{int(match[1]) % 12 + half:02}{match[2]}"


def _word(match: re.Match[str], now: datetime) -> str:
    """Translate months and near days; other words (weekdays, "року", "г.") say nothing new."""
    word = match[0].lower()
    if word in _DAYS_AGO:
        return f"{now - timedelta(days=_DAYS_AGO[word]):%d %b %Y}"
    return "" if word.startswith(_WEDNESDAY) else _MONTHS.get(word[:3], "")


def _dotted(match: re.Match[str]) -> str:
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"


def _rfc_822(text: str) -> datetime:
    # "Mon,23 Nov" and "23 Nov 2026, 08:00": commas only confuse the standard library.
    text = " ".join(text.replace(",", " ").split())
    if _NO_YEAR.search(text):
        raise ValueError(text)
    return parsedate_to_datetime(f"{text} 00:00" if _DAY_ONLY.fullmatch(text) else text)
