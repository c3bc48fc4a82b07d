"""Feed discovery: the feed behind a typed address, in at most eight requests and 15 seconds.

Redirects are not counted. The address may be that of a feed, of a site or of a page.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ParamSpec, Protocol, TypeVar
from urllib.parse import urlsplit

import aiohttp

from bot.errors import FeedError, FetchError, GoneError, KilledError, ParseError
from bot.feeds.discovery.autodiscovery import FeedLinks, find_feed_links, header_feeds
from bot.feeds.discovery.known_sites import feeds_in_page, known_feeds
from bot.feeds.discovery.typed_address import read_address
from bot.feeds.http.errors import ChallengeError
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.http.ssrf_guard import BlockedError
from bot.feeds.parser_pool import Parse
from bot.model import DiscoveryFailure, DroppedItems, FoundFeed
from bot.model.feeds import FeedDocument, FeedRequest, NotModified
from bot.web.domains import domain_of
from bot.web.encoding import decode

MAX_REQUESTS = 8
# For the answers to all requests together, without the time in which they are read here; one of
# several candidates gets its share, but enough to answer.
TIME_LIMIT = timedelta(seconds=15)
_MIN_SHARE_SECONDS = 3
# The largest of 116 saved pages has 0.95 MiB (pages.tar.xz); feeds are declared near its top.
MAX_PAGE_BYTES = 1024 * 1024
MAX_NEWEST = 3

_FAILURES_BY_STATUS: dict[int, DiscoveryFailure] = {
    401: "needs login",
    403: "refused",
    404: "not found",
    407: "needs login",
}
# A front page that is not there, or not for programs, says nothing of the feed.
_REFUSALS = frozenset({403, 404, 405, 406, 500, 502})
_MESSAGES: dict[DiscoveryFailure, str] = {
    "not an address": "this is not a web address: it should look like example.com/news",
    "private": "this address is not a public one, and only public ones are read",
    "unknown": "there is no such site: please look at its name again",
    "not found": "there is no such page on that site",
    "gone": "its publisher says that this feed is gone for good",
    "needs login": "this page needs a login, and we have none",
    "refused": "the site does not let programs read this page",
    "challenge": (
        "the site asks whether a human reads it; we are none and do not pretend to be one"
    ),
    "no feed": "no feed was found there; many sites have a page named RSS that links to it",
    "no preview": "this channel shows no public preview",
    "too heavy": "what is there is too large or too tangled to be read",
}

# What a document begins with, after its declarations and comments; the group is a feed.
_ROOT = re.compile(r"<(?:!doctype\s+html|html|head|body|(rss|feed|rdf:rdf))\b", re.IGNORECASE)
_MAX_PROLOG_LENGTH = 16_384

P = ParamSpec("P")
T = TypeVar("T")

# Opens a block in which a request may be sent to the domain.
Turn = Callable[[str], AbstractAsyncContextManager[None]]


def _no_turn(_: str) -> AbstractAsyncContextManager[None]:
    return nullcontext()


class Run(Protocol):
    """Calls a function in another thread or process."""

    def __call__(
        self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """Return what the function returns."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredFeed:
    """A feed, the URL to poll it at, and its `newest` titles, the newest first.

    Its own `title` is empty where it is not easily read.
    """

    url: str
    title: str
    newest: tuple[str, ...]
    items: int = 0
    dropped: DroppedItems = ()


class DiscoveryError(FeedError):
    """No feed was found; the message is one sentence for the person who typed the address."""

    def __init__(self, failure: DiscoveryFailure, cause: FeedError | None = None) -> None:
        """Take the kind of the failure, and for an "unreadable" site the cause."""
        super().__init__(_MESSAGES.get(failure) or f"the site could not be read: {cause}")
        self.failure = failure

    @classmethod
    def caused_by(cls, error: FeedError) -> "DiscoveryError":
        """Return the failure that an error of the fetch or the parser stands for."""
        failure: DiscoveryFailure
        match error:
            case GoneError():
                failure = "gone"
            case KilledError():
                failure = "too heavy"
            case ChallengeError():
                failure = "challenge"
            case FetchError() if _is_blocked(error):
                failure = "private"
            case FetchError(__cause__=aiohttp.ClientConnectorDNSError()):
                failure = "unknown"
            case _:
                status = error.status if isinstance(error, FetchError) else None
                failure = _FAILURES_BY_STATUS.get(status or 0, "unreadable")
        return cls(failure, error)


async def find_feed(
    http: aiohttp.ClientSession,
    address: str,
    *,
    parse: Parse,
    now: datetime,
    run: Run = asyncio.to_thread,
    turn: Turn = _no_turn,
) -> FoundFeed | DiscoveryFailure:
    """Return the feed that `discover` finds, or why there is none."""
    try:
        feed = await discover(http, address, parse=parse, now=now, run=run, turn=turn)
    except DiscoveryError as error:
        return error.failure
    return FoundFeed(
        url=feed.url,
        domain=domain_of(feed.url),
        title=feed.title,
        newest=feed.newest,
        items=feed.items,
        dropped=feed.dropped,
    )


async def discover(
    http: aiohttp.ClientSession,
    address: str,
    *,
    parse: Parse,
    now: datetime,
    run: Run = asyncio.to_thread,
    turn: Turn = _no_turn,
) -> DiscoveredFeed:
    """Return the feed at `address`, or else the first one that the page there leads to.

    `run` calls a function that reads a page, elsewhere than on the event loop. Each request is
    made within the `turn` of its domain; the wait for it does not count.

    Raises:
        DiscoveryError: if none was found.
    """
    seconds = TIME_LIMIT.total_seconds()
    search = _Search(http=http, parse=parse, now=now, run=run, turn=turn, seconds_left=seconds)
    try:
        return await search.find(read_address(address))
    except DiscoveryError:
        raise
    except FeedError as error:
        raise DiscoveryError.caused_by(error) from error


@dataclass(slots=True, kw_only=True)
class _Search:
    """A search in progress, with the number of requests that are `left`, and of seconds.

    `problem` is the best reason so far why nothing was found.
    """

    http: aiohttp.ClientSession
    parse: Parse
    now: datetime
    run: Run
    turn: Turn
    seconds_left: float
    left: int = MAX_REQUESTS
    problem: FeedError | None = None

    async def find(self, urls: tuple[str, ...]) -> DiscoveredFeed:
        """Return the feed of the first URL that a server answers at."""
        known = [feed for url in urls[:1] for feed in known_feeds(url)]
        with suppress(FeedError):
            return await self.first_of(known)
        self.problem = None
        visited = await self.visit_first(urls)
        if isinstance(visited, DiscoveredFeed):
            return visited
        if visited.challenge and not visited.declared:
            raise DiscoveryError("challenge")
        if self.problem is None:
            self.problem = DiscoveryError("needs login" if visited.asks_to_log_in else "no feed")
        return await self.first_of(
            [*visited.declared, *visited.linked, *visited.usual], declared=visited.declared
        )

    async def visit_first(self, urls: tuple[str, ...]) -> DiscoveredFeed | FeedLinks:
        """Visit the first URL that a server answers at.

        Of a site whose front page cannot be had, the usual feeds are left.
        """
        problem: FeedError = DiscoveryError("not an address")
        for url in urls:
            try:
                return await self.visit(url)
            except FetchError as error:
                problem = error
                if error.status is not None or _is_blocked(error) or self.seconds_left <= 0:
                    break
        is_refused = isinstance(problem, FetchError) and problem.status in _REFUSALS
        if is_refused and urlsplit(url).path.strip("/") == "":
            self.problem = problem
            return find_feed_links("", url=url)
        raise problem

    async def first_of(
        self, waiting: list[str], *, declared: Collection[str] = ()
    ) -> DiscoveredFeed:
        """Visit the URLs, and those that lists of feeds among them lead to, until one is a feed."""
        seen: set[str] = set()
        while url := next((url for url in waiting if url not in seen), None):
            if not self.left or self.seconds_left <= 0:
                break
            seen.add(url)
            others = len(set(waiting) - seen)
            try:
                visited = await self.visit(url, others=min(others, self.left - 1))
            except FeedError as error:
                # It is worth knowing why a feed that the page declares is not there.
                self.problem = error if url in declared else self.problem
                continue
            if isinstance(visited, DiscoveredFeed):
                return visited
            # A page named RSS, say, that lists the site's feeds.
            waiting[:0] = [*visited.declared, *visited.linked]
        raise self.problem or DiscoveryError("no feed")

    async def visit(self, url: str, *, others: int = 0) -> DiscoveredFeed | FeedLinks:
        """Return the feed at the URL, or the links of the page there; `others` are to follow."""
        self.left -= 1
        async with self.turn(domain_of(url)):
            document = await self.fetch(url, share=self.seconds_left / (others + 1))
        assert isinstance(document, FeedDocument)  # the request has no validators
        is_page, links = await self.run(
            _read_page,
            document.body[:MAX_PAGE_BYTES],
            content_type=document.content_type,
            url=document.url,
            header=document.links,
        )
        feed = None if is_page else await self._parse(document, url=url)
        return links if feed is None else feed

    async def fetch(self, url: str, *, share: float) -> FeedDocument | NotModified:
        """Return the answer, which may take its share of the time that is left."""
        seconds = min(max(share, _MIN_SHARE_SECONDS), self.seconds_left)
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        try:
            async with asyncio.timeout(seconds):
                return await fetch_feed(self.http, FeedRequest(url=url))
        except TimeoutError:
            raise FetchError(f"did not answer within {seconds:.0f} s") from None
        finally:
            self.seconds_left -= loop.time() - began_at

    async def _parse(self, document: FeedDocument, *, url: str) -> DiscoveredFeed | None:
        """Return the feed in the document that was requested at `url`; None: it is not a feed."""
        try:
            contents = await self.parse(
                document.body,
                url=document.url,
                content_type=document.content_type,
                fetched_at=self.now,
            )
        except KilledError:
            raise
        except ParseError:
            return None
        newest = [entry.title for entry in contents.entries[-MAX_NEWEST:]]
        return DiscoveredFeed(
            url=document.moved_to or url,
            title=contents.title,
            items=len(contents.entries) + sum(count for _, count in contents.dropped),
            dropped=contents.dropped,
            newest=tuple(reversed(newest)),
        )


def _read_page(
    head: bytes, *, content_type: str | None, url: str, header: str
) -> tuple[bool, FeedLinks]:
    """Return whether a document is an HTML page by its beginning, and its links."""
    text = decode(head, content_type=content_type)
    root = _ROOT.search(text, 0, _MAX_PROLOG_LENGTH)
    links = find_feed_links(text, url=url)
    declared = (*header_feeds(header, url=url), *links.declared, *feeds_in_page(text, url=url))
    links = replace(links, declared=tuple(dict.fromkeys(declared)))
    return root is not None and root[1] is None, links


def _is_blocked(error: FetchError) -> bool:
    cause = error.__cause__
    return isinstance(cause, aiohttp.ClientConnectorError) and isinstance(
        cause.os_error, BlockedError
    )
