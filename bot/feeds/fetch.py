"""What has a feed's server to say? One polite, conditional and bounded GET.

Whatever goes wrong is a `FetchError` whose message is the fact in plain words.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urldefrag, urljoin

import aiohttp
from yarl import URL

from bot.errors import FetchError
from bot.feeds.body import read_body
from bot.feeds.faults import in_words, refused
from bot.feeds.freshness import fresh_for
from bot.feeds.guard import flaw
from bot.feeds.session import patience_of, user_agent

MAX_REDIRECTS = 5

_PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_REDIRECTS = _PERMANENT | {
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
}
_DOCUMENTS = frozenset({HTTPStatus.OK, HTTPStatus.IM_USED})
# The share of the patience after which a body has to come fast enough: five seconds.
_BEFORE_MEASURING = 1 / 4
# An address in which nothing has to be escaped. It is sent as it is: yarl would write `%2F` in
# a query as `/`, which is another address to those who sign theirs.
_AS_IT_IS = re.compile(r"[!-~]+")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """One step of the way: what is asked where, and where the feed is for good so far."""

    request: Request
    url: str
    conditions: dict[str, str]
    moved_to: str | None


async def fetch(http: aiohttp.ClientSession, request: Request) -> Document | NotModified:
    """Return the feed's document, or that it has not changed since the one that we know of.

    Raises:
        BusyError: if the server says when to come back.
        GoneError: if it says that the feed is gone for good.
        FetchError: if no document came for any other reason.
    """
    patience = patience_of(http)
    wrong = flaw(request.url)
    if wrong:
        raise FetchError(f"its address {wrong}")
    try:
        # One deadline for all redirects.
        async with asyncio.timeout(patience):
            return await _follow(http, request)
    except aiohttp.ConnectionTimeoutError:
        raise FetchError(f"no connection within {http.timeout.connect:g} s") from None
    except TimeoutError:
        raise FetchError(f"did not answer within {patience:g} s") from None
    except (aiohttp.ClientError, ValueError, OSError) as error:
        # ValueError: an address that yarl, or a name that IDNA, cannot make sense of.
        raise FetchError(in_words(error)) from error


async def _follow(http: aiohttp.ClientSession, request: Request) -> Document | NotModified:
    """Follow redirects by hand: each step is checked, and none takes anything along."""
    url, seen = request.url, {request.url}
    moved_to, for_good = None, True
    for _ in range(MAX_REDIRECTS + 1):
        hop = _Hop(
            request=request, url=url, conditions=_conditions(request, url), moved_to=moved_to
        )
        headers = {"User-Agent": user_agent(http, readers=request.readers), **hop.conditions}
        async with http.get(_exactly(url), headers=headers, allow_redirects=False) as response:
            if response.status not in _REDIRECTS:
                return await _read(response, hop, grace=patience_of(http) * _BEFORE_MEASURING)
            url = _target(url, response)
            for_good = for_good and response.status in _PERMANENT
            moved_to = url if for_good else moved_to
        if url in seen:
            raise FetchError("redirects in a circle", status=response.status)
        seen.add(url)
    raise FetchError(f"redirects more than {MAX_REDIRECTS} times")


def _exactly(url: str) -> URL:
    return URL(url, encoded=_AS_IT_IS.fullmatch(url) is not None)


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


def _target(url: str, response: aiohttp.ClientResponse) -> str:
    location = response.headers.get("Location", "").strip()
    if not location:
        raise FetchError("redirects without saying where", status=response.status)
    # A byte that is no UTF-8 stays that byte; aiohttp hands it on as a lone surrogate.
    location = re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", location)
    try:
        target = urldefrag(urljoin(url, location)).url
        wrong = flaw(target)
    except ValueError:
        raise FetchError(
            "redirects to an address that is not one of the web", status=response.status
        ) from None
    if wrong:
        raise FetchError(f"redirects to an address that {wrong}", status=response.status)
    return target


async def _read(
    response: aiohttp.ClientResponse, hop: _Hop, *, grace: float
) -> Document | NotModified:
    match response.status:
        case status if status in _DOCUMENTS:
            return await _document(response, hop, grace=grace)
        case HTTPStatus.NOT_MODIFIED:
            return _not_modified(response, hop)
        case _:
            raise await refused(response, grace=grace)


async def _document(response: aiohttp.ClientResponse, hop: _Hop, *, grace: float) -> Document:
    body = await read_body(response, grace=grace)
    return Document(
        url=hop.url,
        body=body.content,
        content_type=response.headers.get("Content-Type"),
        validators=_validators(response),
        fresh_for=_fresh_for(response),
        complete=body.complete,
        partial=response.status == HTTPStatus.IM_USED,
        moved_to=hop.moved_to,
        status=response.status,
        received=body.received,
        conditional=bool(hop.conditions),
    )


def _not_modified(response: aiohttp.ClientResponse, hop: _Hop) -> NotModified:
    if not hop.conditions:
        raise FetchError("says that nothing is new, where we know nothing", status=response.status)
    etag, last_modified = _validators(response)
    return NotModified(
        url=hop.url,
        # RFC 9111, 4.3.4: a 304 may renew validators; those it does not name stay.
        validators=(etag or hop.request.etag, last_modified or hop.request.last_modified),
        fresh_for=_fresh_for(response),
        moved_to=hop.moved_to,
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
