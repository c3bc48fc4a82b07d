from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import BusyError, FeedError, FetchError, GoneError, KilledError
from bot.feeds.page_policy import (
    BACKOFF,
    MAX_FAILURES,
    MAX_WAIT,
    MIN_FULL_TEXT_LENGTH,
    RETRY_INTERVAL,
    backoff_until,
    is_teaser,
    retry_at,
)
from bot.model import ArticleId, FeedId, PageJob
from tests.support.builders import entry
from tests.support.fakes import NOON

PAGE = PageJob(
    article_id=ArticleId(1),
    feed_id=FeedId(1),
    url="https://courier.example/bridge",
    domain="courier.example",
    title="Bridge opens",
    text="",
    attempts=0,
    give_up_at=NOON + MAX_WAIT,
    failures=0,
)


@pytest.mark.parametrize(
    ("length", "wanted"), [(0, True), (399, True), (MIN_FULL_TEXT_LENGTH, False)]
)
def test_a_page_is_fetched_for_a_teaser(length: int, wanted: bool) -> None:
    assert is_teaser(entry(text="a" * length)) == wanted


@pytest.mark.parametrize("status", [404, 500, 502, 503])
def test_a_page_that_may_come_later_is_retried_once(status: int) -> None:
    error = FetchError("HTTP", status=status)
    assert retry_at(PAGE, error, now=NOON, retry_interval=RETRY_INTERVAL) == NOON + RETRY_INTERVAL
    again = replace(PAGE, attempts=1)
    assert retry_at(again, error, now=NOON, retry_interval=RETRY_INTERVAL) is None
    late = NOON + MAX_WAIT - timedelta(seconds=1)
    assert retry_at(PAGE, error, now=late, retry_interval=RETRY_INTERVAL) is None


@pytest.mark.parametrize(
    "error",
    [
        FetchError("the server name is not known"),
        FetchError("HTTP 403", status=403),
        FetchError("not a page of HTML: image/png", status=200),
        GoneError("HTTP 410", status=410),
        KilledError("reading it took more than 5 s"),
        BusyError("HTTP 429", retry_after=MAX_WAIT, status=429),
    ],
)
def test_a_page_that_will_not_come_in_time_is_done_without(error: FeedError) -> None:
    assert retry_at(PAGE, error, now=NOON, retry_interval=RETRY_INTERVAL) is None


def test_a_server_that_asks_for_a_moment_gets_it() -> None:
    error = BusyError("HTTP 503", retry_after=timedelta(seconds=5), status=503)
    again = retry_at(PAGE, error, now=NOON, retry_interval=RETRY_INTERVAL)
    assert again == NOON + timedelta(seconds=5)


def test_pages_that_fail_in_a_row_back_off() -> None:
    assert backoff_until(replace(PAGE, failures=MAX_FAILURES - 2), now=NOON) is None
    assert backoff_until(replace(PAGE, failures=MAX_FAILURES - 1), now=NOON) == NOON + BACKOFF
    assert backoff_until(replace(PAGE, failures=99), now=NOON) == NOON + BACKOFF
