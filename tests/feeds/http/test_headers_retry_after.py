from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.http.headers_retry_after import FOREVER, read_instant, read_retry_after, read_seconds

DATE = "Mon, 23 Nov 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3600),
        (" 0 ", 0),
        ("00000000003600", 3600),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 3600),
        ("Monday, 23-Nov-26 09:00:00 GMT", 3600),
        ("Mon Nov 23 09:00:00 2026", 3600),
        ("Mon, 23 Nov 2026 10:30:00 +0200", 1800),
        ("Mon, 23 Nov 2026 08:00:30", 30),
    ],
)
def test_p27_a_wait_is_read_in_seconds_or_from_the_servers_own_clock(
    text: str, seconds: int
) -> None:
    assert read_retry_after(text, date=DATE) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-5",
        "soon",
        "1.5",
        "٣",
        "Mon, 23 Nov 2026 07:59:59 GMT",
        "Mon, 23 Nov 2026 09:00:00 +99999999999999",
        "Mon, 23 Nov 2026 09:00:00 +9999",
        "Mon, 99 Nov 2026 09:00:00 GMT",
    ],
)
def test_p27_a_wait_that_makes_no_sense_is_none(text: str) -> None:
    assert read_retry_after(text, date=DATE) is None


@pytest.mark.parametrize("date", ["", "now", "Mon, 23 Nov 2026 09:00:00 +99999999999999"])
def test_an_instant_says_nothing_without_the_servers_date(date: str) -> None:
    assert read_retry_after("Mon, 23 Nov 2026 09:00:00 GMT", date=date) is None


@pytest.mark.parametrize("text", ["9" * 40, "9" * 8000, "Fri, 23 Nov 2446 09:00:00 GMT"])
def test_no_wait_is_longer_than_a_year(text: str) -> None:
    assert read_retry_after(text, date=DATE) == FOREVER == timedelta(days=365)


@given(st.integers(min_value=0, max_value=10**30), st.integers(min_value=0, max_value=30))
def test_seconds_are_read_whatever_stands_before_them(seconds: int, zeros: int) -> None:
    read = read_seconds("0" * zeros + str(seconds))
    assert read == timedelta(seconds=min(seconds, 365 * 86_400))


@given(st.text(alphabet="MonNv, 0123456789:+-GT", max_size=60))
def test_no_text_makes_a_date_fail(text: str) -> None:
    instant = read_instant(text)
    assert instant is None or instant.tzinfo is not None
    wait = read_retry_after(text, date=DATE)
    assert wait is None or timedelta(0) <= wait <= FOREVER


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert read_instant("Mon, 23 Nov 2026 08:00:00") == datetime(2026, 11, 23, 8, tzinfo=UTC)
