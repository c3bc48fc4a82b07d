"""How does a GET reach whoever answers it? By hand from redirect to redirect, within one deadline.

Each step is checked like the first, and takes nothing along that is not meant for it. Whatever
goes wrong is a `FetchError` whose message is the fact in plain words.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urldefrag, urljoin

import aiohttp
from yarl import URL

from bot.errors import FetchError
from bot.feeds.http.client import timeout_of
from bot.feeds.http.errors import client_error_text
from bot.feeds.http.ssrf_guard import url_problem

MAX_REDIRECTS = 5

_PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_REDIRECTS = _PERMANENT | {
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
}
# The share of the patience after which a body has to come fast enough: five seconds.
_BEFORE_MEASURING = 1 / 4
# An address in which nothing has to be escaped. It is sent as it is: yarl would write `%2F` in
# a query as `/`, which is another address to those who sign theirs.
_AS_IT_IS = re.compile(r"[!-~]+")

T = TypeVar("T")
Headers = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalResponse:
    """Where the way ended: `moved_to` is where what we asked for is for good, None: where we asked.

    Before a body is measured it has `grace` seconds.
    """

    url: str
    moved_to: str | None
    grace: float


Read = Callable[[aiohttp.ClientResponse, FinalResponse], Awaitable[T]]


async def get_with_redirects(
    http: aiohttp.ClientSession, url: str, *, headers: Headers, read: Read[T]
) -> T:
    """Return what `read` makes of the answer; each step is asked with the `headers` for its URL.

    Raises:
        FetchError: if no answer came, or `read` raises it.
    """
    patience = timeout_of(http)
    wrong = url_problem(url)
    if wrong:
        raise FetchError(f"its address {wrong}")
    try:
        # One deadline for all redirects.
        async with asyncio.timeout(patience):
            return await _follow(http, url, headers, read)
    except aiohttp.ConnectionTimeoutError:
        raise FetchError(f"no connection within {http.timeout.connect:g} s") from None
    except TimeoutError:
        raise FetchError(f"did not answer within {patience:g} s") from None
    except (aiohttp.ClientError, ValueError, OSError) as error:
        # ValueError: an address that yarl, or a name that IDNA, cannot make sense of.
        raise FetchError(client_error_text(error)) from error


async def _follow(http: aiohttp.ClientSession, url: str, headers: Headers, read: Read[T]) -> T:
    grace = timeout_of(http) * _BEFORE_MEASURING
    seen, moved_to, for_good = {url}, None, True
    for _ in range(MAX_REDIRECTS + 1):
        asked = http.get(_exactly(url), headers=headers(url), allow_redirects=False)
        async with asked as response:
            if response.status not in _REDIRECTS:
                return await read(response, FinalResponse(url=url, moved_to=moved_to, grace=grace))
            url = _target(url, response)
            for_good = for_good and response.status in _PERMANENT
            moved_to = url if for_good else moved_to
        if url in seen:
            raise FetchError("redirects in a circle", status=response.status)
        seen.add(url)
    raise FetchError(f"redirects more than {MAX_REDIRECTS} times")


def _exactly(url: str) -> URL:
    return URL(url, encoded=_AS_IT_IS.fullmatch(url) is not None)


def _target(url: str, response: aiohttp.ClientResponse) -> str:
    location = response.headers.get("Location", "").strip()
    if not location:
        raise FetchError("redirects without saying where", status=response.status)
    # A byte that is no UTF-8 stays that byte; aiohttp hands it on as a lone surrogate.
    location = re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", location)
    try:
        target = urldefrag(urljoin(url, location)).url
        wrong = url_problem(target)
    except ValueError:
        raise FetchError(
            "redirects to an address that is not one of the web", status=response.status
        ) from None
    if wrong:
        raise FetchError(f"redirects to an address that {wrong}", status=response.status)
    return target
