"""What has a feed's server to say? One polite, conditional and bounded GET.

Whatever goes wrong is a `FetchError` whose message is the fact in plain words.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import aiohttp

from bot.errors import FetchError
from bot.feeds.http.body import read_body
from bot.feeds.http.client import user_agent
from bot.feeds.http.errors import refused
from bot.feeds.http.headers import fresh_for
from bot.feeds.http.redirects import End, follow

_DOCUMENTS = frozenset({HTTPStatus.OK, HTTPStatus.IM_USED})
# What no header may hold. aiohttp lets servers send it, and us not.
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

# The ETag and the Last-Modified, each as the server's own bytes; None where it gave none.
Validators = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask for, and what we have of it already.

    The validators are those of the document that was found at `document_url`, None: we have
    none. So many `readers` are told to the publisher; 0: nothing is.
    """

    url: str
    etag: bytes | None = None
    last_modified: bytes | None = None
    document_url: str | None = None
    readers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the feed's server sent, unpacked.

    `url` is where it was found in the end, and `moved_to` where the server says that it is
    for good; None: where we asked. A `content_type` of None: it named none. It is `complete`
    unless it broke off, and `partial` where it holds only what we do not have. `received`
    counts the bytes of its body on the wire, and it is `conditional` if we sent a validator.
    """

    url: str
    body: bytes
    content_type: str | None
    validators: Validators
    fresh_for: timedelta
    complete: bool
    partial: bool
    moved_to: str | None
    status: int
    received: int
    conditional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """Nothing is new; the validators are those to send from now on. The rest is as above."""

    url: str
    validators: Validators
    fresh_for: timedelta
    moved_to: str | None
    status: int
    received: int
    conditional: bool


async def fetch(http: aiohttp.ClientSession, request: Request) -> Document | NotModified:
    """Return the feed's document, or that it has not changed since the one that we know of.

    Raises:
        BusyError: if the server says when to come back.
        GoneError: if it says that the feed is gone for good.
        FetchError: if no document came for any other reason.
    """
    agent = {"User-Agent": user_agent(http, readers=request.readers)}

    async def read(response: aiohttp.ClientResponse, end: End) -> Document | NotModified:
        match response.status:
            case status if status in _DOCUMENTS:
                return await _document(response, request, end)
            case HTTPStatus.NOT_MODIFIED:
                return _not_modified(response, request, end)
            case _:
                raise await refused(response, grace=end.grace)

    return await follow(
        http, request.url, headers=lambda url: agent | _conditions(request, url), read=read
    )


def _conditions(request: Request, url: str) -> dict[str, str]:
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


async def _document(response: aiohttp.ClientResponse, request: Request, end: End) -> Document:
    body = await read_body(response, grace=end.grace)
    return Document(
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


def _not_modified(response: aiohttp.ClientResponse, request: Request, end: End) -> NotModified:
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
