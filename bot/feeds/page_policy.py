"""Page fetch policy: which article pages are fetched, when again, and when no longer.

A fetch that fails is retried as told here, and pages of little use put their feed in backoff. A
page whose handling fails three times becomes a dead letter: `bot.storage.queues.poison_guard`.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

from bot.errors import BusyError, FeedError, FetchError
from bot.model import Entry, PageJob

# A text of this length is enough for a summary; the teasers of real feeds have 100 to 300.
MIN_FULL_TEXT_LENGTH = 400
# An article waits for its page no longer than this.
MAX_WAIT = timedelta(minutes=2)
# Some publishers fill the feed before the page, and some servers fail now and then.
RETRY_INTERVAL = timedelta(seconds=30)
MAX_PAGE_ATTEMPTS = 2
# A feed with this many useless pages in a row has a paywall, or pictures only.
MAX_FAILURES = 5
BACKOFF = timedelta(days=1)


def is_teaser(entry: Entry) -> bool:
    """Return whether the entry's text is so short that its page is to be fetched."""
    return len(entry.text) < MIN_FULL_TEXT_LENGTH


def retry_at(
    page: PageJob, error: FeedError, *, now: datetime, retry_interval: timedelta
) -> datetime | None:
    """Return when to fetch the page again after this error; None: never."""
    match error:
        case BusyError(retry_after=wait):
            at = now + wait
        case FetchError(status=int(status)) if (
            status == HTTPStatus.NOT_FOUND or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        ):
            at = now + retry_interval
        case _:
            return None
    return at if at < page.give_up_at and page.attempts + 1 < MAX_PAGE_ATTEMPTS else None


def backoff_until(page: PageJob, *, now: datetime) -> datetime | None:
    """Return until when no page of the feed is fetched after this useless one; None: no pause."""
    return now + BACKOFF if page.failures + 1 >= MAX_FAILURES else None
