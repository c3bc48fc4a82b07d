"""Why did no document come? The reason, in plain words.

The words are for the operator. Of an address that we do not dial they tell nothing but that.
"""

import ssl
from http import HTTPStatus

import aiohttp

from bot.errors import BusyError, FetchError, GoneError
from bot.feeds.http.body import peek
from bot.feeds.http.headers import read_retry_after
from bot.feeds.http.ssrf_guard import BlockedError
from bot.rendering.feed_status import format_duration

_COME_BACK_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

# Where a challenge page hides behind a plain 403 or 503. Each is a name of the machinery of its
# maker, which no article would mention in its markup: Cloudflare's two, DDoS-Guard's,
# DataDome's, Imperva's, PerimeterX's.
_CHALLENGES = (
    b"/cdn-cgi/challenge-platform/",
    b"_cf_chl_opt",
    b"/.well-known/ddos-guard/",
    b"captcha-delivery.com",
    b"_Incapsula_Resource",
    b"px-captcha",
)
_CHALLENGED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE})


async def status_error(response: aiohttp.ClientResponse, *, grace: float) -> FetchError:
    """Return what a status means that brings no document.

    For the page that says why we wait `grace` seconds.
    """
    status = response.status
    if status == HTTPStatus.GONE:
        return GoneError("HTTP 410: gone for good", status=status)
    if status in _COME_BACK_LATER:
        headers = response.headers
        wait = read_retry_after(headers.get("Retry-After", ""), date=headers.get("Date", ""))
        if wait is not None:
            message = f"HTTP {status}, asks for {format_duration(wait)}"
            return BusyError(message, retry_after=wait, status=status)
    if status in _CHALLENGED and await _is_challenge(response, grace=grace):
        return FetchError(f"HTTP {status}: blocked by a challenge page", status=status)
    return FetchError(f"HTTP {status}", status=status)


def client_error_text(error: Exception) -> str:
    """Return what went wrong between us and the server."""
    match error:
        case aiohttp.ClientSSLError():
            return f"no secure connection: {_tls_fault(error)}"
        case aiohttp.ClientConnectorError():
            return _unreached(error)
        case aiohttp.ClientPayloadError():
            return "broke off in the middle"
        case aiohttp.ClientResponseError():
            return "does not speak proper HTTP"
        case aiohttp.ClientConnectionError() | OSError():
            return "closed the connection without an answer"
        case _:
            return "not an address that can be fetched"


def is_transient(error: aiohttp.ClientConnectorError) -> bool:
    """Return whether dialling again may help: not who is unknown, blocked or not to be trusted."""
    lasting = (aiohttp.ClientConnectorDNSError, aiohttp.ClientSSLError)
    return not isinstance(error, lasting) and not isinstance(error.os_error, BlockedError)


async def _is_challenge(response: aiohttp.ClientResponse, *, grace: float) -> bool:
    """Return whether it wants a human, or one who pretends to be: we do not pretend."""
    if response.headers.get("cf-mitigated", "").strip().lower() == "challenge":
        return True
    page = await peek(response, grace=grace)
    return any(mark in page for mark in _CHALLENGES)


def _tls_fault(error: aiohttp.ClientSSLError) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError(
            certificate_error=ssl.SSLCertVerificationError() as fault
        ):
            return fault.verify_message.strip().rstrip(".")
        case _:
            return "it does not speak proper TLS"


def _unreached(error: aiohttp.ClientConnectorError) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the server name is not known"
        case aiohttp.ClientConnectorError(os_error=BlockedError()):
            return str(error.os_error)
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return "refused the connection"
        case _:
            return "could not be reached"
