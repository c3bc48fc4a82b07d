"""Where is the feed that a person means by the address he typed? Found in three requests at most.

Redirects are not counted. The address may be that of a feed, of a site or of a page. Whatever
goes wrong is a `FeedError` whose message is one sentence for that person.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.errors import FeedError, FetchError, GoneError, KilledError, ParseError
from bot.feeds.discovery.autodiscovery import FeedLinks, find_feed_links
from bot.feeds.discovery.typed_address import read_address
from bot.feeds.formats.items import one_line
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.http.ssrf_guard import BlockedError
from bot.feeds.parser_pool import Parse
from bot.model import DiscoveryFailure, FoundFeed
from bot.model.feeds import FeedDocument, FeedRequest
from bot.web.domains import domain_of
from bot.web.encoding import decode

MAX_REQUESTS = 3
# The largest of 116 saved pages has 0.95 MiB (pages.tar.xz); feeds are declared near its top.
MAX_PAGE_BYTES = 1024 * 1024
PREVIEW = 3

NOT_AN_ADDRESS = "this is not a web address: it should look like example.com/news"
PRIVATE = "this address is not a public one, and only public ones are read"
UNKNOWN = "there is no such site: please look at its name again"
NOT_FOUND = "there is no such page on that site"
GONE = "its publisher says that this feed is gone for good"
NEEDS_LOGIN = "this page needs a login, and we have none"
REFUSED = "the site does not let programs read this page"
CHALLENGE = "the site asks whether a human reads it; we are none and do not pretend to be one"
NO_FEED = "no feed was found there; many sites have a page named RSS that links to it"
TOO_HEAVY = "what is there is too large or too tangled to be read"

_STATUSES = {401: NEEDS_LOGIN, 403: REFUSED, 404: NOT_FOUND, 407: NEEDS_LOGIN}

# What a document begins with, past its declarations and comments; the group is a feed.
_ROOT = re.compile(r"<(?:!doctype\s+html|html|head|body|(rss|feed|rdf:rdf))\b", re.IGNORECASE)
_ROOT_WITHIN = 16_384
_ITEM = re.compile(r"<(?:item|entry)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,200}>\s*(?:<!\[CDATA\[)?([^<\]]{1,300})", re.IGNORECASE)


_REASONS: dict[str, DiscoveryFailure] = {
    NOT_AN_ADDRESS: "not an address",
    PRIVATE: "private",
    UNKNOWN: "unknown",
    NOT_FOUND: "not found",
    GONE: "gone",
    NEEDS_LOGIN: "needs login",
    REFUSED: "refused",
    CHALLENGE: "challenge",
    NO_FEED: "no feed",
    TOO_HEAVY: "too heavy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredFeed:
    """A feed at the address to ask it at, with its `newest` titles, the newest first.

    Its own `title` is empty where it is not easily read.
    """

    url: str
    title: str
    newest: tuple[str, ...]


async def discover(
    http: aiohttp.ClientSession, address: str, *, parse: Parse, now: datetime
) -> DiscoveredFeed:
    """Return the feed at `address`, or else the first one that the page there leads to.

    Raises:
        FeedError: if none was found; the sentence says why.
    """
    search = _Search(http=http, parse=parse, now=now)
    try:
        there = await search.begin(read_address(address))
        return there if isinstance(there, DiscoveredFeed) else await search.follow(there)
    except FeedError as error:
        raise _in_a_sentence(error) from error


@dataclass(slots=True, kw_only=True)
class _Search:
    """A search under way, with so many requests `left`."""

    http: aiohttp.ClientSession
    parse: Parse
    now: datetime
    left: int = MAX_REQUESTS

    async def begin(self, addresses: tuple[str, ...]) -> DiscoveredFeed | FeedLinks:
        """Visit the first address that a server answers at."""
        problem = FeedError(NOT_AN_ADDRESS)
        for url in addresses:
            try:
                return await self.visit(url)
            except FetchError as error:
                problem = error
                if error.status is not None or _is_blocked(error):
                    break
        raise problem

    async def follow(self, page: FeedLinks) -> DiscoveredFeed:
        """Visit what the page points to until a feed is there."""
        if page.challenge and not page.declared:
            raise FeedError(CHALLENGE)
        problem = FeedError(NEEDS_LOGIN if page.asks_to_log_in else NO_FEED)
        waiting = [*page.declared, *page.linked, *page.usual]
        seen: set[str] = set()
        while self.left and (url := next((it for it in waiting if it not in seen), None)):
            seen.add(url)
            try:
                there = await self.visit(url)
            except FeedError as error:
                # Why a feed that the page promises is not there is worth knowing.
                problem = error if url in page.declared else problem
                continue
            if isinstance(there, DiscoveredFeed):
                return there
            # A page named RSS, say, that lists the site's feeds.
            waiting[:0] = [*there.declared, *there.linked]
        raise problem

    async def visit(self, url: str) -> DiscoveredFeed | FeedLinks:
        """Return the feed at the address, or what the page there points to."""
        self.left -= 1
        document = await fetch_feed(self.http, FeedRequest(url=url))
        assert isinstance(document, FeedDocument)  # as we sent no conditions
        # In a thread: a page of a megabyte is worth 50 ms.
        head, kind = document.body[:MAX_PAGE_BYTES], document.content_type
        text = await asyncio.to_thread(decode, head, content_type=kind)
        if not _is_page(text) and (contents := await self._contents(document)):
            newest = [entry.title for entry in contents.entries[-PREVIEW:]]
            at = document.moved_to or url
            return DiscoveredFeed(url=at, title=_title(text), newest=tuple(reversed(newest)))
        return await asyncio.to_thread(find_feed_links, text, url=document.url)

    async def _contents(self, document: FeedDocument) -> ParsedFeed | None:
        """Return what is in the document; None: it is not a feed."""
        try:
            return await self.parse(
                document.body,
                url=document.url,
                content_type=document.content_type,
                fetched_at=self.now,
            )
        except KilledError:
            raise
        except ParseError:
            return None


def _is_page(text: str) -> bool:
    root = _ROOT.search(text, 0, _ROOT_WITHIN)
    return root is not None and root[1] is None


def _title(text: str) -> str:
    item = _ITEM.search(text)
    title = _TITLE.search(text, 0, item.start() if item else len(text))
    return one_line(title[1]) if title else ""


def _is_blocked(error: FetchError) -> bool:
    cause = error.__cause__
    return isinstance(cause, aiohttp.ClientConnectorError) and isinstance(
        cause.os_error, BlockedError
    )


def _in_a_sentence(error: FeedError) -> FeedError:
    match error:
        case GoneError():
            return GoneError(GONE, status=error.status)
        case KilledError():
            return KilledError(TOO_HEAVY)
        case FetchError() if _is_blocked(error):
            return FetchError(PRIVATE)
        case FetchError():
            return FetchError(_refusal(error), status=error.status)
        case _:
            return error


def _refusal(error: FetchError) -> str:
    if isinstance(error.__cause__, aiohttp.ClientConnectorDNSError):
        return UNKNOWN
    # The only sign of one: a page that it shows with 403 or 503.
    if "challenge page" in str(error):
        return CHALLENGE
    return _STATUSES.get(error.status or 0, f"the site could not be read: {error}")


async def find_feed(
    http: aiohttp.ClientSession, address: str, *, parse: Parse, now: datetime
) -> FoundFeed | DiscoveryFailure:
    """Return the feed at the address, or that the page there leads to, or why there is none."""
    try:
        found = await discover(http, address, parse=parse, now=now)
    except FeedError as error:
        return _REASONS.get(str(error), "unreadable")
    return FoundFeed(
        url=found.url, domain=domain_of(found.url), title=found.title, newest=found.newest
    )
