import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot_playground.bot_api.errors import BotApiError
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.server import serving
from bot_playground.state.webhook import SECRET_HEADER, Webhook
from tests.support.bot_api_client import TOKEN, ask
from tests.support.fakes import FakeClock

SLOW = 504


@dataclass(slots=True)
class Bot:
    """A webhook server that records updates; its first answers are given."""

    answers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get(SECRET_HEADER))
        status = self.answers.pop(0) if self.answers else 200
        if status == SLOW:
            await asyncio.sleep(0.5)
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        if status == 200:
            self.texts.append((await request.json())["message"]["text"])
        return web.Response(status=status or 500, headers={"Location": "/elsewhere"})


@asynccontextmanager
async def taking(bot: Bot) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/", bot.take)
    async with serving(app) as url:
        yield url + "/"


async def set_webhook(telegram: FakeTelegram, url: str, **parameters: object) -> None:
    assert await ask(telegram.world, "setWebhook", url=url, **parameters) is True


async def test_updates_are_posted_in_order_with_the_secret(telegram: FakeTelegram) -> None:
    bot, ann = Bot(), telegram.person("Ann")
    telegram.say(ann, "before")
    async with taking(bot) as url:
        await set_webhook(telegram, url, secret_token="open-sesame")
        telegram.say(ann, "one")
        telegram.say(ann, "two")
        await telegram.wait_for(lambda: len(bot.texts) == 3)
        await telegram.wait_for(lambda: not telegram.world.updates.pending)
    assert bot.texts == ["before", "one", "two"]
    assert set(bot.secrets) == {"open-sesame"}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (503, "Wrong response from the webhook: 503 Service Unavailable"),
        (302, "Wrong response from the webhook: 302 Found"),
        (0, "Connection refused"),
    ],
)
async def test_an_update_is_posted_again_after_a_failure(
    telegram: FakeTelegram, status: int, words: str
) -> None:
    bot, ann = Bot(answers=[status, status]), telegram.person("Ann")
    async with taking(bot) as url:
        await set_webhook(telegram, url)
        telegram.say(ann, "one")
        telegram.say(ann, "two")
        await telegram.wait_for(lambda: len(bot.texts) == 2)
    assert bot.texts == ["one", "two"]
    assert bot.secrets == [None] * 4
    info = await ask(telegram.world, "getWebhookInfo")
    assert info["last_error_message"] == words
    assert info["last_error_date"] == int(telegram.world.now())


async def test_an_update_is_posted_again_after_a_timeout(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot_playground.state.webhook._TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    bot = Bot(answers=[SLOW])
    async with (
        taking(bot) as url,
        open_fake_telegram(token=TOKEN, now=lambda: clock().timestamp()) as telegram,
    ):
        telegram.say(telegram.person("Ann"), "one")
        await set_webhook(telegram, url)
        await telegram.wait_for(lambda: telegram.world.webhook.failure)
        assert telegram.world.webhook.failure == "Read timeout expired"
        await telegram.wait_for(lambda: bot.texts == ["one"])


async def test_nothing_is_posted_once_the_webhook_is_deleted(telegram: FakeTelegram) -> None:
    bot = Bot()
    async with taking(bot) as url:
        await set_webhook(telegram, url)
        assert await ask(telegram.world, "deleteWebhook") is True
        telegram.say(telegram.person("Ann"), "one")
        found = await ask(telegram.world, "getUpdates")
    assert [it["message"]["text"] for it in found] == ["one"]
    assert bot.texts == []


@pytest.mark.parametrize("url", ["http://bot.example/", "ftp://127.0.0.1/", "https://", "http://["])
def test_an_address_must_be_of_https_or_of_this_machine(url: str) -> None:
    with pytest.raises(BotApiError, match="An HTTPS URL must be provided"):
        Webhook().set(url, secret="", max_connections=40)


@pytest.mark.parametrize(
    ("secret", "words"), [("x" * 257, "too long"), ("a b", "unallowed"), ("сим", "unallowed")]
)
def test_a_secret_has_256_letters_at_the_most(secret: str, words: str) -> None:
    with pytest.raises(BotApiError, match=words):
        Webhook().set("https://bot.example/", secret=secret, max_connections=40)


def test_connections_are_1_to_100() -> None:
    webhook = Webhook()
    for asked, got in ((0, 1), (40, 40), (1000, 100)):
        webhook.set("https://bot.example/", secret="", max_connections=asked)
        assert webhook.max_connections == got


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://bot.example:8080/", "only on ports 80, 88, 443 or 8443"),
        ("https://10.0.0.5/", "IP address 10.0.0.5 is reserved"),
        ("https://192.168.1.1:8443/", "IP address 192.168.1.1 is reserved"),
        ("https://127.0.0.1/", "IP address 127.0.0.1 is reserved"),
        ("https://[fd00::1]/", "IP address fd00::1 is reserved"),
        ("https://localhost/", "is reserved"),
        ("https://bot.example:99999/", "HTTPS URL must be provided"),
    ],
)
def test_an_address_that_telegram_cannot_post_to_is_refused(url: str, reason: str) -> None:
    with pytest.raises(BotApiError, match=reason):
        Webhook().set(url, secret="", max_connections=40)


@pytest.mark.parametrize("port", ["", ":80", ":88", ":443", ":8443"])
def test_the_ports_that_telegram_posts_to_are_accepted(port: str) -> None:
    webhook = Webhook()
    webhook.set(f"https://bot.example{port}/", secret="", max_connections=40)
    assert webhook.url
