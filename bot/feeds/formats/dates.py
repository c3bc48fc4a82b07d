"""Lenient parser of dates: publishers write them in many ways, and some wrongly.

A date is believed only where all of its text was understood: day, month, year, time and zone.
An item without a date is harmless; with a wrong one it may never be news.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from html import unescape

from bot.feeds.formats.date_words import NOISE, age_of, is_weekday, month, zone
from bot.text.normalization import normalize

# A date from before the web is wrong.
_MIN_DATE = datetime(1990, 1, 1, tzinfo=UTC)
# A publisher's clock may be this much ahead.
_MAX_LEAD = timedelta(hours=1)
# No place on earth is further from Greenwich.
_MAX_OFFSET_HOURS = 14

# Days relative to the moment of reading.
_DAYS_AGO = {
    "сегодня": 0, "сьогодні": 0, "вчера": 1, "вчора": 1, "учора": 1, "позавчера": 2,
    "позавчора": 2, "today": 0, "yesterday": 1, "heute": 0, "gestern": 1, "vorgestern": 2,
    "aujourd'hui": 0, "aujourd’hui": 0, "avant-hier": 2, "hier": 1, "dzisiaj": 0, "dziś": 0,
    "przedwczoraj": 2, "wczoraj": 1,
}  # fmt: skip
# A longer text is no date, and would only take time.
_MAX_LENGTH = 100
_NOON = 12
# The zero time of Go is in the year 1.
_MIN_YEAR = 1000

# Of seconds, or of thousandths and less; also as ".NET" writes it: "/Date(1795943100000+0200)/".
_UNIX = re.compile(
    r"(?:/?Date\()?(?:(\d{10})(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?|(\d{9}))(?:[+-]\d{4})?(?:\)/?)?",
    re.ASCII,
)
# "20261123T060000Z" and "20261123060000": the form that needs no separators.
_COMPACT = re.compile(
    r"\b(\d{4})(\d\d)(\d\d)(?:[ t]?(\d\d)(\d\d)(\d\d)?(?:[.,]\d{1,9})?)?(?=z|\b|[+-])"
)
# "2026年11月29日 20時15分" and "2026년 11월 29일".
_EASTERN_DATE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号]?")
_EASTERN_TIME = re.compile(
    r"(\d{1,2})\s*[時时点點시]\s*(\d{1,2})\s*[分분](?:\s*(\d{1,2})\s*[秒초])?"
)
_EASTERN_HALF = re.compile(r"(上午|午前|오전|下午|午後|오후)\s*(\d{1,2}:\d\d(?::\d\d)?)")
_EASTERN_WEEKDAY = re.compile(
    r"\(?(?:(?:星期|周|週)[一二三四五六日天]|[月火水木金土日월화수목금토일](?:曜日?|요일)?)\)?"
)

_LABEL = re.compile(
    r"^(?:published|posted|updated|created|date|опубліковано|опубликовано|оновлено|обновлено|дата"
    r"|veröffentlicht|aktualisiert|publié|opublikowano)(?:\s+(?:on|at|am|le))?\s*:?\s+"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})\s*([-/.\u2010-\u2015])\s*(\d{1,2})\s*\2\s*(\d{1,2})(?!\d)"
)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d\d(?=\D|$))(?!\d)")
_WORD = r"([^\W\d_][^\W\d_'’ʼ׳]*)"
_GAP = r"[\s.,/\-\u2010-\u2015]{0,3}"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_OF = r"(?:\s(?:de|of|d[ei]l?)\b)?"
_NAMED = (
    re.compile(rf"(?<!\d)(?P<d>{_DAY}){_OF}{_GAP}(?P<m>{_WORD}){_OF}{_GAP}(?P<y>\d{{4}}|['’]?\d\d)(?!\d|:)"),
    re.compile(rf"(?<!\w)(?P<m>{_WORD}){_GAP}(?P<d>{_DAY}){_GAP}(?P<y>\d{{4}})(?!\d|:)"),
    re.compile(rf"(?<!\d)(?P<y>\d{{4}}){_GAP}(?P<m>{_WORD}){_GAP}(?P<d>{_DAY})(?!\d|:)"),
    # "Mon Nov 23 08:00:00 EET 2026"; what is between is read later.
    re.compile(rf"(?<!\w)(?P<m>{_WORD}){_GAP}(?P<d>{_DAY})(?P<rest>\s\d{{1,2}}:.{{2,60}}?\s)(?P<y>\d{{4}})(?!\S)"),
)  # fmt: skip
_TIME = re.compile(
    r"(?<![\d:])t?(\d{1,2})(?:\s?[:.h]\s?|:(?=\d(?!\d)))(\d\d|(?<=:)\d)"
    r"(?:[:.](\d{1,2})(?:[.,]\d{1,9})?)?"
    r"(?![\d:])(?:\s*([ap])\.?\s?m\b\.?)?"
)
_HOUR_ALONE = re.compile(r"(?<![\d:])(\d{1,2})\s*([ap])\.?\s?m\b\.?|(?<=\dt)(\d\d)(?!\d)")
# "UTC+3" and "GMT+02:00" are east of Greenwich, as people mean it; not as in POSIX.
_OFFSET = re.compile(
    r"(?:\b(?:utc|gmt)\s?|(?<=[\s\d(a-z]))([+\-\u2212])\s?(\d{1,2})(?::?(\d\d))?(?![\d:])"
)
_ZONE = re.compile(r"(?:(?<=\d)|\b)([a-z]+(?:[/_-][a-z_]+)+|[^\W\d_]{1,5})\b")
_COMMENT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_TOKEN = re.compile(r"[^\W_]+['’ʼ]?[^\W_]*")
# Stands where the time was.
_CLOCK = "\N{WATCH}"
# Marks of direction and width, which nobody sees.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SEPARATORS = re.compile(rf"[\s,.;|·•()\[\]\-\u2010-\u2015/{_CLOCK}]*")


def read_date(text: str, *, now: datetime) -> datetime | None:
    """Return the instant in UTC, or None where any part of the text is not understood.

    A date without a zone counts as UTC, a day without a time as its midnight. "Today" is the
    day of `now`. Of 03/04/2026 nobody can tell which is the month.
    """
    text = _UNSEEN.sub("", unescape(text[: 2 * _MAX_LENGTH])).strip()
    if len(text) > _MAX_LENGTH:
        return None
    unix = _UNIX.fullmatch(text)
    if unix:
        return datetime.fromtimestamp(int(unix[1] or unix[2]), UTC)
    plain = _LABEL.sub("", normalize("NFKC", text).casefold())
    if age := age_of(plain):
        return now - age
    try:
        parts = _DateText(_westernized(plain))
        day, clock = parts.take_date(now)
        clock = parts.take_time() if clock is None else clock
        instant = (day.replace(tzinfo=parts.take_zone()) + clock).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Of the words that are left none may say anything.
    left = _TOKEN.sub(
        lambda word: "" if word[0] in NOISE or is_weekday(word[0]) else "?", parts.left
    )
    return instant if _SEPARATORS.fullmatch(left) else None


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


def _westernized(text: str) -> str:
    """Return the date with the signs of Chinese, Japanese and Korean replaced."""

    def to_24_hours(match: re.Match[str]) -> str:
        return f"{match[2]} {'am' if match[1] in ('上午', '午前', '오전') else 'pm'}"

    if not any(mark in text for mark in "年년月월"):
        return text
    text = _EASTERN_DATE.sub(r" \1-\2-\3 ", text)
    text = _EASTERN_TIME.sub(lambda time: ":".join(filter(None, time.groups())), text)
    return _EASTERN_WEEKDAY.sub(" ", _EASTERN_HALF.sub(to_24_hours, text))


@dataclass(slots=True)
class _DateText:
    """The text of a date, out of which its parts are taken; `left` is what was not taken yet.

    A part that makes no sense is a ValueError.
    """

    left: str

    def take_date(self, now: datetime) -> tuple[datetime, timedelta | None]:
        """Take the day, and the time where it is written without separators."""
        if compact := _COMPACT.search(self.left):
            year, number, day, *clock = (int(group or 0) for group in compact.groups())
            self._cut(compact)
            return _day(year, number, day), _duration(*clock) if compact[4] else None
        if numeric := _YEAR_FIRST.search(self.left):
            self._cut(numeric)
            return _day(int(numeric[1]), int(numeric[3]), int(numeric[4])), None
        if numeric := _YEAR_LAST.search(self.left):
            self._cut(numeric)
            return _day_first(numeric), None
        return self.take_named_month() or self.take_relative_day(now), None

    def take_named_month(self) -> datetime | None:
        """Take the day whose month is a word; None: there is no month."""
        for form in _NAMED:
            for date in form.finditer(self.left):
                number = month(date["m"])
                if number:
                    day = int("".join(filter(str.isdigit, date["d"])))
                    self._cut(date, put=f" {date.groupdict().get('rest', '')} ")
                    return _day(_year(date["y"].strip("'’")), number, day)
        return None

    def take_relative_day(self, now: datetime) -> datetime:
        """Take the word for today, yesterday or the day before."""
        for word, days in _DAYS_AGO.items():
            before, found, after = self.left.partition(word)
            if found and not (before[-1:].isalpha() or after[:1].isalpha()):
                self.left = f"{before} {after}"
                near = now - timedelta(days=days)
                return _day(near.year, near.month, near.day)
        raise ValueError(self.left)

    def take_time(self) -> timedelta:
        """Take the time of the day; zero where there is none."""
        found = _TIME.search(self.left)
        if found:
            hours, minutes, seconds, half = found.groups()
        else:
            found = _HOUR_ALONE.search(self.left)
            if found is None:
                return timedelta(0)
            hours, minutes, seconds, half = found[1] or found[3], "0", "0", found[2]
        self._cut(found, put=f" {_CLOCK} ")
        return _duration(int(hours), int(minutes), int(seconds or 0), half=half)

    def take_zone(self) -> tzinfo:
        """Take the zone; a written offset outweighs a name beside it, and what is in brackets."""
        if offset := _OFFSET.search(self.left):
            hours, minutes = int(offset[2]), int(offset[3] or 0)
            if hours > _MAX_OFFSET_HOURS or minutes >= 60:
                raise ValueError(self.left)
            self._cut(offset)
            rest = _COMMENT.sub(" ", self.left)
            self.left = _ZONE.sub(lambda name: " " if zone(name[1]) else name[0], rest)
            east = timedelta(hours=hours, minutes=minutes)
            return timezone(east if offset[1] == "+" else -east)
        # Before the time, "Pt" is a Friday in Poland and "Et" nothing.
        for name in _ZONE.finditer(self.left, self.left.find(_CLOCK) + 1):
            found = None if name[1] in NOISE else zone(name[1])
            if found is not None:
                # "GMT GMT" is one zone.
                self.left = re.sub(rf"\b{re.escape(name[1])}\b", " ", _COMMENT.sub(" ", self.left))
                return found
        return UTC

    def _cut(self, part: re.Match[str], *, put: str = " ") -> None:
        self.left = f"{self.left[: part.start()]}{put}{self.left[part.end() :]}"


def _day_first(date: re.Match[str]) -> datetime:
    """Return the day of "29.11.2026", or of "11/29/2026" where only that makes sense.

    Raises:
        ValueError: if nobody can tell day from month, or day from year.
    """
    first, separator, second, year = int(date[1]), date[2], int(date[3]), date[4]
    if len(year) < len("2026") and separator != ".":
        raise ValueError(date[0])
    if second > _NOON >= first:  # more than there are months
        return _day(_year(year), first, second)
    if separator == "/" and first <= _NOON and first != second:
        raise ValueError(date[0])
    return _day(_year(year), second, first)


def _day(year: int, number: int, day: int) -> datetime:
    if year < _MIN_YEAR:
        raise ValueError(year)
    return datetime(year, number, day)  # noqa: DTZ001 (its zone is read later)


def _year(digits: str) -> int:
    """Return the year; of two digits that of this century. Source: RFC 2822, section 4.3."""
    return int(digits) + (2000 if len(digits) == len("26") else 0)


def _duration(hours: int, minutes: int, seconds: int, *, half: str | None = None) -> timedelta:
    """Return the time of a day; 24:00 is its end, and a leap second is the one before.

    `half` of the day is "a", "p" or None.

    Raises:
        ValueError: if there is no such time.
    """
    is_of_24 = half is None or (half == "p" and _NOON < hours < 2 * _NOON)  # "21:40 PM"
    if not is_of_24:
        if not 1 <= hours <= _NOON:
            raise ValueError(hours, half)
        hours = hours % _NOON + (_NOON if half == "p" else 0)
    is_end = (hours, minutes, seconds) == (24, 0, 0)
    if not is_end and not (hours < 24 and minutes < 60 and seconds <= 60):
        raise ValueError(hours, minutes, seconds)
    return timedelta(hours=hours, minutes=minutes, seconds=min(seconds, 59))
