"""How do updates get to a bot that does not ask for them? They are posted to its webhook.

One after the other, each until it is taken: an answer other than 2xx, or none, is tried again
after a pause that doubles up to `LONGEST_PAUSE`. Telegram's own grows to a minute or two.

Source: https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.state.updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
_FOR_AN_ANSWER = aiohttp.ClientTimeout(total=20)
_MAX_CONNECTIONS = 40
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Where updates are posted to; an empty `url`: nowhere, the bot asks for them."""

    url: str = ""
    secret: str = ""
    max_connections: int = _MAX_CONNECTIONS
    failed_at: int | None = None
    failure: str = ""

    def set(self, url: str, *, secret: str, max_connections: int) -> None:
        """Post to `url` from now on.

        Raises:
            RefusalError: for an address without https (on loopback http does), or a bad secret.
        """
        if not _is_good(url):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        self.url, self.secret = url, secret
        self.max_connections = min(max(max_connections, 1), 100)
        self.failed_at, self.failure = None, ""

    def delete(self) -> None:
        """Post nowhere."""
        self.url = self.secret = self.failure = ""
        self.failed_at = None

    def info(self, updates: Updates) -> Json:
        """Return the WebhookInfo object."""
        found: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(updates.waiting),
        }
        if self.url:
            found["max_connections"] = self.max_connections
            found["allowed_updates"] = sorted(updates.allowed)
        if self.failed_at is not None:
            found |= {"last_error_date": self.failed_at, "last_error_message": self.failure}
        return found


async def deliver(webhook: Webhook, updates: Updates, *, now: Callable[[], float]) -> None:
    """Post what waits, and what comes, for as long as there is a webhook, until cancelled."""
    pause = FIRST_PAUSE
    async with aiohttp.ClientSession(timeout=_FOR_AN_ANSWER) as http:
        while True:
            # Before looking: what comes meanwhile is seen the next time.
            updates.changed.clear()
            if not (webhook.url and updates.waiting):
                await updates.changed.wait()
                continue
            update = updates.waiting[0]
            failure = await _post(http, webhook, update)
            if failure:
                webhook.failed_at, webhook.failure = int(now()), failure
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                updates.forget(update)
                pause = FIRST_PAUSE


async def _post(http: aiohttp.ClientSession, webhook: Webhook, update: Json) -> str:
    """Post an update; return what went wrong, if anything."""
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


def _is_good(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    )
