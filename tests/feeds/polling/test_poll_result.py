from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BusyError, FeedError, FetchError, GoneError, KilledError, ParseError
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.polling import poll_result
from bot.feeds.polling.poll_result import (
    MIN_REDIRECT_SIGHTINGS,
    is_permanent,
    record_redirect,
    skew_hours,
    update_skew,
)
from bot.model import ClockSkew, PermanentRedirect, UpdatePeriod
from bot.model.feeds import FeedDocument, NotModified
from tests.feeds.polling.test_poller_census import FEED
from tests.support.builders import entry
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)
DOCUMENT = FeedDocument(
    url="https://a.example/feed",
    body=b"",
    content_type=None,
    validators=(b'"7"', b"then"),
    fresh_for=timedelta(0),
    complete=True,
    partial=False,
    moved_to=None,
    status=200,
    received=0,
    conditional=False,
)
UNCHANGED = NotModified(
    url="https://a.example/feed",
    validators=(b'"8"', None),
    fresh_for=timedelta(0),
    moved_to=None,
    status=304,
    received=0,
    conditional=True,
)
CONTENTS = ParsedFeed(
    entries=(),
    owners=(),
    digests=(),
    update_period=UpdatePeriod(every=HOUR),
    whole=True,
    complete=True,
    lead=2 * HOUR,
)
BUSY = BusyError("HTTP 429", retry_after=HOUR, status=429)


HERE = "https://old.example/rss"
THERE = "https://new.example/rss"


@pytest.mark.parametrize(
    ("answer", "contents", "whole", "torn"),
    [
        (DOCUMENT, CONTENTS, True, False),
        (DOCUMENT, None, True, False),
        (UNCHANGED, None, True, False),
        (replace(DOCUMENT, partial=True), CONTENTS, False, False),
        (replace(DOCUMENT, complete=False), CONTENTS, False, True),
        (DOCUMENT, replace(CONTENTS, complete=False), False, True),
    ],
)
def test_a_document_is_complete_or_partial_or_truncated(
    answer: poll_result.FetchAnswer, contents: ParsedFeed | None, whole: bool, torn: bool
) -> None:
    assert poll_result.is_complete(answer, contents) == whole
    assert poll_result.is_truncated(answer, contents) == torn


def test_a_reading_stores_what_was_learnt_and_forgets_the_failures() -> None:
    before = replace(FEED, failures=3, parser_kills=1, clock_skew=ClockSkew(hours=2, sightings=1))
    after = poll_result.after_reading(before, DOCUMENT, CONTENTS, overlaps=True, now=NOON)
    assert (after.etag, after.last_modified, after.document_url) == (b'"7"', b"then", DOCUMENT.url)
    assert (after.read_at, after.failures, after.parser_kills) == (NOON, 0, 0)
    assert after.update_period == UpdatePeriod(every=HOUR)
    assert after.clock_skew == ClockSkew(hours=2, sightings=2)


def test_an_unchanged_document_says_nothing_new_of_the_rhythm() -> None:
    before = replace(FEED, update_period=UpdatePeriod(every=HOUR), clock_skew=ClockSkew(hours=2))
    after = poll_result.after_reading(before, UNCHANGED, None, overlaps=True, now=NOON)
    assert (after.update_period, after.clock_skew) == (before.update_period, before.clock_skew)
    assert (after.etag, after.last_modified) == (b'"8"', None)


def test_p39_a_truncated_document_leaves_no_validators() -> None:
    torn = replace(DOCUMENT, complete=False)
    after = poll_result.after_reading(FEED, torn, CONTENTS, overlaps=True, now=NOON)
    assert (after.etag, after.last_modified) == (None, None)


@pytest.mark.parametrize(("overlaps", "sightings"), [(True, 4), (False, 3)])
def test_p31_a_move_counts_only_where_the_same_feed_is_found(
    overlaps: bool, sightings: int
) -> None:
    new = "https://b.example/feed"
    before = replace(FEED, redirect=PermanentRedirect(url=new, since=NOON - HOUR, sightings=3))
    moved = replace(DOCUMENT, moved_to=new)
    after = poll_result.after_reading(before, moved, CONTENTS, overlaps=overlaps, now=NOON)
    assert after.redirect is not None
    assert after.redirect.sightings == sightings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, False),
        ("https://www.a.example/old", False),
        ("https://b.example/feed", True),
    ],
)
def test_a_feed_found_at_another_domain_is_elsewhere(url: str | None, expected: bool) -> None:
    assert poll_result.is_new_host(replace(FEED, document_url=url), DOCUMENT) == expected


@pytest.mark.parametrize(
    ("error", "outcome", "stop"),
    [
        (BUSY, "busy", None),
        (GoneError("HTTP 410"), "gone", "gone"),
        (KilledError("too long"), "killed", None),
        (ParseError("not a feed"), "failed", None),
        (FetchError("HTTP 404"), "failed", None),
    ],
)
def test_each_failure_has_a_name(error: FeedError, outcome: str, stop: str | None) -> None:
    assert poll_result.outcome(error) == outcome
    assert poll_result.stop_reason(error) == stop


def test_only_documents_that_harm_count_towards_quarantine() -> None:
    once = poll_result.after_failure(FEED, KilledError("too long"))
    then = poll_result.after_failure(once, FetchError("HTTP 404"))
    twice = poll_result.after_failure(then, KilledError("too long"))
    assert [it.parser_kills for it in (once, then, twice)] == [1, 1, 2]
    assert [it.failures for it in (once, then, twice)] == [1, 2, 3]
    assert poll_result.requested_delay(once, KilledError("too long")) == timedelta(0)
    assert poll_result.requested_delay(twice, KilledError("too long")) == timedelta(days=1)
    assert not poll_result.is_quarantined(once, KilledError("too long"))
    assert poll_result.is_quarantined(twice, KilledError("too long"))
    assert not poll_result.is_quarantined(twice, FetchError("HTTP 404"))


def test_a_server_that_asks_for_time_gets_it() -> None:
    assert poll_result.requested_delay(FEED, BUSY) == HOUR


@pytest.mark.parametrize(
    ("items", "known", "stored", "expected"),
    [
        (300, 0, 300, True),
        (299, 0, 299, False),
        (400, 100, 300, True),
        (400, 101, 299, False),
        (300, 0, 150, False),
    ],
)
def test_a_document_may_hold_more_where_the_parser_took_all_that_it_may_and_most_was_new(
    items: int, known: int, stored: int, expected: bool
) -> None:
    digests = tuple(number.to_bytes(8, "big") for number in range(items))
    entries = (entry(),) * (items - known)
    contents = replace(CONTENTS, digests=digests, entries=entries)
    held = poll_result.holds_more(contents, known=digests[:known], stored=stored)
    assert held == expected


@pytest.mark.parametrize("read_at", [None, NOON - HOUR])
def test_a_reading_that_has_not_ended_is_no_reading_yet(read_at: datetime | None) -> None:
    before = replace(FEED, read_at=read_at)
    after = poll_result.after_reading(
        before, DOCUMENT, CONTENTS, overlaps=True, more=True, now=NOON
    )
    assert (after.etag, after.last_modified, after.read_at) == (None, None, read_at)


def test_when_we_are_offline_failures_do_not_pile_up() -> None:
    offline = FetchError("could not be reached")
    once = poll_result.after_failure(FEED, offline, is_offline=True)
    assert once.failures == poll_result.after_failure(once, offline, is_offline=True).failures == 1


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (BusyError("HTTP 503", retry_after=HOUR, status=503), HOUR),
        (BusyError("HTTP 429", retry_after=9000 * HOUR, status=429), 24 * HOUR),
        (BusyError("HTTP 429", retry_after=0 * HOUR, status=429), poll_result.DEFAULT_HOST_BACKOFF),
        (FetchError("HTTP 429", status=429), poll_result.DEFAULT_HOST_BACKOFF),
        (FetchError("HTTP 403", status=403), None),
        (FetchError("refused the connection"), None),
        (ParseError("not a feed"), None),
    ],
)
def test_a_host_gets_the_silence_that_it_asks_for(error: FeedError, wait: timedelta | None) -> None:
    assert poll_result.host_backoff(error) == wait


def learnt(*hours: float | None) -> int:
    """Return the correction after polls whose newest dates led by so many hours."""
    error = ClockSkew()
    for lead in hours:
        error = update_skew(error, None if lead is None else timedelta(hours=lead))
    return skew_hours(error)


@pytest.mark.parametrize(
    ("leads", "hours"),
    [
        ((), 0),
        ((1.9, 1.9), 0),
        ((1.9, 1.9, 1.9), 2),
        # The newest came out just now, half an hour ago, three quarters of an hour ago.
        ((2.0, 1.5, 1.25), 2),
        # A clock that goes a little fast besides.
        ((2.1, 2.1, 2.1), 2),
        ((2.9, 2.9, 2.9), 3),
        ((0.5, 0.6, 0.7), 1),
        ((14, 14, 14), 14),
        # A poll that brings nothing says nothing.
        ((1.9, None, 1.9, None, 1.9), 2),
        # Not in a row, or not of one hour.
        ((1.9, 1.9, -0.2, 1.9), 0),
        ((1.9, 2.9, 1.9, 2.9, 1.9), 0),
        ((1.9, 1.9, 5.0), 0),
        # A clock that is right, a little fast, or behind.
        ((-0.1, -0.5, 0, -3), 0),
        ((0.2, 0.4, 0.49, 0.3), 0),
        # Posts of next week, and of the year 3000, teach nothing and shake nothing.
        ((14.1, 14.1, 14.1), 0),
        ((30.0, 30.0, 30.0, 30.0), 0),
        ((1.9, 1.9, 9_000_000, 1.9), 2),
    ],
)
def test_i16_an_error_is_believed_after_three_polls_that_agree(
    leads: tuple[float | None, ...], hours: int
) -> None:
    assert learnt(*leads) == hours


@pytest.mark.parametrize(
    ("leads", "hours"),
    [
        # One that came out late does not shake what was long known.
        ((*[1.9] * 6, 0.4, 1.9), 2),
        ((*[1.9] * 6, 0.4, 0.4, 1.9), 2),
        ((*[1.9] * 6, -0.2, -0.2, -0.2, -0.2), 0),
        ((*[1.9] * 99, -0.2, -0.2, -0.2, -0.2), 0),
        ((*[1.9] * 3, -0.2), 0),
        # Winter time.
        ((*[2.9] * 20, *[1.9] * 6), 2),
        ((*[1.9] * 20, None, None, None, None), 2),
    ],
)
def test_i16_an_error_that_vanishes_is_forgotten(
    leads: tuple[float | None, ...], hours: int
) -> None:
    assert learnt(*leads) == hours


@given(st.lists(st.none() | st.timedeltas()))
def test_i16_no_dates_teach_an_error_that_no_zone_has(leads: list[timedelta | None]) -> None:
    error = ClockSkew()
    for lead in leads:
        error = update_skew(error, lead)
        assert 0 <= skew_hours(error) <= 14
        assert (error.hours > 0) == (error.sightings > 0)


def after(sightings: int, *, apart: timedelta, url: str = HERE, target: str = THERE) -> bool:
    """Return whether so many sightings, so far apart, are believed."""
    redirect: PermanentRedirect | None = None
    for number in range(sightings):
        redirect = record_redirect(redirect, target, url=url, now=NOON + number * apart)
    assert redirect is not None
    assert redirect.url == target
    assert redirect.since == NOON
    return is_permanent(redirect, url=url)


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
    redirect = PermanentRedirect(
        url="http://b.example/", since=NOON, sightings=MIN_REDIRECT_SIGHTINGS
    )
    assert is_permanent(redirect, url="http://a.example/")


def test_p29_another_target_starts_anew() -> None:
    redirect = PermanentRedirect(url=THERE, since=NOON, sightings=9)
    later = NOON + timedelta(days=4)
    other = "https://other.example/rss"
    assert record_redirect(redirect, other, url=HERE, now=later) == PermanentRedirect(
        url=other, since=later
    )


@pytest.mark.parametrize("target", [None, HERE])
def test_p29_a_poll_that_was_not_redirected_for_good_ends_the_move(target: str | None) -> None:
    redirect = PermanentRedirect(url=THERE, since=NOON, sightings=9)
    assert record_redirect(redirect, target, url=HERE, now=NOON) is None
