import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar, Unpack, get_args

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import FetchError, KilledError
from bot.feeds.discovery import feed_finder
from bot.feeds.discovery.autodiscovery import USUAL_PATHS
from bot.feeds.discovery.feed_finder import (
    MAX_PAGE_BYTES,
    MAX_REQUESTS,
    DiscoveredFeed,
    DiscoveryError,
    discover,
    find_feed,
)
from bot.feeds.formats.parse import ParsedFeed, parse
from bot.feeds.http.client import open_http
from bot.feeds.parser_pool import ParseOptions
from bot.model import DiscoveryFailure, DroppedItems, FoundFeed
from tests.feeds.conftest import Names, Publisher

P = ParamSpec("P")
T = TypeVar("T")

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
RSS = """<?xml version="1.0"?><rss version="2.0"><channel>
<title><![CDATA[The Harbour &amp; Courier]]></title><link>https://harbour.example/</link>
<item><title>Fourth</title><link>https://harbour.example/4</link></item>
<item><title>Third</title><link>https://harbour.example/3</link></item>
<item><title>Second</title><link>https://harbour.example/2</link></item>
<item><title>First</title><link>https://harbour.example/1</link></item>
</channel></rss>"""
NEWEST = ("Fourth", "Third", "Second")
HTML = "<!doctype html><html><head><title>Harbour</title>{}</head><body>{}</body></html>"


RSS_FINDING = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>
<item><title>First</title><link>https://harbour.example/1</link></item></channel></rss>"""


def page(head: str = "", body: str = "") -> str:
    return HTML.format(head, body)


def alternate(href: str) -> str:
    return f'<link rel="alternate" type="application/rss+xml" href="{href}">'


async def parse_here(document: bytes, **how: Unpack[ParseOptions]) -> ParsedFeed:
    """Parse without a process of its own, which takes a second to start."""
    assert not how.get("known")
    assert how.get("clock_error_hours", 0) == 0
    return parse(document, **how)


async def find(http: aiohttp.ClientSession, address: str) -> DiscoveredFeed:
    return await discover(http, address, parse=parse_here, now=NOW)


async def failure(http: aiohttp.ClientSession, address: str) -> DiscoveryFailure:
    with pytest.raises(DiscoveryError) as caught:
        await find(http, address)
    return caught.value.failure


def asked(publisher: Publisher) -> list[str]:
    return [request.path_qs for request in publisher.requests]


async def test_a_feed_is_found_at_its_own_address(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(RSS)
    found = await find(http, f"  {publisher.url()} ")
    assert found == DiscoveredFeed(
        url=publisher.url(), title="The Harbour & Courier", newest=NEWEST, items=4
    )
    assert asked(publisher) == ["/rss"]


@pytest.mark.parametrize(
    ("document", "title", "unusable"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": []}', "x", 0),
        (
            '<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Pier</title></feed>',
            "Pier",
            0,
        ),
        ("<rss version='2.0'><channel><item><title>x</title></item></channel></rss>", "", 1),
    ],
)
async def test_a_feed_may_be_of_any_kind_and_hold_nothing_yet(
    publisher: Publisher, http: aiohttp.ClientSession, document: str, title: str, unusable: int
) -> None:
    publisher.says(document)
    dropped: DroppedItems = (("no link", unusable),) if unusable else ()
    assert await find(http, publisher.url()) == DiscoveredFeed(
        url=publisher.url(), title=title, newest=(), items=unusable, dropped=dropped
    )


async def test_without_a_scheme_plain_http_is_the_second_try(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(RSS)
    found = await find(http, publisher.url().removeprefix("http://"))
    assert found.url == publisher.url()


async def test_p50_a_page_leads_to_the_feed_that_it_declares(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(page(alternate("../news/rss")), path="/section/")
    publisher.says(RSS, path="/news/rss")
    found = await find(http, publisher.url("/section/"))
    assert (found.url, found.newest) == (publisher.url("/news/rss"), NEWEST)
    assert asked(publisher) == ["/section/", "/news/rss"]


async def test_a_page_is_one_whatever_its_server_says(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    headers = {"Content-Type": "application/rss+xml"}
    publisher.says(alternate("/news/rss") + "<p>A page without html", path="/", headers=headers)
    publisher.says(RSS, path="/news/rss", headers={"Content-Type": "text/html"})
    assert (await find(http, publisher.url("/"))).newest == NEWEST


async def test_p50_a_list_of_feeds_leads_on(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(page(body="<a href='/export/'>RSS</a>"), path="/")
    publisher.says(page(body="<a href='/export/all.rss'>All</a>"), path="/export/")
    publisher.says(RSS, path="/export/all.rss")
    assert (await find(http, publisher.url("/"))).url == publisher.url("/export/all.rss")


async def test_p50_feeds_are_looked_for_where_they_usually_are(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(page(), path="/section/")
    publisher.says(RSS)
    assert (await find(http, publisher.url("/section/"))).url == publisher.url()
    assert asked(publisher) == ["/section/", "/feed", "/rss"]


async def test_p50_eight_requests_are_all(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    links = "".join(f"<a href='/{number}/rss.xml'>x</a>" for number in range(9))
    publisher.says(page(body=links), path="/")
    assert await failure(http, publisher.url("/")) == "no feed"
    assert len(publisher.requests) == MAX_REQUESTS


async def test_a_page_that_links_to_itself_is_requested_once(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    for path in ("/", "/feed"):
        publisher.says(page(alternate("/feed")), path=path)
    assert await failure(http, publisher.url("/")) == "no feed"
    assert asked(publisher) == ["/", "/feed", *USUAL_PATHS[1:]]


async def test_a_permanently_redirected_feed_has_its_new_address(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=301, headers={"Location": "/new"}, path="/old")
    publisher.says(status=302, headers={"Location": "/today"}, path="/new")
    publisher.says(RSS, path="/today")
    assert (await find(http, publisher.url("/old"))).url == publisher.url("/new")
    assert (await find(http, publisher.url("/new"))).url == publisher.url("/new")


async def test_neither_validators_nor_subscriber_counts_are_sent(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(RSS)
    await find(http, publisher.url())
    (request,) = publisher.requests
    assert not {"If-None-Match", "If-Modified-Since", "A-IM"} & request.headers.keys()
    assert "subscriber" not in request.headers["User-Agent"]


@pytest.mark.parametrize("typed", ["", "news", "javascript:alert(1)", "me@site.example"])
async def test_what_is_no_address_is_not_requested(http: aiohttp.ClientSession, typed: str) -> None:
    assert await failure(http, typed) == "not an address"


@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_a_private_address_is_refused(publisher: Publisher, scheme: str) -> None:
    address = publisher.url().removeprefix("http://")
    async with open_http(allow_private_addresses=False) as http:
        assert await failure(http, scheme + address) == "private"
    assert publisher.requests == []


async def test_a_page_leads_into_no_private_network(publisher: Publisher) -> None:
    """The page itself may be dialled here; what it points to is one of another machine."""
    publisher.says(page(alternate("http://intranet.example/feed")), path="/")
    async with open_http(allow_private_addresses=True, resolver=Nobody()) as http:
        assert await failure(http, publisher.url("/")) == "unknown"


class Nobody(AbstractResolver):
    """Knows no name."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(f"{host}:{port} is not known to {family}")

    async def close(self) -> None:
        pass


async def test_a_site_that_does_not_exist_is_unknown() -> None:
    async with open_http(allow_private_addresses=True, resolver=Nobody()) as http:
        assert await failure(http, "harbuor.example") == "unknown"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "needs login"),
        (403, "refused"),
        (404, "not found"),
        (410, "gone"),
        (500, "unreadable"),
    ],
)
async def test_a_refusal_is_explained(
    publisher: Publisher, http: aiohttp.ClientSession, status: int, kind: DiscoveryFailure
) -> None:
    publisher.says(status=status)
    assert await failure(http, publisher.url()) == kind
    assert len(publisher.requests) == 1


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "there is no such page on that site"),
        (410, "its publisher says that this feed is gone for good"),
        (500, "the site could not be read: HTTP 500"),
    ],
)
async def test_a_failure_is_one_sentence_for_a_person(
    publisher: Publisher, http: aiohttp.ClientSession, status: int, sentence: str
) -> None:
    publisher.says(status=status)
    with pytest.raises(DiscoveryError) as caught:
        await find(http, publisher.url())
    assert str(caught.value) == sentence


async def test_a_challenge_is_not_taken_up(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=403, headers={"cf-mitigated": "challenge"})
    assert await failure(http, publisher.url()) == "challenge"
    publisher.says("<html><title>Just a moment...</title>", path="/")
    assert await failure(http, publisher.url("/")) == "challenge"
    assert len(publisher.requests) == 2


async def test_a_page_behind_a_login_needs_one(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=302, headers={"Location": "/login"}, path="/")
    publisher.says(page(body="<input type=password>"), path="/login")
    assert await failure(http, publisher.url("/")) == "needs login"


async def test_the_failure_of_a_declared_feed_takes_precedence_over_no_feed(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(page(alternate("/rss")), path="/")
    publisher.says(status=401)
    assert await failure(http, publisher.url("/")) == "needs login"


async def test_a_document_that_kills_the_parser_is_too_heavy(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    async def killed(document: bytes, **_: object) -> ParsedFeed:
        raise KilledError(f"{len(document)} bytes took too long")

    publisher.says(RSS)
    with pytest.raises(DiscoveryError, match="too large or too tangled"):
        await discover(http, publisher.url(), parse=killed, now=NOW)


async def test_what_stands_behind_a_mebibyte_of_page_is_not_read(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    filler = "<p>" + " " * MAX_PAGE_BYTES
    publisher.says(page(alternate("/near"), filler + alternate("/far")), path="/")
    publisher.says(RSS, path="/near")
    assert (await find(http, publisher.url("/"))).url == publisher.url("/near")
    publisher.says(page(filler + alternate("/near")), path="/")
    assert await failure(http, publisher.url("/")) == "no feed"


async def test_a_page_in_an_old_encoding_is_read(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    head = f"{alternate('/comments')}{alternate('/rss')}".replace(
        "/comments", '/x" title="Коментарі до статей'
    )
    body = page(head, "<p>Новини порту</p>" * 50).encode("cp1251")
    publisher.says(body, path="/", headers={"Content-Type": "text/html; charset=windows-1251"})
    publisher.says(RSS)
    assert (await find(http, publisher.url("/"))).url == publisher.url()
    assert asked(publisher) == ["/", "/rss"]


async def test_a_server_that_hangs_is_unreadable_after_the_time_limit(publisher: Publisher) -> None:
    publisher.answers["/rss"] = publisher.hang
    time_limit = timedelta(milliseconds=200)
    async with open_http(allow_private_addresses=True, time_limit=time_limit) as http:
        with pytest.raises(DiscoveryError, match=r"did not answer within 0\.2 s$"):
            await find(http, publisher.url())


async def parse_here_finding(document: bytes, **how: Unpack[ParseOptions]) -> ParsedFeed:
    return parse(document, **how)


async def test_a_feed_is_found_with_its_domain_and_newest_titles(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(RSS_FINDING)
    found = await find_feed(http, publisher.url(), parse=parse_here_finding, now=NOW)
    assert isinstance(found, FoundFeed)
    assert (found.url, found.title, found.newest) == (publisher.url(), "Harbour", ("First",))
    assert found.domain in publisher.url()


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "not found"), (403, "refused"), (401, "needs login")]
)
async def test_a_refusal_is_told_by_its_kind(
    publisher: Publisher, http: aiohttp.ClientSession, status: int, reason: DiscoveryFailure
) -> None:
    publisher.says("", status=status)
    assert await find_feed(http, publisher.url(), parse=parse_here_finding, now=NOW) == reason


async def test_no_address_and_no_feed_are_kinds_of_failure(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    assert await find_feed(http, "a b c", parse=parse_here_finding, now=NOW) == "not an address"
    publisher.says("<!doctype html><html><body>Nothing here</body></html>")
    assert await find_feed(http, publisher.url(), parse=parse_here_finding, now=NOW) == "no feed"


async def test_whatever_else_goes_wrong_the_site_cannot_be_read_now(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says("", status=500)
    assert await find_feed(http, publisher.url(), parse=parse_here_finding, now=NOW) == "unreadable"


def test_each_failure_has_a_sentence_of_its_own() -> None:
    kinds = get_args(DiscoveryFailure)
    sentences = {str(DiscoveryError(kind, FetchError("HTTP 500"))) for kind in kinds}
    assert len(sentences) == len(kinds)


@pytest.mark.parametrize(
    "link",
    [
        '</the.atom>; rel="alternate"; type="application/atom+xml"',
        "<the.atom>;rel=alternate;type=application/rss+xml",
        '</style.css>; rel=preload, </the.atom>; rel="alternate"; title="a, b"; type="text/xml"',
        '</wp-json/>; rel="https://api.w.org/", </the.atom>; rel=feed',
    ],
)
async def test_a1_the_header_link_declares_a_feed(
    publisher: Publisher, http: aiohttp.ClientSession, link: str
) -> None:
    publisher.says(page(), path="/", headers={"Link": link})
    publisher.says(RSS, path="/the.atom")
    assert (await find(http, publisher.url("/"))).url == publisher.url("/the.atom")
    assert len(publisher.requests) == 2


@pytest.mark.parametrize("path", USUAL_PATHS)
async def test_a1_a_feed_that_nothing_declares_is_found_at_a_usual_path(
    publisher: Publisher, http: aiohttp.ClientSession, path: str
) -> None:
    publisher.says(page(), path="/")
    publisher.says(RSS, path=path)
    assert (await find(http, publisher.url("/"))).url == publisher.url(path)


@pytest.mark.parametrize("status", [404, 410, 500, 200])
async def test_a1_a_good_feed_is_found_behind_dead_ones(
    publisher: Publisher, http: aiohttp.ClientSession, status: int
) -> None:
    dead = [f"/dead/{number}.xml" for number in range(4)]
    for path in dead:
        publisher.says("", path=path, status=status)
    publisher.says(page("".join(map(alternate, [*dead, "/alive.xml"]))), path="/")
    publisher.says(RSS, path="/alive.xml")
    assert (await find(http, publisher.url("/"))).url == publisher.url("/alive.xml")


async def test_a1_a_candidate_that_hangs_leaves_time_for_the_next(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_finder, "TIME_LIMIT", timedelta(seconds=2))
    monkeypatch.setattr(feed_finder, "_MIN_SHARE_SECONDS", 0.1)
    publisher.says(page(alternate("/hangs") + alternate("/alive.xml")), path="/")
    publisher.answers["/hangs"] = publisher.hang
    publisher.says(RSS, path="/alive.xml")
    async with open_http(allow_private_addresses=True) as http:
        assert (await find(http, publisher.url("/"))).url == publisher.url("/alive.xml")


async def test_a1_the_whole_search_ends_in_time_and_says_why(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_finder, "TIME_LIMIT", timedelta(seconds=1))
    async with open_http(allow_private_addresses=True) as http:
        publisher.answers["/rss"] = publisher.hang
        assert await failure(http, publisher.url()) == "unreadable"
        publisher.says(page(alternate("/hangs")), path="/")
        publisher.answers["/hangs"] = publisher.hang
        for path in USUAL_PATHS:
            publisher.answers[path] = publisher.hang
        assert await failure(http, publisher.url("/")) == "unreadable"


async def test_a1_the_time_in_which_a_busy_machine_reads_is_not_the_servers(
    publisher: Publisher, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    hours_read, time = [0], loop.time
    monkeypatch.setattr(loop, "time", lambda: time() + 3600 * len(hours_read))

    async def take_an_hour() -> None:
        hours_read.append(1)
        for _ in range(3):
            await asyncio.sleep(0)

    async def slow_run(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        await take_an_hour()
        return function(*args, **kwargs)

    async def slow_parse(document: bytes, **options: Unpack[ParseOptions]) -> ParsedFeed:
        await take_an_hour()
        return parse(document, **options)

    publisher.says(page(alternate("/rss")), path="/")
    publisher.says(RSS)
    feed = await discover(http, publisher.url("/"), parse=slow_parse, now=NOW, run=slow_run)
    assert feed.url == publisher.url()
    # The page, then the document that may be a page, then the feed.
    assert len(hours_read) == 4


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a1_of_a_site_without_a_front_page_the_usual_feeds_are_left(
    publisher: Publisher, http: aiohttp.ClientSession, status: int
) -> None:
    publisher.says(status=status, path="/")
    kinds: dict[int, DiscoveryFailure] = {403: "refused", 404: "not found", 500: "unreadable"}
    assert await failure(http, publisher.url("/")) == kinds[status]
    publisher.says(RSS, path="/feed.xml")
    assert (await find(http, publisher.url("/"))).url == publisher.url("/feed.xml")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("github.com/harbour/pier", "/harbour/pier/releases.atom"),
        ("www.reddit.com/r/harbour", "/r/harbour/.rss"),
        ("social.example/@harbour", "/@harbour.rss"),
        ("www.youtube.com/@harbour", "/feeds/videos.xml?channel_id=UC" + "x" * 22),
    ],
)
async def test_a1_a_page_of_a_known_site_leads_to_its_feed(
    publisher: Publisher, address: str, path: str
) -> None:
    publisher.says(page(body=f'<script>{{"channelId":"UC{"x" * 22}"}}</script>'), path="/@harbour")
    publisher.says(RSS, path=path.partition("?")[0])
    port = publisher.base.rpartition(":")[2]
    host, _, rest = address.partition("/")
    async with open_http(allow_private_addresses=True, resolver=Names(["127.0.0.1"])) as http:
        found = await find(http, f"http://{host}:{port}/{rest}")
    assert (found.url, found.newest) == (f"http://{host}:{port}{path}", NEWEST)
    assert asked(publisher)[-1] == path


async def test_a1_a_known_site_without_that_feed_is_read_as_any_other(
    publisher: Publisher,
) -> None:
    publisher.says(page(alternate("/blog.xml")), path="/harbour/pier")
    publisher.says(RSS, path="/blog.xml")
    port = publisher.base.rpartition(":")[2]
    async with open_http(allow_private_addresses=True, resolver=Names(["127.0.0.1"])) as http:
        found = await find(http, f"http://github.com:{port}/harbour/pier")
    assert found.url == f"http://github.com:{port}/blog.xml"


@pytest.mark.parametrize(
    "address",
    ["http://10.0.0.7/feed", "192.168.1.1", "localhost:8080", "http://[::1]/", "169.254.169.254/x"],
)
async def test_a1_a_private_address_is_called_so(address: str) -> None:
    async with open_http(allow_private_addresses=False) as http:
        assert await failure(http, address) == "private"
