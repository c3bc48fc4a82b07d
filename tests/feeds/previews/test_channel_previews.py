"""Fetching of channel previews: robots.txt, gaps between polls, and channels without one."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.errors import DisallowedError, FetchError
from bot.feeds.formats.parse import parse
from bot.feeds.parser_pool import Parse
from bot.feeds.polling.poll_result import FetchAnswer
from bot.feeds.previews.channel_page import post_numbers
from bot.feeds.previews.channel_previews import ChannelPreviews, channel_of, parse_any
from bot.model import FoundFeed
from bot.model.feeds import FeedDocument, FeedRequest, NotModified
from tests.feeds.previews.test_channel_page import NOW, URL, post
from tests.support.builders import entry
from tests.support.feed_server import rss

HOST = "https://t.me"


@dataclass(slots=True)
class Channel:
    """A channel's pages, a request each; `disallowed` are the addresses that may not be read."""

    pages: deque[str | FetchError]
    newest: int = 0
    disallowed: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    @property
    def previews(self) -> ChannelPreviews:
        return ChannelPreviews(
            url=HOST,
            fetch=self.fetch,
            check=self.check,
            numbers=self.numbers,
            newest_known=self.newest_known,
            pause=self.pause,
        )

    async def fetch(self, request: FeedRequest) -> FetchAnswer:
        self.asked.append(request.url)
        page = self.pages.popleft()
        if isinstance(page, FetchError):
            raise page
        return FeedDocument(
            url=request.url,
            body=page.encode(),
            content_type="text/html",
            validators=(None, None),
            fresh_for=timedelta(0),
            complete=True,
            partial=False,
            moved_to=None,
            status=200,
            received=len(page),
            conditional=False,
        )

    async def check(self, url: str) -> None:
        self.asked.append(f"robots {url}")
        if url in self.disallowed:
            raise DisallowedError("disallowed")

    async def numbers(self, *args: bytes, **options: str) -> tuple[int, ...]:
        return post_numbers(*args, username=options["username"], content_type="text/html")

    async def newest_known(self, url: str) -> int:
        assert url == URL
        return self.newest

    async def pause(self) -> None:
        self.asked.append("pause")


async def parse_here(document: bytes, **options: object) -> object:
    return parse_any(document, channel="harbour_news", **options)  # type: ignore[arg-type]


def page(*numbers: int) -> str:
    return "".join(post(number, f"Ship {number} came in") for number in numbers)


async def body_of(channel: Channel) -> tuple[int, ...]:
    answer = await channel.previews.fetch_feed(FeedRequest(url=URL))
    assert not isinstance(answer, NotModified)
    return post_numbers(answer.body, username="harbour_news", content_type="text/html")


def requests(channel: Channel) -> list[str]:
    return [asked for asked in channel.asked if not asked.startswith("robots")]


async def test_older_pages_are_asked_for_until_the_newest_known_post_is_reached() -> None:
    channel = Channel(deque([page(9, 10), page(7, 8), page(5, 6)]), newest=7)
    assert await body_of(channel) == (7, 8, 9, 10)
    assert requests(channel) == [URL, "pause", f"{URL}?before=9"]


async def test_no_more_than_three_older_pages_are_asked_for() -> None:
    channel = Channel(deque([page(n, n + 1) for n in range(90, 10, -2)]), newest=3)
    assert await body_of(channel) == tuple(range(84, 92))
    assert requests(channel).count("pause") == 3


@pytest.mark.parametrize("newest", [0, 9, 10, 11])
async def test_without_a_gap_one_page_is_read(newest: int) -> None:
    channel = Channel(deque([page(9, 10)]), newest=newest)
    assert await body_of(channel) == (9, 10)
    assert requests(channel) == [URL]


@pytest.mark.parametrize("older", ["", FetchError("broke off"), "<p>no posts"])
async def test_an_older_page_that_does_not_come_costs_nothing_of_the_newest(
    older: str | FetchError,
) -> None:
    channel = Channel(deque([page(9, 10), older]), newest=3)
    assert await body_of(channel) == (9, 10)


async def test_what_robots_txt_forbids_is_not_asked_for() -> None:
    channel = Channel(deque([page(9, 10)]), newest=3, disallowed=frozenset({URL}))
    with pytest.raises(DisallowedError):
        await channel.previews.fetch_feed(FeedRequest(url=URL))
    assert requests(channel) == []
    channel = Channel(deque([page(9, 10)]), newest=3, disallowed=frozenset({f"{URL}?before=9"}))
    assert await body_of(channel) == (9, 10)
    assert requests(channel) == [URL, "pause"]


@pytest.mark.parametrize(
    ("answer", "disallowed", "expected"),
    [
        ("<p>You can view and join.", "", "no preview"),
        (FetchError("no", status=404), "", "no preview"),
        (FetchError("no", status=500), "", "unreadable"),
        (page(1), URL, "refused"),
    ],
)
async def test_a_channel_without_a_preview_is_told_from_one_that_may_not_be_read(
    answer: str | FetchError, disallowed: str, expected: str
) -> None:
    channel = Channel(deque([answer]), disallowed=frozenset({disallowed}))
    parse_page: Parse = parse_here  # type: ignore[assignment]
    assert await channel.previews.find("harbour_news", parse=parse_page, now=NOW) == expected


async def test_a_preview_is_found_as_a_feed_without_pages_of_articles() -> None:
    channel = Channel(deque([page(7, 8, 9, 10)]))
    parse_page: Parse = parse_here  # type: ignore[assignment]
    found = await channel.previews.find("harbour_news", parse=parse_page, now=NOW)
    assert isinstance(found, FoundFeed)
    assert (found.url, found.domain, found.items, found.has_pages) == (URL, "t.me", 4, False)
    assert found.newest == ("Ship 10 came in", "Ship 9 came in", "Ship 8 came in")


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        (URL, "harbour_news"),
        ("https://t.me/harbour_news", None),
        (f"{URL}?before=5", None),
        ("https://t.me.example/s/harbour_news", None),
        ("https://courier.example/s/harbour_news", None),
    ],
)
def test_only_addresses_below_that_of_the_previews_are_channels(
    url: str, channel: str | None
) -> None:
    assert channel_of(url, HOST) == channel
    assert channel_of(url, "") is None


def test_any_other_document_is_read_as_a_feed() -> None:
    document = rss([entry("Bridge opens")]).encode()
    options = {"url": "https://courier.example/rss", "content_type": None, "fetched_at": NOW}
    assert parse_any(document, **options) == parse(document, **options)  # type: ignore[arg-type]
