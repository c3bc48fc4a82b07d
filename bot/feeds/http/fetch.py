"""What has a feed's server to say? One polite, conditional and bounded GET.

Whatever goes wrong is a `FetchError` whose message is the fact in plain words.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import aiohttp

from bot.errors import FetchError
from bot.feeds.http.body import BodyLimits, read_body
from bot.feeds.http.client import user_agent
from bot.feeds.http.errors import status_error
from bot.feeds.http.headers import fresh_for
from bot.feeds.http.redirects import FinalResponse, get_with_redirects
from bot.model.feeds import FeedDocument, FeedRequest, NotModified, Validators

_DOCUMENTS = frozenset({HTTPStatus.OK, HTTPStatus.IM_USED})
# What no header may hold. aiohttp lets servers send it, and us not.
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


# News pages have a tenth of it.
MAX_BYTES = 2 * 1024 * 1024

_LIMITS = BodyLimits(on_the_wire=MAX_BYTES, unpacked=MAX_BYTES)
_HEADERS = {"Accept": "text/html, application/xhtml+xml;q=0.9"}
_HTML = ("text/html", "application/xhtml+xml")


async def fetch_feed(
    http: aiohttp.ClientSession, request: FeedRequest
) -> FeedDocument | NotModified:
    """Return the feed's document, or that it has not changed since the one that we know of.

    Raises:
        BusyError: if the server says when to come back.
        GoneError: if it says that the feed is gone for good.
        FetchError: if no document came for any other reason.
    """
    agent = {"User-Agent": user_agent(http, readers=request.readers)}

    async def read(
        response: aiohttp.ClientResponse, end: FinalResponse
    ) -> FeedDocument | NotModified:
        match response.status:
            case status if status in _DOCUMENTS:
                return await _document(response, request, end)
            case HTTPStatus.NOT_MODIFIED:
                return _not_modified(response, request, end)
            case _:
                raise await status_error(response, grace=end.grace)

    return await get_with_redirects(
        http, request.url, headers=lambda url: agent | _conditions(request, url), read=read
    )


def _conditions(request: FeedRequest, url: str) -> dict[str, str]:
    """Send each validator back byte for byte, and only to where it came from.

    One that cannot be sent is not: a changed one would be invented. What is new since then
    is all that we need of a feed (RFC 3229).
    """
    if url != request.document_url:
        return {}
    validators = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    conditions = {
        # Each character stands for a byte, as the session has it.
        name: validator.decode("latin-1")
        for name, validator in validators.items()
        if validator and not _CONTROL.search(validator)
    }
    return {**conditions, "A-IM": "feed"} if conditions else {}


async def _document(
    response: aiohttp.ClientResponse, request: FeedRequest, end: FinalResponse
) -> FeedDocument:
    body = await read_body(response, grace=end.grace)
    return FeedDocument(
        url=end.url,
        body=body.content,
        content_type=response.headers.get("Content-Type"),
        validators=_validators(response),
        fresh_for=_fresh_for(response),
        complete=body.complete,
        partial=response.status == HTTPStatus.IM_USED,
        moved_to=end.moved_to,
        status=response.status,
        received=body.received,
        conditional=bool(_conditions(request, end.url)),
    )


def _not_modified(
    response: aiohttp.ClientResponse, request: FeedRequest, end: FinalResponse
) -> NotModified:
    if not _conditions(request, end.url):
        raise FetchError("says that nothing is new, where we know nothing", status=response.status)
    etag, last_modified = _validators(response)
    return NotModified(
        url=end.url,
        # RFC 9111, 4.3.4: a 304 may renew validators; those it does not name stay.
        validators=(etag or request.etag, last_modified or request.last_modified),
        fresh_for=_fresh_for(response),
        moved_to=end.moved_to,
        status=response.status,
        received=0,
        conditional=True,
    )


def _fresh_for(response: aiohttp.ClientResponse) -> timedelta:
    headers = response.headers
    return fresh_for(
        cache_control=",".join(headers.getall("Cache-Control", [])),
        age=headers.get("Age", ""),
        expires=headers.get("Expires", ""),
        date=headers.get("Date", ""),
    )


def _validators(response: aiohttp.ClientResponse) -> Validators:
    """Return the bytes as received: `headers` would have decoded them."""
    raw = {name.lower(): value for name, value in reversed(response.raw_headers)}
    return raw.get(b"etag") or None, raw.get(b"last-modified") or None


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlDocument:
    """A page as it came, and where it was found in the end."""

    url: str
    body: bytes
    content_type: str


async def fetch_page(http: aiohttp.ClientSession, url: str) -> HtmlDocument:
    """Return the page at the URL; one that broke off is as good as it goes.

    Raises:
        BusyError: if the server says when to come back.
        FetchError: if no page of HTML came for any other reason.
    """
    return await get_with_redirects(http, url, headers=lambda _: _HEADERS, read=_read)


async def _read(response: aiohttp.ClientResponse, end: FinalResponse) -> HtmlDocument:
    if response.status != HTTPStatus.OK:
        raise await status_error(response, grace=end.grace)
    content_type = response.headers.get("Content-Type", "")
    if not content_type.strip().lower().startswith(_HTML):
        kind = content_type.partition(";")[0].strip()[:40] or "of no kind that it names"
        raise FetchError(f"not a page of HTML: {kind}", status=response.status)
    body = await read_body(response, grace=end.grace, limits=_LIMITS)
    return HtmlDocument(url=end.url, body=body.content, content_type=content_type)
