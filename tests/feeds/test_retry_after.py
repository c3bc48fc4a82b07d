from datetime import timedelta

import pytest

from bot.feeds.retry_after import read_retry_after

DATE = "Mon, 23 Nov 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3600),
        (" 0 ", 0),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 3600),
        ("Mon, 23 Nov 2026 10:30:00 +0200", 1800),
        ("Mon, 23 Nov 2026 08:00:30", 30),
    ],
)
def test_a_wait_is_read_in_seconds_or_from_the_servers_own_clock(text: str, seconds: int) -> None:
    assert read_retry_after(text, date=DATE) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "-5", "soon", "1.5", "٣", "Mon, 23 Nov 2026 07:59:59 GMT"])
def test_a_wait_that_makes_no_sense_is_none(text: str) -> None:
    assert read_retry_after(text, date=DATE) is None


def test_an_instant_says_nothing_without_the_servers_date() -> None:
    assert read_retry_after("Mon, 23 Nov 2026 09:00:00 GMT", date="") is None


@pytest.mark.parametrize("text", ["9" * 40, "Fri, 23 Nov 2446 09:00:00 GMT"])
def test_no_wait_is_longer_than_a_year(text: str) -> None:
    assert read_retry_after(text, date=DATE) == timedelta(days=365)
