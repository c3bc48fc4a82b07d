"""Channel previews: the feeds whose documents are preview pages of Telegram channels.

All requests to the host are `pause` apart, and its robots.txt is obeyed, whatever is set for the
pages of articles. Older pages are asked for only where the newest one does not reach back to the
newest post that is known.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Unpack

import aiohttp

from bot.errors import DisallowedError, FeedError, FetchError
from bot.feeds.formats.parse import ParsedFeed, parse
from bot.feeds.formats.robots_txt import is_allowed
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.http.host_limiter import HostLimiter
from bot.feeds.http.robots_cache import RobotsRules, fetch_robots
from bot.feeds.parser_pool import Parse, ParseOptions
from bot.feeds.polling.poll_result import FetchAnswer
from bot.feeds.previews.channel_page import parse_channel_page, post_numbers
from bot.isolation.pool import Runner
from bot.model import DiscoveryFailure, FoundFeed
from bot.model.feeds import FeedDocument, FeedRequest
from bot.storage.database import Database
from bot.storage.feeds import channels
from bot.web.domains import domain_of

MAX_OLDER_PAGES = 3
MAX_NEWEST = 3
_USERNAME = re.compile(r"/s/([A-Za-z]\w{3,31})", re.ASCII)


def channel_of(url: str, previews: str) -> str | None:
    """Return the username of the channel whose preview page is at the URL; None: it is none."""
    match = _USERNAME.fullmatch(url.removeprefix(previews)) if url.startswith(previews) else None
    return match[1] if match else None


def parse_any(
    document: bytes, *, channel: str | None = None, **options: Unpack[ParseOptions]
) -> ParsedFeed:
    """Return what is in a feed, or in the preview page of the channel.

    Raises:
        ParseError: if it is neither.
        GoneError: if a feed says that it has ended.
    """
    if channel is None:
        return parse(document, **options)
    return parse_channel_page(
        document,
        url=options["url"],
        username=channel,
        content_type=options["content_type"],
        fetched_at=options["fetched_at"],
        known=options.get("known", frozenset()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPreviews:
    """Fetches the preview pages below the address `url`.

    `check` raises for a page that the robots.txt forbids, `numbers` reads those of the posts of a
    page, and `newest_known` returns that of the newest post stored of a feed; 0: there is none.
    """

    url: str
    fetch: Callable[[FeedRequest], Awaitable[FetchAnswer]]
    check: Callable[[str], Awaitable[None]]
    numbers: Callable[..., Awaitable[tuple[int, ...]]]
    newest_known: Callable[[str], Awaitable[int]]
    pause: Callable[[], Awaitable[None]]

    async def fetch_feed(self, request: FeedRequest) -> FetchAnswer:
        """Return the answer, of a preview with older pages below it where they fill a gap.

        Raises:
            FeedError: if it may not be read, or did not come.
        """
        channel = channel_of(request.url, self.url)
        if channel is None:
            return await self.fetch(request)
        await self.check(request.url)
        answer = await self.fetch(request)
        newest_known = await self.newest_known(request.url)
        if not newest_known or not isinstance(answer, FeedDocument):
            return answer
        bodies, page = [answer.body], answer
        for _ in range(MAX_OLDER_PAGES):
            numbers = await self.numbers(
                page.body, username=channel, content_type=page.content_type
            )
            if not numbers or numbers[0] <= newest_known:
                break
            await self.pause()
            older = await self._older(f"{request.url}?before={numbers[0]}")
            if older is None:
                break
            bodies.append(older.body)
            page = older
        return replace(answer, body=b"\n".join(bodies))

    def parse_in(self, runner: Runner) -> Parse:
        """Return the parser of feeds and previews, which works in the runner."""
        read = runner.wrap(parse_any)

        async def parse(document: bytes, **options: Unpack[ParseOptions]) -> ParsedFeed:
            return await read(document, channel=channel_of(options["url"], self.url), **options)

        return parse

    async def _older(self, url: str) -> FeedDocument | None:
        """Return an older page; None: it did not come, and the gap stays."""
        try:
            await self.check(url)
            answer = await self.fetch(FeedRequest(url=url))
        except FeedError:
            return None
        return answer if isinstance(answer, FeedDocument) else None

    async def find(
        self, username: str, *, parse: Parse, now: datetime
    ) -> FoundFeed | DiscoveryFailure:
        """Return the preview of the channel as a feed, or why there is none."""
        # Usernames differ in more than case.
        url = f"{self.url}/s/{username.lower()}"
        try:
            answer = await self.fetch_feed(FeedRequest(url=url))
            assert isinstance(answer, FeedDocument)  # the request has no validators
            contents = await parse(
                answer.body, url=url, content_type=answer.content_type, fetched_at=now
            )
        except DisallowedError:
            return "refused"
        except FetchError as error:
            return "no preview" if error.status in (403, 404) else "unreadable"
        except FeedError:
            return "no preview"
        return FoundFeed(
            url=url,
            domain=domain_of(url),
            title=contents.title,
            newest=tuple(entry.title for entry in reversed(contents.entries[-MAX_NEWEST:])),
            items=len(contents.entries) + sum(count for _, count in contents.dropped),
            dropped=contents.dropped,
            has_pages=False,
        )


def open_previews(
    url: str, http: aiohttp.ClientSession, *, db: Database, share: Runner, host_limiter: HostLimiter
) -> ChannelPreviews:
    """Return what fetches the previews below the URL; empty: nothing is one."""

    async def pause() -> None:
        await asyncio.sleep(host_limiter.min_interval.total_seconds())

    async def fetch_robots_and_pause(url: str) -> bytes:
        robots = await fetch_robots(http, url)
        await pause()
        return robots

    rules = RobotsRules(
        fetch=fetch_robots_and_pause, is_allowed=share.wrap(is_allowed), now=host_limiter.now
    )
    return ChannelPreviews(
        url=url,
        fetch=partial(fetch_feed, http),
        check=rules.check,
        numbers=share.wrap(post_numbers),
        newest_known=lambda feed_url: channels.newest_post(db.reader, feed_url),
        pause=pause,
    )
