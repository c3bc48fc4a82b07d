"""Telegram brings us the updates itself, where WEBHOOK_URL is set: by HTTP, behind a proxy.

The answer is 200 only when the update is stored; for any other answer Telegram brings it again.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramUnauthorizedError
from aiohttp import web

from bot.errors import SetupError
from bot.model import RawUpdate
from bot.storage.errors import is_transient
from bot.telegram.updates.raw_update import read

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# The longest message is some kilobytes; what it answers to, and its keyboard, some more.
MAX_BODY_BYTES = 1 << 20
BODY_SECONDS = 10.0
# Requests in hand may finish when the server ends.
SHUTDOWN_SECONDS = 1.0
LOOK_EVERY = timedelta(minutes=1)

TAKEN_OVER = (
    "another process has taken the updates of this BOT_TOKEN away from WEBHOOK_URL: stop it first,"
    " or make a second bot with @BotFather"
)

Store = Callable[[Sequence[RawUpdate]], Awaitable[None]]


def derived_secret(token: str) -> str:
    """Return a secret that only who knows the token can know, and that does not tell it."""
    return hmac.new(token.encode(), b"readalso webhook", hashlib.sha256).hexdigest()


@asynccontextmanager
async def listening(listen: str, *, secret: str, store: Store) -> AsyncIterator[int]:
    """Take updates at `listen`, "host:port", while the block runs; yield the port.

    Raises:
        SetupError: if nothing can listen there.
    """

    async def take(request: web.Request) -> web.Response:
        return web.Response(status=await _take(request, secret.encode(), store))

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        host, _, port = listen.rpartition(":")
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            raise SetupError(f"WEBHOOK_LISTEN: {listen}: {error.strerror}") from None
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def announce(bot: Bot, url: str, *, secret: str, kinds: list[str]) -> str:
    """Ask Telegram to bring updates of these kinds to `url`, and return how it writes that.

    Raises:
        SetupError: if it refuses the address.
    """
    try:
        await bot.set_webhook(url, secret_token=secret, allowed_updates=kinds)
    except TelegramBadRequest as error:
        raise SetupError(f"WEBHOOK_URL: Telegram refuses it: {error.message}") from None
    return (await bot.get_webhook_info()).url


@dataclass(slots=True, kw_only=True)
class WebhookChecker:
    """Looks every minute whether the updates still come to us, and says what keeps them away.

    `url` is ours, as Telegram writes it.
    """

    bot: Bot
    url: str
    _said: datetime | None = field(default=None, init=False)

    async def step(self) -> bool:
        """Look once, and rest.

        Raises:
            SetupError: if they go elsewhere by now.
        """
        try:
            info = await self.bot.get_webhook_info()
        except TelegramUnauthorizedError:
            raise
        except TelegramAPIError as error:
            log.warning("Telegram cannot be asked about the webhook: %s", error.message)
        else:
            if info.url != self.url:
                raise SetupError(TAKEN_OVER)
            if info.last_error_date not in (None, self._said):
                self._said = info.last_error_date
                log.warning(
                    "Telegram could not bring an update, and %d wait: %s",
                    info.pending_update_count,
                    info.last_error_message,
                )
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        return True


async def _take(request: web.Request, secret: bytes, store: Store) -> int:
    """Store the update that is in the request, and return the status to answer."""
    given = request.headers.get(SECRET_HEADER, "")
    # In constant time: how long it takes tells nothing of how much of it was right.
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret):
        return web.HTTPUnauthorized.status_code
    incoming = await _incoming(request)
    if incoming is None:
        return web.HTTPBadRequest.status_code
    try:
        await store([incoming])
    except sqlite3.Error as error:
        if not is_transient(error):
            raise
        log.warning("update %d waits for the database: %s", incoming.id, error)
        return web.HTTPServiceUnavailable.status_code
    return web.HTTPOk.status_code


async def _incoming(request: web.Request) -> RawUpdate | None:
    """Return the update of the body; one that is too long is refused by an exception."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    try:
        return read(json.loads(body))
    except (ValueError, RecursionError):
        return None
