import aiohttp
import pytest
from aiohttp import web

from bot.errors import FetchError
from bot.feeds.http.redirects import MAX_REDIRECTS, FinalResponse, get_with_redirects
from tests.feeds.conftest import Publisher


async def read(response: aiohttp.ClientResponse, end: FinalResponse) -> tuple[str, FinalResponse]:
    return await response.text(), end


async def test_redirects_are_followed_and_each_request_has_headers_of_its_own(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=301, headers={"Location": "/new"})
    publisher.says(status=302, headers={"Location": "/now"}, path="/new")
    publisher.says("here", path="/now")
    url = publisher.url()
    text, end = await get_with_redirects(http, url, headers=lambda at: {"X-At": at}, read=read)
    assert (text, end.url, end.moved_to) == ("here", publisher.url("/now"), publisher.url("/new"))
    assert [it.headers["X-At"] for it in publisher.requests] == [
        publisher.url(path) for path in ("/rss", "/new", "/now")
    ]


async def test_what_reading_raises_comes_back_as_itself(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    async def refuse(_: aiohttp.ClientResponse, end: FinalResponse) -> None:
        raise FetchError(f"no {end.grace:g}")

    publisher.says("here")
    with pytest.raises(FetchError, match=r"no 1\.25"):
        await get_with_redirects(http, publisher.url(), headers=lambda _: {}, read=refuse)


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("/rss", "redirects in a circle"),
        ("", "redirects without saying where"),
        ("file:///etc/passwd", "redirects to an address that is not one of the web"),
        ("http://me:secret@courier.example/", "redirects to an address that holds a user name"),
    ],
)
async def test_a_step_that_leads_nowhere_is_not_taken(
    publisher: Publisher, http: aiohttp.ClientSession, location: str, words: str
) -> None:
    publisher.says(status=302, headers={"Location": location})
    with pytest.raises(FetchError, match=words) as caught:
        await get_with_redirects(http, publisher.url(), headers=lambda _: {}, read=read)
    assert "secret" not in str(caught.value)


async def test_a_long_way_is_not_gone_to_its_end(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    for step in range(9):
        publisher.says(status=302, headers={"Location": f"/{step + 1}"}, path=f"/{step}")
    with pytest.raises(FetchError, match=f"more than {MAX_REDIRECTS} times"):
        await get_with_redirects(http, publisher.url("/0"), headers=lambda _: {}, read=read)
    assert len(publisher.requests) == MAX_REDIRECTS + 1


def cookie_of(request: web.Request) -> str:
    return request.headers.get("Cookie", "")


async def follow(http: aiohttp.ClientSession, url: str) -> str:
    text, _ = await get_with_redirects(http, url, headers=lambda _: {}, read=read)
    return text


@pytest.mark.parametrize("path", ["path=/", "Path=/; HttpOnly; SameSite=Lax", "Max-Age=60", ""])
async def test_h1_a_server_that_asks_for_a_cookie_gets_it_back_and_no_other_poll_has_it(
    publisher: Publisher, http: aiohttp.ClientSession, path: str
) -> None:
    async def check(request: web.Request) -> web.Response:
        if "ok=1" in cookie_of(request):
            return web.Response(text="the feed")
        headers = {"Location": "/rss", "Set-Cookie": f"ok=1; {path}"}
        return web.Response(status=302, headers=headers)

    publisher.answers["/rss"] = check
    for _ in range(2):
        assert await follow(http, publisher.url()) == "the feed"
    assert [cookie_of(request) for request in publisher.requests] == ["", "ok=1"] * 2


async def test_h1_a_server_that_sets_the_same_cookie_for_ever_is_a_circle(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=302, headers={"Location": "/rss", "Set-Cookie": "ok=1"})
    with pytest.raises(FetchError, match="in a circle"):
        await follow(http, publisher.url())
    assert len(publisher.requests) == 2


async def test_h1_a_server_that_sets_another_cookie_each_time_is_left_in_the_end(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    async def count(request: web.Request) -> web.Response:
        headers = {"Location": "/rss", "Set-Cookie": f"n={len(publisher.requests)}"}
        return web.Response(status=302, headers=headers)

    publisher.answers["/rss"] = count
    with pytest.raises(FetchError, match=f"more than {MAX_REDIRECTS} times"):
        await follow(http, publisher.url())


async def test_h1_p32_a_cookie_goes_to_no_other_host_and_no_other_path(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    elsewhere = publisher.url("/there").replace("127.0.0.1", "localhost")
    publisher.says(status=302, headers={"Location": elsewhere, "Set-Cookie": "id=7; Path=/"})
    publisher.says("here", path="/there")
    assert await follow(http, publisher.url()) == "here"
    publisher.says(status=302, headers={"Location": "/there", "Set-Cookie": "id=7; Path=/rss"})
    assert await follow(http, publisher.url()) == "here"
    assert {cookie_of(request) for request in publisher.requests} == {""}


async def test_h1_cookies_that_no_server_needs_are_not_kept(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    for step in range(4):
        headers = {"Location": f"/{step + 1}", "Set-Cookie": f"c{step}={'7' * 3000}; Path=/"}
        publisher.says(status=302, headers=headers, path=f"/{step}")
    publisher.says("here", path="/4")
    assert await follow(http, publisher.url("/0")) == "here"
    lengths = [len(cookie_of(request)) for request in publisher.requests]
    assert lengths == [0, 3003, 6008, 6008, 6008]
