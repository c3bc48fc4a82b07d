"""HTTP statuses and client errors as `FetchError`s, with messages for the operator.

Of an address that must not be dialled the message says no more than that.
"""

import ssl
from http import HTTPStatus

import aiohttp

from bot.errors import BusyError, FetchError, GoneError
from bot.feeds.http.body import peek
from bot.feeds.http.headers import header, read_retry_after
from bot.feeds.http.ssrf_guard import BlockedError
from bot.rendering.feed_status import format_duration

_COME_BACK_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

# Names of the software that makes challenge pages behind a plain 403 or 503, which no article
# has in its markup: two of Cloudflare's, DDoS-Guard's, DataDome's, Imperva's, PerimeterX's.
_CHALLENGES = (
    b"/cdn-cgi/challenge-platform/",
    b"_cf_chl_opt",
    b"/.well-known/ddos-guard/",
    b"captcha-delivery.com",
    b"_Incapsula_Resource",
    b"px-captcha",
)
_CHALLENGED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE})


class ChallengeError(FetchError):
    """The server shows a challenge page, for humans only."""


async def status_error(response: aiohttp.ClientResponse, *, grace: float) -> FetchError:
    """Return the error of a status that brings no document.

    The page with it is read for `grace` seconds, to recognise a challenge.
    """
    status, headers = response.status, response.headers
    if status == HTTPStatus.GONE:
        return GoneError("HTTP 410: gone for good", status=status)
    if status in _COME_BACK_LATER:
        wait = read_retry_after(header(headers, "Retry-After"), date=header(headers, "Date"))
        if wait is not None:
            message = f"HTTP {status}, asks for {format_duration(wait)}"
            return BusyError(message, retry_after=wait, status=status)
    if status in _CHALLENGED:
        is_challenge = header(headers, "cf-mitigated").strip().lower() == "challenge"
        page = b"" if is_challenge else await peek(response, grace=grace)
        if is_challenge or any(mark in page for mark in _CHALLENGES):
            return ChallengeError(f"HTTP {status}: blocked by a challenge page", status=status)
    return FetchError(f"HTTP {status}", status=status)


def client_error(error: Exception) -> FetchError:
    """Return the error of a request that got no answer."""
    match error:
        case aiohttp.ClientConnectorCertificateError(
            certificate_error=ssl.SSLCertVerificationError() as fault
        ):
            message = f"no secure connection: {fault.verify_message.strip().rstrip('.')}"
        case aiohttp.ClientSSLError():
            message = "no secure connection: it does not speak proper TLS"
        case aiohttp.ClientConnectorError():
            message = _connector_error_text(error)
        case aiohttp.ClientPayloadError():
            message = "broke off in the middle"
        case aiohttp.ClientResponseError():
            message = "does not speak proper HTTP"
        case aiohttp.ClientConnectionError() | OSError():
            message = "closed the connection without an answer"
        case _:
            message = "not an address that can be fetched"
    return FetchError(message)


def is_transient(error: aiohttp.ClientConnectorError) -> bool:
    """Return whether to dial again: not an unknown name, a TLS fault or a blocked address."""
    lasting = (aiohttp.ClientConnectorDNSError, aiohttp.ClientSSLError)
    return not isinstance(error, lasting) and not isinstance(error.os_error, BlockedError)


def _connector_error_text(error: aiohttp.ClientConnectorError) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the server name is not known"
        case aiohttp.ClientConnectorError(os_error=BlockedError()):
            return str(error.os_error)
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return "refused the connection"
        case _:
            return "could not be reached"
