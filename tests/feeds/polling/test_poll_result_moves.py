from datetime import timedelta

import pytest

from bot.feeds.polling.poll_result_moves import ENOUGH, believed, sighted
from bot.model import Move
from tests.fakes import NOON

HERE = "https://old.example/rss"
THERE = "https://new.example/rss"


def after(sightings: int, *, apart: timedelta, url: str = HERE, target: str = THERE) -> bool:
    """Return whether so many sightings, so far apart, are believed."""
    move: Move | None = None
    for number in range(sightings):
        move = sighted(move, target, url=url, now=NOON + number * apart)
    assert move is not None
    assert move.url == target
    assert move.since == NOON
    return believed(move, url=url)


@pytest.mark.parametrize(
    ("sightings", "apart", "expected"),
    [
        (1, timedelta(0), False),
        (9, timedelta(days=1), False),
        (10, timedelta(hours=8), True),
        (10, timedelta(hours=7), False),
        (11, timedelta(hours=7), False),
        (12, timedelta(hours=7), True),
        (288, timedelta(minutes=15), False),
        (289, timedelta(minutes=15), True),
        (10, timedelta(days=30), True),
    ],
)
def test_p29_a_move_is_believed_after_ten_sightings_over_three_days(
    sightings: int, apart: timedelta, *, expected: bool
) -> None:
    assert after(sightings, apart=apart) is expected


@pytest.mark.parametrize(
    ("url", "target", "expected"),
    [
        ("http://a.example/rss", "https://a.example/rss", True),
        ("http://a.example", "https://a.example/", True),
        ("http://A.example:80/rss?x=1", "https://a.example:443/rss?x=1", True),
        ("http://ann@a.example/rss", "https://ann@a.example/rss", True),
        ("http://a.example/rss", "https://www.a.example/rss", False),
        ("http://a.example/rss", "https://a.example/", False),
        ("http://a.example/rss", "https://a.example/RSS", False),
        ("http://a.example/rss?x=1", "https://a.example/rss", False),
        ("http://a.example/rss", "https://a.example:8443/rss", False),
        ("http://a.example:8080/rss", "https://a.example/rss", False),
        ("http://a.example/rss", "https://ann@a.example/rss", False),
        ("https://a.example/rss", "https://a.example/rss?x=1", False),
    ],
)
def test_p29_the_same_address_with_encryption_is_believed_at_once(
    url: str, target: str, *, expected: bool
) -> None:
    assert after(1, apart=timedelta(0), url=url, target=target) is expected


@pytest.mark.parametrize(
    "target",
    ["http://new.example/rss", "ftp://new.example/rss", "file:///etc/passwd", "//new.example", ""],
)
def test_p29_an_address_without_encryption_or_of_no_web_page_is_never_believed(
    target: str,
) -> None:
    assert not after(99, apart=timedelta(days=1), target=target)


@pytest.mark.parametrize("target", ["https://[", "https://a.example:port/rss"])
def test_p29_a_broken_address_is_no_error(target: str) -> None:
    assert not after(1, apart=timedelta(0), url="http://a.example/rss", target=target)


def test_p29_an_address_without_encryption_may_move_to_another_such() -> None:
    move = Move(url="http://b.example/", since=NOON, sightings=ENOUGH)
    assert believed(move, url="http://a.example/")


def test_p29_another_target_starts_anew() -> None:
    move = Move(url=THERE, since=NOON, sightings=9)
    later = NOON + timedelta(days=4)
    other = "https://other.example/rss"
    assert sighted(move, other, url=HERE, now=later) == Move(url=other, since=later)


@pytest.mark.parametrize("target", [None, HERE])
def test_p29_a_poll_that_was_not_redirected_for_good_ends_the_move(target: str | None) -> None:
    move = Move(url=THERE, since=NOON, sightings=9)
    assert sighted(move, target, url=HERE, now=NOON) is None
