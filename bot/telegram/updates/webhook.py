"""Webhook: the HTTP server that Telegram posts updates to, its registration and its check.

The server answers 200 only once the update is stored; after any other answer Telegram repeats it.
"""

import asyncio
import hashlib
import hmac
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
from bot.telegram.updates.raw_update import parse_update
from bot.text.safe import loads

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# The longest message, with its keyboard and the message it replies to, has some kilobytes.
MAX_BODY_BYTES = 1 << 20
BODY_SECONDS = 10.0
# For requests in progress when the server ends.
SHUTDOWN_SECONDS = 1.0
CHECK_INTERVAL = timedelta(minutes=1)

TAKEN_OVER = (
    "another process has taken the updates of this BOT_TOKEN away from WEBHOOK_URL: stop it first,"
    " or make a second bot with @BotFather"
)

Store = Callable[[Sequence[RawUpdate]], Awaitable[None]]


def derive_secret(token: str) -> str:
    """Return a secret that only a holder of the token can derive, and that does not reveal it."""
    return hmac.new(token.encode(), b"readalso webhook", hashlib.sha256).hexdigest()


@asynccontextmanager
async def listening(listen: str, *, secret: str, store: Store) -> AsyncIterator[int]:
    """Serve the webhook at `listen`, "host:port", while the block runs; yield the port.

    Raises:
        SetupError: if nothing can listen there.
    """

    async def post(request: web.Request) -> web.Response:
        return web.Response(status=await _receive(request, secret.encode(), store))

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_post("/{path:.*}", post)
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


async def register(bot: Bot, url: str, *, secret: str, kinds: list[str]) -> str:
    """Register the webhook for updates of these kinds; return its URL as Telegram writes it.

    Raises:
        SetupError: if Telegram refuses the URL.
    """
    try:
        await bot.set_webhook(url, secret_token=secret, allowed_updates=kinds)
    except TelegramBadRequest as error:
        raise SetupError(f"WEBHOOK_URL: Telegram refuses it: {error.message}") from None
    return (await bot.get_webhook_info()).url


@dataclass(slots=True, kw_only=True)
class WebhookChecker:
    """Checks the registration of the webhook, and logs Telegram's last delivery error.

    `url` is the bot's own, as Telegram writes it.
    """

    bot: Bot
    url: str
    _logged_error_at: datetime | None = field(default=None, init=False)

    async def step(self) -> bool:
        """Check once, then wait for `CHECK_INTERVAL`.

        Raises:
            SetupError: if another webhook is registered.
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
            if info.last_error_date not in (None, self._logged_error_at):
                self._logged_error_at = info.last_error_date
                log.warning(
                    "Telegram could not bring an update, and %d wait: %s",
                    info.pending_update_count,
                    info.last_error_message,
                )
        await asyncio.sleep(CHECK_INTERVAL.total_seconds())
        return True


async def _receive(request: web.Request, secret: bytes, store: Store) -> int:
    """Store the update in the request; return the HTTP status to answer with."""
    given = request.headers.get(SECRET_HEADER, "")
    # In constant time, so that the duration does not reveal how much of it was right.
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret):
        return web.HTTPUnauthorized.status_code
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    try:
        update = parse_update(loads(body))
    except (ValueError, RecursionError):
        update = None
    if update is None:
        return web.HTTPBadRequest.status_code
    try:
        await store([update])
    except sqlite3.Error as error:
        if not is_transient(error):
            raise
        log.warning("update %d waits for the database: %s", update.id, error)
        return web.HTTPServiceUnavailable.status_code
    return web.HTTPOk.status_code
