import asyncio
import io
import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramUnauthorizedError

from bot.errors import SetupError
from bot.model import RawUpdate
from bot.telegram.updates import webhook
from bot.telegram.updates.webhook import (
    MAX_BODY_BYTES,
    SECRET_HEADER,
    WebhookChecker,
    derive_secret,
    listening,
    register,
)
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, FaultKind
from tests.support.fakes import TOKEN

SECRET = "open-sesame"
UPDATE = {"update_id": 7, "message": {"chat": {"id": 1}, "text": "hi"}}


@dataclass(slots=True)
class Store:
    """Records the ids that it stores, or raises the failure."""

    failure: sqlite3.Error | None = None
    stored: list[int] = field(default_factory=list)

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        if self.failure:
            raise self.failure
        self.stored += [update.id for update in incoming]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def http(store: Store) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        listening("127.0.0.1:0", secret=SECRET, store=store.store) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield session


async def post(
    http: aiohttp.ClientSession, body: bytes, *, secret: str | None = SECRET, path: str = "/"
) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with http.post(path, data=body, headers=headers) as answer:
        return answer.status


def body(update: object = UPDATE) -> bytes:
    return json.dumps(update).encode()


@pytest.mark.parametrize("path", ["/", "/telegram", "/any/where?at=all"])
async def test_an_update_is_stored_before_it_is_answered_whatever_path_the_proxy_makes(
    http: aiohttp.ClientSession, store: Store, path: str
) -> None:
    assert await post(http, body(), path=path) == 200
    assert store.stored == [7]


@pytest.mark.parametrize("secret", [None, "", "open-sesam", "open-sesame!", "\u0441\u0438\u043c"])
async def test_who_does_not_know_the_secret_is_turned_away(
    http: aiohttp.ClientSession, store: Store, secret: str | None
) -> None:
    assert await post(http, body(), secret=secret) == 401
    assert store.stored == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b"{}", b"[" * 100_000, body({"update_id": "7"})]
)
async def test_anything_but_an_update_is_a_bad_request(
    http: aiohttp.ClientSession, store: Store, content: bytes
) -> None:
    assert await post(http, content) == 400
    assert store.stored == []


async def test_a_body_that_is_too_long_is_not_read(
    http: aiohttp.ClientSession, store: Store
) -> None:
    long = io.BytesIO(b" " * (MAX_BODY_BYTES + 1))
    async with http.post("/", data=long, headers={SECRET_HEADER: SECRET}) as answer:
        assert answer.status == 413
    assert store.stored == []


async def test_a_body_that_does_not_end_is_given_up(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(0.5)

    async with http.post("/", data=endless(), headers={SECRET_HEADER: SECRET}) as answer:
        assert answer.status == 408


async def test_only_post_is_allowed(http: aiohttp.ClientSession) -> None:
    async with http.get("/", headers={SECRET_HEADER: SECRET}) as answer:
        assert answer.status == 405


async def test_an_update_that_cannot_be_stored_is_a_server_error(
    http: aiohttp.ClientSession, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.failure = sqlite3.OperationalError("database is locked")
    store.failure.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert await post(http, body()) == 503
    assert "update 7 waits for the database: database is locked" in caplog.text
    store.failure = sqlite3.OperationalError("no such table: updates")
    assert await post(http, body()) == 500


async def test_a_port_in_use_is_named(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SetupError, match=f"WEBHOOK_LISTEN: {where}: "):
            async with listening(where, secret=SECRET, store=store.store):
                pass


async def test_it_listens_at_an_ipv6_address(store: Store) -> None:
    async with (
        listening("[::1]:0", secret=SECRET, store=store.store) as port,
        aiohttp.ClientSession(f"http://[::1]:{port}") as session,
    ):
        assert await post(session, body()) == 200


def test_the_secret_that_follows_from_the_token_does_not_tell_it() -> None:
    assert derive_secret(TOKEN) == derive_secret(TOKEN)
    assert derive_secret(TOKEN) != derive_secret(TOKEN + "x")
    assert len(derive_secret(TOKEN)) == 64
    assert TOKEN.partition(":")[2] not in derive_secret(TOKEN)


async def test_the_registration_has_the_address_the_secret_and_the_kinds(
    bot: Bot, telegram: FakeTelegram
) -> None:
    url = await register(bot, "https://bot.example/x", secret=SECRET, kinds=["message"])
    assert url == "https://bot.example/x"
    assert telegram.world.webhook.url == "https://bot.example/x"
    assert telegram.world.webhook.secret == SECRET
    assert telegram.world.updates.allowed == {"message"}


async def test_a_refused_address_is_an_error_that_names_it(bot: Bot) -> None:
    with pytest.raises(SetupError, match=r"WEBHOOK_URL: Telegram refuses it: .* HTTPS URL"):
        await register(bot, "http://bot.example/", secret=SECRET, kinds=[])


@pytest.fixture
def checker(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> WebhookChecker:
    monkeypatch.setattr(webhook, "CHECK_INTERVAL", timedelta(0))
    return WebhookChecker(bot=bot, url="http://127.0.0.1:9/")


async def test_each_delivery_error_is_logged_once(
    bot: Bot, telegram: FakeTelegram, checker: WebhookChecker, caplog: pytest.LogCaptureFixture
) -> None:
    await register(bot, checker.url, secret=SECRET, kinds=[])
    telegram.say(telegram.person("Ann"), "hello")
    await telegram.wait_for(lambda: telegram.world.webhook.failure)
    assert await checker.step()
    assert await checker.step()
    assert caplog.text.count("could not bring an update, and 1 wait: Connection refused") == 1


async def test_another_webhook_ends_the_bot(
    telegram: FakeTelegram, checker: WebhookChecker
) -> None:
    with pytest.raises(SetupError, match="another process has taken the updates"):
        await checker.step()


async def test_a_failed_check_is_repeated(
    bot: Bot, telegram: FakeTelegram, checker: WebhookChecker, caplog: pytest.LogCaptureFixture
) -> None:
    await register(bot, checker.url, secret=SECRET, kinds=[])
    telegram.inject_fault(Fault(kind=FaultKind.SERVER_ERROR, method="getWebhookInfo", times=1))
    assert await checker.step()
    assert "Telegram cannot be asked about the webhook" in caplog.text


async def test_a_revoked_token_stays_an_error(
    telegram: FakeTelegram, checker: WebhookChecker
) -> None:
    telegram.revoke_token()
    with pytest.raises(TelegramUnauthorizedError):
        await checker.step()
