"""Webhook of the bot: its settings, and the delivery of updates to it.

Updates are posted one at a time, in order, each until the answer is 2xx. A failed one is retried
after a pause that doubles up to `MAX_RETRY_PAUSE` seconds; Telegram's grows to a minute or two.

Source: https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.state.updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MIN_RETRY_PAUSE, MAX_RETRY_PAUSE = 0.05, 2.0
_TIMEOUT = aiohttp.ClientTimeout(total=20)
_MAX_CONNECTIONS = 40
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PORTS = frozenset({80, 88, 443, 8443})


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Settings and last failure of the webhook; with an empty `url` there is none."""

    url: str = ""
    secret: str = ""
    max_connections: int = _MAX_CONNECTIONS
    failed_at: int | None = None
    failure: str = ""

    def set(self, url: str, *, secret: str, max_connections: int) -> None:
        """Set the webhook.

        Raises:
            BotApiError: for a bad secret, or an address without https, of another port than
                Telegram's four, or in a reserved network. Here alone loopback may have http.
        """
        if reason := _refusal(url):
            raise bad_request(f"bad webhook: {reason}")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        self.url, self.secret = url, secret
        self.max_connections = min(max(max_connections, 1), 100)
        self.failed_at, self.failure = None, ""

    def delete(self) -> None:
        """Remove the webhook."""
        self.url = self.secret = self.failure = ""
        self.failed_at = None

    def info(self, updates: Updates) -> Json:
        """Return the WebhookInfo object."""
        info: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(updates.pending),
        }
        if self.url:
            info["max_connections"] = self.max_connections
            info["allowed_updates"] = sorted(updates.allowed)
        if self.failed_at is not None:
            info |= {"last_error_date": self.failed_at, "last_error_message": self.failure}
        return info


async def post_updates(webhook: Webhook, updates: Updates, *, now: Callable[[], float]) -> None:
    """Post pending and new updates while there is a webhook, until cancelled."""
    pause = MIN_RETRY_PAUSE
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
        while True:
            # Cleared before the look, so that an update added meanwhile is not missed.
            updates.changed.clear()
            if not (webhook.url and updates.pending):
                await updates.changed.wait()
                continue
            update = updates.pending[0]
            failure = await _post(http, webhook, update)
            if failure:
                webhook.failed_at, webhook.failure = int(now()), failure
                await asyncio.sleep(pause)
                pause = min(2 * pause, MAX_RETRY_PAUSE)
            else:
                updates.discard(update)
                pause = MIN_RETRY_PAUSE


async def _post(http: aiohttp.ClientSession, webhook: Webhook, update: Json) -> str:
    """Post an update; return `last_error_message`, empty after a success."""
    headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
    try:
        async with http.post(
            webhook.url, json=update, headers=headers, allow_redirects=False
        ) as response:
            if 200 <= response.status < 300:
                return ""
            return f"Wrong response from the webhook: {response.status} {response.reason}"
    except aiohttp.ClientConnectionError:
        return "Connection refused"
    except TimeoutError:
        return "Read timeout expired"


def _refusal(url: str) -> str:
    """Return why Telegram posts nothing to the address; empty if it does."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "An HTTPS URL must be provided for webhook"
    if host in _LOOPBACK and parts.scheme == "http":
        return ""
    if not host or parts.scheme != "https":
        return "An HTTPS URL must be provided for webhook"
    if port not in (None, *_PORTS):
        return "Webhook can be set up only on ports 80, 88, 443 or 8443"
    if host == "localhost" or _is_reserved(host):
        return f"IP address {host} is reserved"
    return ""


def _is_reserved(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False
