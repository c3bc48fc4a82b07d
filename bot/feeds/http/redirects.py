"""GET with redirects: followed by hand, each target checked, under one deadline for all.

Each step gets headers of its own, and the cookies that were set on the way. Whatever goes wrong
is a `FetchError` with the reason in plain words, which do not repeat a URL: it may hold a password.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urldefrag, urljoin

import aiohttp
from yarl import URL

from bot.errors import FetchError
from bot.feeds.http.client import time_limit_of
from bot.feeds.http.errors import client_error
from bot.feeds.http.headers import location
from bot.feeds.http.ssrf_guard import MAX_URL_LENGTH, UrlProblem, url_problem

MAX_REDIRECTS = 5

_PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_REDIRECTS = _PERMANENT | {
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
}
# What servers take in one header, and more than any of them needs.
_MAX_COOKIE_CHARS = 8192
# The share of the time limit after which a body has to come fast enough: five seconds.
_GRACE = 1 / 4
# A URL in which nothing has to be escaped is sent as it is: yarl would write `%2F` in a query as
# `/`, which breaks signed URLs.
_ESCAPED = re.compile(r"[!-~]+")
_URL_PROBLEMS = {
    UrlProblem.TOO_LONG: f"is longer than {MAX_URL_LENGTH} characters",
    UrlProblem.NOT_WEB: "is not one of the web",
    UrlProblem.CREDENTIALS: "holds a user name or a password",
}

T = TypeVar("T")
Headers = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalResponse:
    """The last URL, and the target of the permanent redirects to it; None: there were none.

    The speed of a body is measured after `grace` seconds.
    """

    url: str
    moved_to: str | None
    grace: float


Check = Callable[[str], Awaitable[None]]
Read = Callable[[aiohttp.ClientResponse, FinalResponse], Awaitable[T]]


async def get_with_redirects(
    http: aiohttp.ClientSession,
    url: str,
    *,
    headers: Headers,
    read: Read[T],
    check: Check | None = None,
) -> T:
    """Return what `read` makes of the final response; `headers` gives those for each URL.

    `check` is called with each URL before it is requested, and may raise.

    Raises:
        FetchError: if no answer came, or `read` raises it.
    """
    seconds = time_limit_of(http)
    problem = url_problem(url)
    if problem is not None:
        raise FetchError(f"its address {_URL_PROBLEMS[problem]}")
    try:
        async with asyncio.timeout(seconds):
            return await _follow(http, url, headers, read, check)
    except aiohttp.ConnectionTimeoutError:
        raise FetchError(f"no connection within {http.timeout.connect:g} s") from None
    except TimeoutError:
        raise FetchError(f"did not answer within {seconds:g} s") from None
    except (aiohttp.ClientError, ValueError, OSError) as error:
        # ValueError: a URL that yarl, or a name that IDNA, does not accept.
        raise client_error(error) from error


async def _follow(
    http: aiohttp.ClientSession, url: str, headers: Headers, read: Read[T], check: Check | None
) -> T:
    grace = time_limit_of(http) * _GRACE
    cookies = _Cookies()
    seen, moved_to, is_permanent = {(url, "")}, None, True
    for _ in range(MAX_REDIRECTS + 1):
        target = URL(url, encoded=_ESCAPED.fullmatch(url) is not None)
        if check:
            await check(url)
        sent = {**headers(url), **cookies.header(target)}
        async with http.get(target, headers=sent, allow_redirects=False) as response:
            cookies.take(response)
            if response.status not in _REDIRECTS:
                final = FinalResponse(url=url, moved_to=moved_to, grace=grace)
                try:
                    return await read(response, final)
                except FetchError as error:
                    # The URL that was answered so is not always the one that was asked for.
                    error.url = final.url
                    raise
            url = _redirect_target(url, response)
            is_permanent = is_permanent and response.status in _PERMANENT
            moved_to = url if is_permanent else moved_to
        # A server that asks for cookies redirects to the same address once it has set one.
        step = (url, cookies.header(URL(url)).get("Cookie", ""))
        if step in seen:
            raise FetchError("redirects in a circle", status=response.status)
        seen.add(step)
    raise FetchError(f"redirects more than {MAX_REDIRECTS} times")


class _Cookies:
    """The cookies that servers set on the way; they end with it.

    Another port is another server, though to browsers a cookie is for all ports of a host.
    """

    def __init__(self) -> None:
        # Servers of one's own network have addresses for names.
        new_jar = partial(aiohttp.CookieJar, unsafe=True)
        self._jars: defaultdict[int | None, aiohttp.CookieJar] = defaultdict(new_jar)
        self._taken = 0

    def take(self, response: aiohttp.ClientResponse) -> None:
        """Keep what the response sets, up to a limit."""
        cookies = response.cookies
        self._taken += sum(len(name) + len(morsel.value) for name, morsel in cookies.items())
        if self._taken <= _MAX_COOKIE_CHARS:
            self._jars[response.url.explicit_port].update_cookies(cookies, response.url)

    def header(self, url: URL) -> dict[str, str]:
        """Return the header for a request of the URL; empty: no cookie is meant for it."""
        cookies = self._jars[url.explicit_port].filter_cookies(url)
        text = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in cookies.items())
        return {"Cookie": text} if text else {}


def _redirect_target(url: str, response: aiohttp.ClientResponse) -> str:
    target = location(response.headers)
    if not target:
        raise FetchError("redirects without saying where", status=response.status)
    try:
        target = urldefrag(urljoin(url, target)).url
        problem = url_problem(target)
    except ValueError:
        target, problem = "", UrlProblem.NOT_WEB
    if problem is not None:
        raise FetchError(
            f"redirects to an address that {_URL_PROBLEMS[problem]}", status=response.status
        )
    return target
