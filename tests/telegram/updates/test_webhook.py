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
    announce,
    derived_secret,
    listening,
)
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, Kind
from tests.support.fakes import TOKEN

SECRET = "open-sesame"
UPDATE = {"update_id": 7, "message": {"chat": {"id": 1}, "text": "hi"}}


@dataclass(slots=True)
class Store:
    """Remembers the ids it was given; fails as it is told to."""

    failure: sqlite3.Error | None = None
    kept: list[int] = field(default_factory=list)

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        if self.failure:
            raise self.failure
        self.kept += [it.id for it in incoming]


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
    assert store.kept == [7]


@pytest.mark.parametrize("secret", [None, "", "open-sesam", "open-sesame!", "\u0441\u0438\u043c"])
async def test_who_does_not_know_the_secret_is_turned_away(
    http: aiohttp.ClientSession, store: Store, secret: str | None
) -> None:
    assert await post(http, body(), secret=secret) == 401
    assert store.kept == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b"{}", b"[" * 100_000, body({"update_id": "7"})]
)
async def test_what_is_no_update_is_a_bad_request(
    http: aiohttp.ClientSession, store: Store, content: bytes
) -> None:
    assert await post(http, content) == 400
    assert store.kept == []


async def test_a_body_that_is_too_long_is_not_read(
    http: aiohttp.ClientSession, store: Store
) -> None:
    long = io.BytesIO(b" " * (MAX_BODY_BYTES + 1))
    async with http.post("/", data=long, headers={SECRET_HEADER: SECRET}) as answer:
        assert answer.status == 413
    assert store.kept == []


async def test_a_body_that_does_not_end_is_given_up(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(0.5)

    async with http.post("/", data=endless(), headers={SECRET_HEADER: SECRET}) as answer:
        assert answer.status == 408


async def test_only_posts_are_taken(http: aiohttp.ClientSession) -> None:
    async with http.get("/", headers={SECRET_HEADER: SECRET}) as answer:
        assert answer.status == 405


async def test_what_could_not_be_stored_is_not_said_to_be(
    http: aiohttp.ClientSession, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.failure = sqlite3.OperationalError("database is locked")
    store.failure.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert await post(http, body()) == 503
    assert "update 7 waits for the database: database is locked" in caplog.text
    store.failure = sqlite3.OperationalError("no such table: updates")
    assert await post(http, body()) == 500


async def test_a_port_that_is_taken_is_named(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SetupError, match=f"WEBHOOK_LISTEN: {where}: "):
            async with listening(where, secret=SECRET, store=store.store):
                pass


async def test_one_can_listen_at_an_address_of_ipv6(store: Store) -> None:
    async with (
        listening("[::1]:0", secret=SECRET, store=store.store) as port,
        aiohttp.ClientSession(f"http://[::1]:{port}") as session,
    ):
        assert await post(session, body()) == 200


def test_the_secret_that_follows_from_the_token_does_not_tell_it() -> None:
    assert derived_secret(TOKEN) == derived_secret(TOKEN)
    assert derived_secret(TOKEN) != derived_secret(TOKEN + "x")
    assert len(derived_secret(TOKEN)) == 64
    assert TOKEN.partition(":")[2] not in derived_secret(TOKEN)


async def test_telegram_is_told_the_address_the_secret_and_the_kinds(
    bot: Bot, telegram: FakeTelegram
) -> None:
    url = await announce(bot, "https://bot.example/x", secret=SECRET, kinds=["message"])
    assert url == "https://bot.example/x"
    assert telegram.world.webhook.url == "https://bot.example/x"
    assert telegram.world.webhook.secret == SECRET
    assert telegram.world.updates.allowed == {"message"}


async def test_an_address_that_telegram_refuses_is_named(bot: Bot) -> None:
    with pytest.raises(SetupError, match=r"WEBHOOK_URL: Telegram refuses it: .* HTTPS URL"):
        await announce(bot, "http://bot.example/", secret=SECRET, kinds=[])


@pytest.fixture
def watch(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> WebhookChecker:
    monkeypatch.setattr(webhook, "LOOK_EVERY", timedelta(0))
    return WebhookChecker(bot=bot, url="http://127.0.0.1:9/")


async def test_why_updates_do_not_come_is_said_once(
    bot: Bot, telegram: FakeTelegram, watch: WebhookChecker, caplog: pytest.LogCaptureFixture
) -> None:
    await announce(bot, watch.url, secret=SECRET, kinds=[])
    telegram.say(telegram.person("Ann"), "hello")
    await telegram.wait_for(lambda: telegram.world.webhook.failure)
    assert await watch.step()
    assert await watch.step()
    assert caplog.text.count("could not bring an update, and 1 wait: Connection refused") == 1


async def test_whose_updates_go_elsewhere_ends(
    telegram: FakeTelegram, watch: WebhookChecker
) -> None:
    with pytest.raises(SetupError, match="another process has taken the updates"):
        await watch.step()


async def test_a_telegram_in_trouble_is_asked_again(
    bot: Bot, telegram: FakeTelegram, watch: WebhookChecker, caplog: pytest.LogCaptureFixture
) -> None:
    await announce(bot, watch.url, secret=SECRET, kinds=[])
    telegram.fault(Fault(kind=Kind.SERVER_ERROR, method="getWebhookInfo", times=1))
    assert await watch.step()
    assert "Telegram cannot be asked about the webhook" in caplog.text


async def test_a_revoked_token_stays_an_error(
    telegram: FakeTelegram, watch: WebhookChecker
) -> None:
    telegram.revoke()
    with pytest.raises(TelegramUnauthorizedError):
        await watch.step()
