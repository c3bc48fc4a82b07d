"""Conditional GET of a feed, and GET of an article's page.

Whatever goes wrong is a `FetchError` with the reason in plain words.
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
from bot.feeds.http.headers import fresh_for, header, list_header
from bot.feeds.http.redirects import FinalResponse, get_with_redirects
from bot.feeds.http.robots_cache import RobotsRules
from bot.model.feeds import FeedDocument, FeedRequest, NotModified, Validators

# With 203 a proxy says that it has changed the page.
_WHOLE = frozenset({HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION})
_DOCUMENTS = _WHOLE | {HTTPStatus.IM_USED}
# Not allowed in headers. aiohttp accepts it from servers and refuses to send it.
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

# News pages have a tenth of it.
MAX_PAGE_BYTES = 2 * 1024 * 1024
_PAGE_LIMITS = BodyLimits(on_the_wire=MAX_PAGE_BYTES, unpacked=MAX_PAGE_BYTES)
_PAGE_HEADERS = {"Accept": "text/html, application/xhtml+xml;q=0.9"}
_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlDocument:
    """A page, and its final URL."""

    url: str
    body: bytes
    content_type: str


async def fetch_feed(
    http: aiohttp.ClientSession, request: FeedRequest
) -> FeedDocument | NotModified:
    """Return the feed's document, or that it has not changed since the one with the validators.

    Raises:
        BusyError: if the server says when to come back.
        GoneError: if it says that the feed is gone for good.
        FetchError: if no document came for any other reason.
    """
    agent = {"User-Agent": user_agent(http, readers=request.readers)}

    async def read(
        response: aiohttp.ClientResponse, final: FinalResponse
    ) -> FeedDocument | NotModified:
        if response.status == HTTPStatus.NOT_MODIFIED:
            if not _conditions(request, final.url):
                problem = "says that nothing is new, where we know nothing"
                raise FetchError(problem, status=response.status)
            etag, last_modified = _validators(response)
            return NotModified(
                url=final.url,
                # RFC 9111, 4.3.4: a 304 may renew validators; those it does not name stay.
                validators=(etag or request.etag, last_modified or request.last_modified),
                fresh_for=_fresh_for(response),
                moved_to=final.moved_to,
                status=response.status,
                received=0,
                conditional=True,
            )
        if response.status not in _DOCUMENTS:
            raise await status_error(response, grace=final.grace)
        body = await read_body(response, grace=final.grace)
        return FeedDocument(
            url=final.url,
            body=body.content,
            content_type=header(response.headers, "Content-Type") or None,
            validators=_validators(response),
            fresh_for=_fresh_for(response),
            complete=body.complete,
            partial=response.status == HTTPStatus.IM_USED,
            moved_to=final.moved_to,
            status=response.status,
            received=body.received,
            conditional=bool(_conditions(request, final.url)),
            links=list_header(response.headers, "Link"),
        )

    return await get_with_redirects(
        http, request.url, headers=lambda url: agent | _conditions(request, url), read=read
    )


async def fetch_page(
    http: aiohttp.ClientSession, url: str, *, robots: RobotsRules | None = None
) -> HtmlDocument:
    """Return the page at the URL; one that broke off is good enough.

    Raises:
        DisallowedError: if the `robots` rules forbid it, or a page that it redirects to.
        BusyError: if the server says when to come back.
        FetchError: if no page of HTML came for any other reason.
    """

    async def read(response: aiohttp.ClientResponse, final: FinalResponse) -> HtmlDocument:
        if response.status not in _WHOLE:
            raise await status_error(response, grace=final.grace)
        content_type = header(response.headers, "Content-Type")
        if not content_type.strip().lower().startswith(_HTML):
            kind = content_type.partition(";")[0].strip()[:40] or "of no kind that it names"
            raise FetchError(f"not a page of HTML: {kind}", status=response.status)
        body = await read_body(response, grace=final.grace, limits=_PAGE_LIMITS)
        return HtmlDocument(url=final.url, body=body.content, content_type=content_type)

    return await get_with_redirects(
        http,
        url,
        headers=lambda _: _PAGE_HEADERS,
        read=read,
        check=robots.check if robots else None,
    )


def _conditions(request: FeedRequest, url: str) -> dict[str, str]:
    """Return the headers that send each validator back byte for byte, and only where it came from.

    A validator that no header may hold is left out. With A-IM the server may send only what is
    new since then (RFC 3229).
    """
    if url != request.document_url:
        return {}
    validators = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    conditions = {
        # Each character stands for a byte: see `_Request` of the client.
        name: validator.decode("latin-1")
        for name, validator in validators.items()
        if validator and not _CONTROL.search(validator)
    }
    return {**conditions, "A-IM": "feed"} if conditions else {}


def _fresh_for(response: aiohttp.ClientResponse) -> timedelta:
    headers = response.headers
    return fresh_for(
        cache_control=list_header(headers, "Cache-Control"),
        age=header(headers, "Age"),
        expires=header(headers, "Expires"),
        date=header(headers, "Date"),
    )


def _validators(response: aiohttp.ClientResponse) -> Validators:
    """Return the bytes as received, which `response.headers` has decoded."""
    raw = {name.lower(): value for name, value in reversed(response.raw_headers)}
    return raw.get(b"etag") or None, raw.get(b"last-modified") or None
