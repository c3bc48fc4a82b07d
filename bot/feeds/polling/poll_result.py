"""What do we know of a feed after a poll that we did not know before? Decisions, no I/O."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import BusyError, FeedError, FetchError, GoneError, KilledError
from bot.feeds.formats.item_scanner_screen import MAX_ITEMS
from bot.feeds.formats.parse import Contents
from bot.feeds.http.fetch import Document, NotModified
from bot.feeds.polling.poll_result_clock import learn
from bot.feeds.polling.poll_result_moves import sighted
from bot.model import Feed, Move, PollOutcome, Stop
from bot.web.domains import domain_of

Answer = Document | NotModified

# A document that has killed the parser twice will do it again; once a day, in case it was us.
MOST_KILLS = 2
QUARANTINE = timedelta(days=1)
# An address that a feed had moved to, and that fails so often, was not for good.
FAILURES_TO_RETURN = 5
_TOO_MANY_REQUESTS = 429
# How long a host is left alone with all its feeds, that says "too many requests" and no more.
A_WHILE = timedelta(minutes=15)
_DAY = timedelta(days=1)
TORN = "broke off in the middle; read as far as it went"


def whole(answer: Answer, contents: Contents | None) -> bool:
    """Return whether we have all of the feed's document: not a part of it, and not torn."""
    partial = isinstance(answer, Document) and answer.partial
    return not partial and not torn(answer, contents)


def torn(answer: Answer, contents: Contents | None) -> bool:
    """Return whether the document broke off on its way to us, or before."""
    return isinstance(answer, Document) and not (
        answer.complete and (contents is None or contents.complete)
    )


def holds_more(contents: Contents, *, known: Collection[bytes], stored: int) -> bool:
    """Return whether the parser may have left something of the document for the next poll.

    `known` are the digests that it was told to pass over. Not where most of what it took was
    no new article: a publisher that words all items anew each time has no end.
    """
    taken = set(contents.digests).difference(known)
    return len(taken) >= MAX_ITEMS and 2 * stored > len(contents.entries)


def elsewhere(feed: Feed, answer: Answer) -> bool:
    """Return whether the document came from where none of this feed ever came from."""
    before = feed.document_url
    return before is not None and domain_of(before) != domain_of(answer.url)


def after_reading(
    feed: Feed,
    answer: Answer,
    contents: Contents | None,
    *,
    overlaps: bool,
    more: bool = False,
    now: datetime,
) -> Feed:
    """Return the feed as it is after its document was read; `contents` of None: it is the same.

    A document that broke off leaves no validators, so that the next comes whole, and so does
    one that holds `more` than was read of it; the reading of that one has not ended either.
    """
    unread = more or torn(answer, contents)
    etag, last_modified = (None, None) if unread else answer.validators
    return replace(
        feed,
        etag=etag,
        last_modified=last_modified,
        document_url=answer.url,
        read_at=feed.read_at if more else now,
        failures=0,
        kills=0,
        rhythm=contents.rhythm if contents else feed.rhythm,
        clock_error=learn(feed.clock_error, contents.lead) if contents else feed.clock_error,
        move=_move(feed, answer, overlaps=overlaps, now=now),
    )


def _move(feed: Feed, answer: Answer, *, overlaps: bool, now: datetime) -> Move | None:
    """Count a move for good only where the same feed is found at its end."""
    return sighted(feed.move, answer.moved_to, url=feed.url, now=now) if overlaps else feed.move


def after_failure(feed: Feed, error: FeedError, *, ours: bool = False) -> Feed:
    """Return the feed as it is after a poll that brought nothing; `ours`: we are to blame.

    Then it counts as one failure, however many there were: the feed is not to wait for a day
    when we are back.
    """
    if ours:
        return replace(feed, failures=max(feed.failures, 1))
    kills = feed.kills + isinstance(error, KilledError)
    return replace(feed, failures=feed.failures + 1, kills=kills)


def outcome(error: FeedError) -> PollOutcome:
    """Return the name of the failure."""
    match error:
        case BusyError():
            return "busy"
        case GoneError():
            return "gone"
        case KilledError():
            return "killed"
        case _:
            return "failed"


def stop(error: FeedError) -> Stop | None:
    """Return why the feed is asked no more; None: it is."""
    return "gone" if isinstance(error, GoneError) else None


def asked(after: Feed, error: FeedError) -> timedelta:
    """Return how long we are asked to wait, or ask it of ourselves: that is quarantine."""
    if isinstance(error, BusyError):
        return error.retry_after
    return QUARANTINE if after.kills >= MOST_KILLS else timedelta(0)


def silence(error: FeedError) -> timedelta | None:
    """Return how long the whole host is left in peace; None: it did not ask for it."""
    if isinstance(error, BusyError):
        return min(error.retry_after, _DAY) or A_WHILE
    is_too_much = isinstance(error, FetchError) and error.status == _TOO_MANY_REQUESTS
    return A_WHILE if is_too_much else None


def problem(after: Feed, error: FeedError) -> str:
    """Return what went wrong, and that the feed is in quarantine if it is."""
    quarantined = isinstance(error, KilledError) and after.kills >= MOST_KILLS
    return f"quarantined, asked once a day: {error}" if quarantined else str(error)
