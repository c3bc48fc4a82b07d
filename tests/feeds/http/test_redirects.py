import aiohttp
import pytest

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
