"""What do we know of a feed after a poll that we did not know before? Decisions, no I/O."""

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from bot.errors import BusyError, FeedError, FetchError, GoneError, KilledError
from bot.feeds.formats.item_scanner import MAX_ITEMS
from bot.feeds.formats.parse import ParsedFeed
from bot.model import ClockSkew, Feed, PermanentRedirect, PollOutcome, StopReason
from bot.model.feeds import FeedDocument, NotModified
from bot.web.domains import domain_of

FetchAnswer = FeedDocument | NotModified

# A document that has killed the parser twice will do it again; once a day, in case it was us.
MAX_KILLS = 2
QUARANTINE = timedelta(days=1)
# An address that a feed had moved to, and that fails so often, was not for good.
FAILURES_TO_RETURN = 5
_TOO_MANY_REQUESTS = 429
# How long a host is left alone with all its feeds, that says "too many requests" and no more.
A_WHILE = timedelta(minutes=15)
_DAY = timedelta(days=1)
TRUNCATED = "broke off in the middle; read as far as it went"


# In so many polls in a row the same hour: no slip and no post of tomorrow's.
ENOUGH = 3
# Beyond that, another hour now and then (an article that came out late) does not shake it.
MOST = 6
# A clock that goes a little fast is in no other zone; there is no zone beyond +14.
_LEAST = timedelta(minutes=30)
_FARTHEST = timedelta(hours=14)
# The newest article came out up to an hour before we asked, less what the clock goes fast.
_FAST = timedelta(minutes=10)
_HOUR = timedelta(hours=1)


# Source: Feedbin and NewsBlur, which wait as long, by time and by count.
ENOUGH_REDIRECTS = 10
LONG_ENOUGH = timedelta(days=3)

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_complete(answer: FetchAnswer, contents: ParsedFeed | None) -> bool:
    """Return whether we have all of the feed's document: not a part of it, and not torn."""
    partial = isinstance(answer, FeedDocument) and answer.partial
    return not partial and not is_truncated(answer, contents)


def is_truncated(answer: FetchAnswer, contents: ParsedFeed | None) -> bool:
    """Return whether the document broke off on its way to us, or before."""
    return isinstance(answer, FeedDocument) and not (
        answer.complete and (contents is None or contents.complete)
    )


def holds_more(contents: ParsedFeed, *, known: Collection[bytes], stored: int) -> bool:
    """Return whether the parser may have left something of the document for the next poll.

    `known` are the digests that it was told to pass over. Not where most of what it took was
    no new article: a publisher that words all items anew each time has no end.
    """
    taken = set(contents.digests).difference(known)
    return len(taken) >= MAX_ITEMS and 2 * stored > len(contents.entries)


def is_new_host(feed: Feed, answer: FetchAnswer) -> bool:
    """Return whether the document came from where none of this feed ever came from."""
    before = feed.document_url
    return before is not None and domain_of(before) != domain_of(answer.url)


def after_reading(
    feed: Feed,
    answer: FetchAnswer,
    contents: ParsedFeed | None,
    *,
    overlaps: bool,
    more: bool = False,
    now: datetime,
) -> Feed:
    """Return the feed as it is after its document was read; `contents` of None: it is the same.

    A document that broke off leaves no validators, so that the next comes whole, and so does
    one that holds `more` than was read of it; the reading of that one has not ended either.
    """
    unread = more or is_truncated(answer, contents)
    etag, last_modified = (None, None) if unread else answer.validators
    return replace(
        feed,
        etag=etag,
        last_modified=last_modified,
        document_url=answer.url,
        read_at=feed.read_at if more else now,
        failures=0,
        parser_kills=0,
        update_period=contents.rhythm if contents else feed.update_period,
        clock_skew=update_skew(feed.clock_skew, contents.lead) if contents else feed.clock_skew,
        redirect=_move(feed, answer, overlaps=overlaps, now=now),
    )


def _move(
    feed: Feed, answer: FetchAnswer, *, overlaps: bool, now: datetime
) -> PermanentRedirect | None:
    """Count a move for good only where the same feed is found at its end."""
    return (
        record_redirect(feed.redirect, answer.moved_to, url=feed.url, now=now)
        if overlaps
        else feed.redirect
    )


def after_failure(feed: Feed, error: FeedError, *, ours: bool = False) -> Feed:
    """Return the feed as it is after a poll that brought nothing; `ours`: we are to blame.

    Then it counts as one failure, however many there were: the feed is not to wait for a day
    when we are back.
    """
    if ours:
        return replace(feed, failures=max(feed.failures, 1))
    kills = feed.parser_kills + isinstance(error, KilledError)
    return replace(feed, failures=feed.failures + 1, parser_kills=kills)


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


def stop_reason(error: FeedError) -> StopReason | None:
    """Return why the feed is asked no more; None: it is."""
    return "gone" if isinstance(error, GoneError) else None


def requested_delay(after: Feed, error: FeedError) -> timedelta:
    """Return how long we are asked to wait, or ask it of ourselves: that is quarantine."""
    if isinstance(error, BusyError):
        return error.retry_after
    return QUARANTINE if after.parser_kills >= MAX_KILLS else timedelta(0)


def host_backoff(error: FeedError) -> timedelta | None:
    """Return how long the whole host is left in peace; None: it did not ask for it."""
    if isinstance(error, BusyError):
        return min(error.retry_after, _DAY) or A_WHILE
    is_too_much = isinstance(error, FetchError) and error.status == _TOO_MANY_REQUESTS
    return A_WHILE if is_too_much else None


def problem(after: Feed, error: FeedError) -> str:
    """Return what went wrong, and that the feed is in quarantine if it is."""
    quarantined = isinstance(error, KilledError) and after.parser_kills >= MAX_KILLS
    return f"quarantined, asked once a day: {error}" if quarantined else str(error)


def update_skew(error: ClockSkew, lead: timedelta | None) -> ClockSkew:
    """Return what we think of a clock after a poll that brought something.

    `lead` is how far the newest of the new dates lies after the moment of the poll, as the
    publisher wrote it; None: there were none. A lead of more than any zone says nothing.
    """
    if lead is None or lead > _FARTHEST:
        return error
    hours = math.ceil((lead - _FAST) / _HOUR) if lead >= _LEAST else 0
    if hours == error.hours:
        return ClockSkew(hours=hours, sightings=min(error.sightings + 1, MOST) if hours else 0)
    if error.sightings > ENOUGH:
        return ClockSkew(hours=error.hours, sightings=error.sightings - 1)
    return ClockSkew(hours=hours, sightings=1 if hours else 0)


def skew_hours(error: ClockSkew) -> int:
    """Return by how many whole hours the dates are to be set back; 0 until we are sure."""
    return error.hours if error.sightings >= ENOUGH else 0


def record_redirect(
    move: PermanentRedirect | None, target: str | None, *, url: str, now: datetime
) -> PermanentRedirect | None:
    """Return what we know of a move after a poll of `url` was redirected to `target` for good.

    None: it was not, or to where we are already. Another target than before starts anew. The
    last sighting that it takes to believe a move counts only when it is old enough.
    """
    if target is None or target == url:
        return None
    if move is None or move.url != target:
        return PermanentRedirect(url=target, since=now)
    most = ENOUGH_REDIRECTS if now - move.since >= LONG_ENOUGH else ENOUGH_REDIRECTS - 1
    return replace(move, sightings=min(move.sightings + 1, most))


def is_permanent(move: PermanentRedirect, *, url: str) -> bool:
    """Return whether the feed at `url` is to be asked for at its new address from now on.

    At once, if that is the same address, with encryption or in another spelling; never, if it
    is one without encryption in the place of one with it.
    """
    try:
        old, new = urlsplit(url), urlsplit(move.url)
        if new.scheme != "https" and (new.scheme != "http" or old.scheme == "https"):
            return False
        return _place(old) == _place(new) or move.sightings >= ENOUGH_REDIRECTS
    except ValueError:  # a port of letters, or "[" and no "]"
        return False


def _place(parts: SplitResult) -> tuple[object, ...]:
    """Return what of an address says where the feed lies, whatever the scheme."""
    port = None if parts.port == _DEFAULT_PORTS[parts.scheme] else parts.port
    return parts.username, parts.password, parts.hostname, port, parts.path or "/", parts.query
