"""What a poll changes in a feed: failures, quarantine, permanent redirect and clock skew."""

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

# A document that has killed the parser twice will do it again; polled once a day all the same.
MAX_KILLS = 2
QUARANTINE = timedelta(days=1)
# A redirect target that fails this often was not permanent.
FAILURES_TO_RETURN = 5
_TOO_MANY_REQUESTS = 429
# How long a host is not requested that answers "too many requests" without a time.
DEFAULT_HOST_BACKOFF = timedelta(minutes=15)
_DAY = timedelta(days=1)

# The same hours in this many polls in a row: neither a typo nor an article dated tomorrow.
MIN_SKEW_SIGHTINGS = 3
# Beyond that, other hours now and then (an article that came out late) do not change it.
MAX_SKEW_SIGHTINGS = 6
# A clock that is a little fast is in no other zone; there is no zone beyond +14.
_MIN_LEAD = timedelta(minutes=30)
_MAX_LEAD = timedelta(hours=14)
# The newest article came out up to an hour before the poll, less what the clock is fast.
_MAX_FAST = timedelta(minutes=10)
_HOUR = timedelta(hours=1)

# Source: Feedbin and NewsBlur, which wait as long, by time and by count.
MIN_REDIRECT_SIGHTINGS = 10
MIN_REDIRECT_AGE = timedelta(days=3)

# Some caches answer 304 for ever. After this many usual gaps without a document, or after a day,
# one is requested without validators.
_GAPS_OF_SILENCE = 3
_MIN_SILENCE, _MAX_SILENCE = timedelta(hours=1), _DAY

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_complete(answer: FetchAnswer, contents: ParsedFeed | None) -> bool:
    """Return whether this is the whole document of the feed: no delta, and not truncated."""
    is_delta = isinstance(answer, FeedDocument) and answer.partial
    return not is_delta and not is_truncated(answer, contents)


def is_truncated(answer: FetchAnswer, contents: ParsedFeed | None) -> bool:
    """Return whether the document broke off on its way to us, or before."""
    return isinstance(answer, FeedDocument) and not (
        answer.complete and (contents is None or contents.complete)
    )


def holds_more(contents: ParsedFeed, *, known: Collection[bytes], stored: int) -> bool:
    """Return whether the parser may have left items of the document for the next poll.

    `known` are the digests that it was given to skip. False where most of what it parsed was
    no new article: a publisher that rewords all items each time has no end.
    """
    parsed = set(contents.digests).difference(known)
    return len(parsed) >= MAX_ITEMS and 2 * stored > len(contents.entries)


def is_conditional(feed: Feed, *, now: datetime) -> bool:
    """Return whether the validators are sent: not to a server whose 304 was false, nor to check."""
    return not feed.false_304 and (feed.recheck_at is None or now < feed.recheck_at)


def next_recheck(
    feed: Feed, answer: FetchAnswer, *, is_check: bool, gap: timedelta | None, now: datetime
) -> datetime | None:
    """Return when 304s have lasted so long that a document is requested without validators.

    `gap` is the usual one between two articles; None: it is not known. `is_check`: this request
    was one without; the next such one is a day later. None: the last answer was no 304.
    """
    if isinstance(answer, NotModified):
        silence = _MAX_SILENCE if gap is None else _GAPS_OF_SILENCE * gap
        since = feed.read_at or now
        return feed.recheck_at or since + min(max(silence, _MIN_SILENCE), _MAX_SILENCE)
    return now + _MAX_SILENCE if is_check else None


def is_new_host(feed: Feed, answer: FetchAnswer) -> bool:
    """Return whether the document came from another domain than the last one of the feed."""
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

    A truncated document leaves no validators, so that the next one comes whole, and so does
    one that holds `more` than was read of it, which does not move `read_at` either. A permanent
    redirect counts only where the target `overlaps` with the feed as it was known.
    """
    is_unread = more or is_truncated(answer, contents)
    etag, last_modified = (None, None) if is_unread else answer.validators
    redirect = feed.redirect
    if overlaps:
        redirect = record_redirect(redirect, answer.moved_to, url=feed.url, now=now)
    return replace(
        feed,
        etag=etag,
        last_modified=last_modified,
        document_url=answer.url,
        read_at=feed.read_at if more else now,
        failures=0,
        parser_kills=0,
        update_period=contents.update_period if contents else feed.update_period,
        clock_skew=update_skew(feed.clock_skew, contents.lead) if contents else feed.clock_skew,
        redirect=redirect,
    )


def after_failure(feed: Feed, error: FeedError, *, is_offline: bool = False) -> Feed:
    """Return the feed as it is after a failed poll.

    While our own network is down (`is_offline`) it counts one failure at most: the feed must
    not wait for a day once the network is back.
    """
    if is_offline:
        return replace(feed, failures=max(feed.failures, 1))
    kills = feed.parser_kills + isinstance(error, KilledError)
    return replace(feed, failures=feed.failures + 1, parser_kills=kills)


def outcome(error: FeedError) -> PollOutcome:
    """Return the kind of the failure."""
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
    """Return why the feed is polled no more; None: it is."""
    return "gone" if isinstance(error, GoneError) else None


def is_quarantined(after: Feed, error: FeedError) -> bool:
    """Return whether the feed is polled once a day because its documents kill the parser."""
    return isinstance(error, KilledError) and after.parser_kills >= MAX_KILLS


def requested_delay(after: Feed, error: FeedError) -> timedelta:
    """Return how long the server asks us to wait, or else the quarantine."""
    if isinstance(error, BusyError):
        return error.retry_after
    if after.parser_kills >= MAX_KILLS:
        return QUARANTINE
    # The host that is left alone may be another than the feed's own.
    return host_backoff(error) or timedelta(0)


def host_backoff(error: FeedError) -> timedelta | None:
    """Return how long nothing is requested from the host, at most a day; None: no pause."""
    if isinstance(error, BusyError):
        return min(error.retry_after, _DAY) or DEFAULT_HOST_BACKOFF
    is_too_much = isinstance(error, FetchError) and error.status == _TOO_MANY_REQUESTS
    return DEFAULT_HOST_BACKOFF if is_too_much else None


def blamed_domain(error: FeedError, *, requested: str) -> str:
    """Return the domain of the server that answered with the error, after redirects."""
    answered = error.url if isinstance(error, FetchError) else ""
    return domain_of(answered) if answered else requested


def update_skew(skew: ClockSkew, lead: timedelta | None) -> ClockSkew:
    """Return the skew of a publisher's clock after a poll with new dates.

    `lead` is how far the newest of them is after the moment of the poll, as the publisher
    wrote it; None: there were none. A lead beyond any time zone is ignored.
    """
    if lead is None or lead > _MAX_LEAD:
        return skew
    hours = math.ceil((lead - _MAX_FAST) / _HOUR) if lead >= _MIN_LEAD else 0
    if hours == skew.hours:
        sightings = min(skew.sightings + 1, MAX_SKEW_SIGHTINGS) if hours else 0
        return ClockSkew(hours=hours, sightings=sightings)
    if skew.sightings > MIN_SKEW_SIGHTINGS:
        return ClockSkew(hours=skew.hours, sightings=skew.sightings - 1)
    return ClockSkew(hours=hours, sightings=1 if hours else 0)


def skew_hours(skew: ClockSkew) -> int:
    """Return by how many whole hours the dates are to be set back; 0 until that is certain."""
    return skew.hours if skew.sightings >= MIN_SKEW_SIGHTINGS else 0


def record_redirect(
    redirect: PermanentRedirect | None, target: str | None, *, url: str, now: datetime
) -> PermanentRedirect | None:
    """Return the redirect after a poll of `url` was permanently redirected to `target`.

    None: it was not, or to `url` itself. Another target than before starts anew. The last
    sighting that makes it permanent counts only when the redirect is old enough.
    """
    if target is None or target == url:
        return None
    if redirect is None or redirect.url != target:
        return PermanentRedirect(url=target, since=now)
    is_old = now - redirect.since >= MIN_REDIRECT_AGE
    limit = MIN_REDIRECT_SIGHTINGS if is_old else MIN_REDIRECT_SIGHTINGS - 1
    return replace(redirect, sightings=min(redirect.sightings + 1, limit))


def is_permanent(redirect: PermanentRedirect, *, url: str) -> bool:
    """Return whether the feed at `url` is to be polled at the target from now on.

    At once, if that is the same address with TLS or in another spelling; never, if it replaces
    one with TLS by one without.
    """
    try:
        old, new = urlsplit(url), urlsplit(redirect.url)
        if new.scheme != "https" and (new.scheme != "http" or old.scheme == "https"):
            return False
        return _location(old) == _location(new) or redirect.sightings >= MIN_REDIRECT_SIGHTINGS
    except ValueError:  # a port of letters, or "[" and no "]"
        return False


def _location(parts: SplitResult) -> tuple[object, ...]:
    """Return an address without its scheme and fragment, for comparison."""
    port = None if parts.port == _DEFAULT_PORTS[parts.scheme] else parts.port
    return parts.username, parts.password, parts.hostname, port, parts.path or "/", parts.query
