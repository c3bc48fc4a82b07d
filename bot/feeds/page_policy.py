"""When is an article's page asked for, and when do we do without? Pure."""

from datetime import datetime, timedelta
from http import HTTPStatus

from bot.errors import BusyError, FeedError, FetchError
from bot.model import Entry, PageJob

# A text of so many characters makes a summary; the teasers of real feeds have 100 to 300.
ENOUGH_CHARS = 400
# So long news may be held up by its page.
WAIT = timedelta(minutes=2)
# Some publishers fill the feed before the page, and some servers stumble.
RETRY_AFTER = timedelta(seconds=30)
MAX_ATTEMPTS = 2
# A feed of which so many pages in a row told us nothing is one of a paywall, or of pictures.
MAX_FAILURES = 5
BACKOFF = timedelta(days=1)


def is_teaser(entry: Entry) -> bool:
    """Return whether the feed tells so little of the article that its page is wanted."""
    return len(entry.text) < ENOUGH_CHARS


def retry_at(
    page: PageJob, error: FeedError, *, now: datetime, pause: timedelta
) -> datetime | None:
    """Return when to ask for the page once more after it did not come; None: no more."""
    match error:
        case BusyError(retry_after=wait):
            at = now + wait
        case FetchError(status=int(status)) if _may_come(status):
            at = now + pause
        case _:
            return None
    return at if at < page.give_up_at and page.attempts + 1 < MAX_ATTEMPTS else None


def backoff_until(page: PageJob, *, now: datetime) -> datetime | None:
    """Return how long the pages of the feed are left in peace after this one brought nothing.

    None: they are not.
    """
    return now + BACKOFF if page.failures + 1 >= MAX_FAILURES else None


def _may_come(status: int) -> bool:
    return status == HTTPStatus.NOT_FOUND or status >= HTTPStatus.INTERNAL_SERVER_ERROR
