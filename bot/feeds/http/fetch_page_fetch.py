"""What has an article's page to say? One GET as polite and bounded as a feed's."""

from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from bot.errors import FetchError
from bot.feeds.http.body import Limits, read_body
from bot.feeds.http.errors import refused
from bot.feeds.http.redirects import End, follow

# News pages have a tenth of it.
MAX_BYTES = 2 * 1024 * 1024

_LIMITS = Limits(on_the_wire=MAX_BYTES, unpacked=MAX_BYTES)
_HEADERS = {"Accept": "text/html, application/xhtml+xml;q=0.9"}
_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page as it came, and where it was found in the end."""

    url: str
    body: bytes
    content_type: str


async def fetch_page(http: aiohttp.ClientSession, url: str) -> Sheet:
    """Return the page at the URL; one that broke off is as good as it goes.

    Raises:
        BusyError: if the server says when to come back.
        FetchError: if no page of HTML came for any other reason.
    """
    return await follow(http, url, headers=lambda _: _HEADERS, read=_read)


async def _read(response: aiohttp.ClientResponse, end: End) -> Sheet:
    if response.status != HTTPStatus.OK:
        raise await refused(response, grace=end.grace)
    content_type = response.headers.get("Content-Type", "")
    if not content_type.strip().lower().startswith(_HTML):
        kind = content_type.partition(";")[0].strip()[:40] or "of no kind that it names"
        raise FetchError(f"not a page of HTML: {kind}", status=response.status)
    body = await read_body(response, grace=end.grace, limits=_LIMITS)
    return Sheet(url=end.url, body=body.content, content_type=content_type)
