from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.http.headers import MAX_WAIT, fresh_for, read_instant, read_retry_after, read_seconds

DATE = "Mon, 23 Nov 2026 08:00:00 GMT"
IN_AN_HOUR = "Mon, 23 Nov 2026 09:00:00 GMT"


def seconds(*, control: str = "", age: str = "", expires: str = "", date: str = DATE) -> float:
    fresh = fresh_for(cache_control=control, age=age, expires=expires, date=date)
    return fresh.total_seconds()


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ("max-age=600", 600),
        ("public, MAX-AGE = 600 , must-revalidate", 600),
        ('max-age="600"', 600),
        ("max-age=0", 0),
        ("s-maxage=600", 0),  # for caches that many share, which we are not
        ("private", 0),
        ("max-age=600, max-age=60", 60),
        ("max-age=600, max-age=junk", 0),
        ("max-age=-5", 0),
        ("max-age=1.5", 0),
        ("max-age=٣", 0),
        ("max-age", 0),
        ("=,=;,,", 0),
    ],
)
def test_p13_a_server_says_for_how_long_its_answer_is_good(control: str, expected: int) -> None:
    assert seconds(control=control) == expected


@pytest.mark.parametrize("control", ["no-cache, max-age=600", "max-age=600,no-cache", "No-Store"])
def test_p14_what_is_not_to_be_kept_is_not_fresh(control: str) -> None:
    assert seconds(control=control, expires=IN_AN_HOUR) == 0


@pytest.mark.parametrize(
    ("age", "expected"), [("", 600), ("200", 400), ("600", 0), ("9" * 5000, 0), ("-9", 600)]
)
def test_p13_the_time_spent_in_caches_counts(age: str, expected: int) -> None:
    assert seconds(control="max-age=600", age=age) == expected
    expires = "Mon, 23 Nov 2026 08:10:00 GMT"
    assert seconds(expires=expires, age=age) == expected


@pytest.mark.parametrize(
    ("control", "expires", "date", "expected"),
    [
        ("", IN_AN_HOUR, DATE, 3600),
        ("  ", IN_AN_HOUR, DATE, 3600),
        ("", "Mon, 23 Nov 2026 07:00:00 GMT", DATE, 0),
        ("", "0", DATE, 0),
        ("", "-1", DATE, 0),
        ("", "3600", DATE, 0),  # an Expires is never a number of seconds
        ("", "", DATE, 0),
        ("", IN_AN_HOUR, "", 0),
        ("public", IN_AN_HOUR, DATE, 0),
        ("max-age=60", IN_AN_HOUR, DATE, 60),
    ],
)
def test_p14_expires_counts_from_the_servers_date_without_cache_control(
    control: str, expires: str, date: str, expected: int
) -> None:
    assert seconds(control=control, expires=expires, date=date) == expected


JUNK = st.text(alphabet='max-ge=no,ch"0123456789 GMTNov:+', max_size=40)


@given(JUNK, JUNK, JUNK, JUNK)
def test_no_header_brings_less_than_nothing_or_more_than_a_year(
    control: str, age: str, expires: str, date: str
) -> None:
    fresh = fresh_for(cache_control=control, age=age, expires=expires, date=date)
    assert timedelta(0) <= fresh <= timedelta(days=365)


@given(st.integers(min_value=0, max_value=86_400), st.integers(min_value=0, max_value=86_400))
def test_an_answer_never_gets_fresher_with_age(lifetime: int, age: int) -> None:
    control = f"max-age={lifetime}"
    assert seconds(control=control, age=str(age)) == max(lifetime - age, 0)


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
    assert read_retry_after(text, date=DATE) == MAX_WAIT == timedelta(days=365)


@given(st.integers(min_value=0, max_value=10**30), st.integers(min_value=0, max_value=30))
def test_seconds_are_read_whatever_stands_before_them(seconds: int, zeros: int) -> None:
    read = read_seconds("0" * zeros + str(seconds))
    assert read == timedelta(seconds=min(seconds, 365 * 86_400))


@given(st.text(alphabet="MonNv, 0123456789:+-GT", max_size=60))
def test_no_text_makes_a_date_fail(text: str) -> None:
    instant = read_instant(text)
    assert instant is None or instant.tzinfo is not None
    wait = read_retry_after(text, date=DATE)
    assert wait is None or timedelta(0) <= wait <= MAX_WAIT


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert read_instant("Mon, 23 Nov 2026 08:00:00") == datetime(2026, 11, 23, 8, tzinfo=UTC)
