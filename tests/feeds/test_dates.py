from datetime import UTC, datetime, timedelta

import pytest

from bot.feeds.dates import read_date, sane
from tests.fakes import NOON

SIX = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 23 Nov 2026 08:00:00 +0200",
        "Mon, 23 Nov 2026 06:00:00 GMT",
        "Mon, 23 Nov 2026 06:00:00 Z",
        "Mon, 23 Nov 2026 06:00:00",
        "Sun, 23 Nov 2026 08:00:00 +0200",
        "Mon,23 Nov 2026 08:00:00 +0200",
        "Mon, 23 Nov 26 08:00 +0200",
        "Mon, 23 Nov 2026 01:00:00 EST",
        "Mon, 23 Nov 2026 08:00:00 EET",
        "Mon, 23 Nov 2026 09:00:00 EEST",
        "Mon, 23 Nov 2026 09:00:00 MSK",
        "Mon Nov 23 08:00:00 EET 2026",
        "Mon Nov 23 06:00:00 2026",
        "Mon, 23 Nov 2026 09:00:00 UTC+3",
        "Mon, 23 Nov 2026 08:00:00 GMT+2",
        "Mon, 23 Nov 2026 08:00:00 GMT+0200",
        "Mon, 23 Nov 2026 01:30:00 GMT-4:30",
        "2026-11-23T06:00:00Z",
        "2026-11-23T08:00:00+02:00",
        "2026-11-23 06:00:00",
        "2026-11-23 08:00:00 +0200",
        "2026-11-23 08:00:00.000 +0200 EET",
        "20261123T060000Z",
        "1795413600",
        "1795413600000",
        "23.11.2026 06:00",
        "23.11.2026, 06:00:00",
        "пн, 23 нояб. 2026 08:00:00 +0200",
        "понеділок, 23 листопада 2026 року, 06:00",
        "Пн, 23 Ноября 2026 06:00",
        "  Mon, 23 Nov 2026 08:00:00 +0200\n",
    ],
)
def test_an_instant_is_read_however_it_is_written(text: str) -> None:
    assert read_date(text) == SIX


@pytest.mark.parametrize("text", ["23 листопада 2026", "23.11.2026", "2026-11-23"])
def test_a_day_alone_begins_at_midnight(text: str) -> None:
    assert read_date(text) == SIX.replace(hour=0)


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("января", 1), ("січня", 1), ("лютого", 2), ("марта", 3), ("березня", 3), ("апреля", 4),
        ("квітня", 4), ("мая", 5), ("травня", 5), ("июня", 6), ("червня", 6), ("июля", 7),
        ("липня", 7), ("серпня", 8), ("вересня", 9), ("жовтня", 10), ("листопада", 11),
        ("декабря", 12), ("грудня", 12),
    ],
)  # fmt: skip
def test_months_are_known_in_both_languages(month: str, number: int) -> None:
    assert read_date(f"1 {month} 2026") == datetime(2026, number, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "вчера",
        "сегодня, 08:00",
        "0000-00-00 00:00:00",
        "99999999999999999999",
        "32 Nov 2026",
        "Tue, 03 Nov 2026 08:00:00 +9999",
        "Tue, 03 Nov 99999 08:00:00 +0000",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (NOON - timedelta(days=1), NOON - timedelta(days=1)),
        (NOON + timedelta(minutes=59), NOON),
        (NOON + timedelta(days=3), NOON),
        (datetime(1989, 12, 31, tzinfo=UTC), NOON),
        (datetime(1, 1, 1, tzinfo=UTC), NOON),
        (None, NOON),
    ],
)
def test_a_missing_absurd_or_future_date_is_now(
    instant: datetime | None, expected: datetime
) -> None:
    assert sane(instant, now=NOON) == expected
