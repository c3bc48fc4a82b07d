"""Invalid feeds: one plain log line each, no effect on other feeds, no story lost."""

import asyncio

import pytest
from aiohttp import web

from bot.clock import now
from bot.settings import Settings
from bot_playground.fake_telegram import FakeTelegram
from tests.support.builders import entry
from tests.support.feed_server import Answer, Press
from tests.support.running_bot import follow, news, running

# What each bad feed answers, and the fact that the log states.
BAD = {
    "gone": (web.Response(status=404), "HTTP 404"),
    "broken": (web.Response(status=500), "HTTP 500"),
    "empty": (web.Response(body=b""), "empty"),
    "page": (
        web.Response(text="<!doctype html><title>News</title><p>Hi", content_type="text/html"),
        "HTML",
    ),
    "poem": (web.Response(text="Roses are red, violets are blue."), "not a feed"),
    "noise": (web.Response(body=bytes(range(256)) * 9), "not a feed"),
}


def always(response: web.Response) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(
            status=response.status, body=response.body, content_type=response.content_type
        )

    return answer


async def hang(request: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return web.Response()


@pytest.fixture
def settings(settings: Settings, press: Press) -> Settings:
    topics = dict.fromkeys(["war", *BAD, "hung"], "war")
    catalogue = press.catalogue(settings.feeds, **topics)
    # Of another host: a host is asked one thing at a time.
    hung = f"{press.url}/hung"
    text = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(text.replace(hung, hung.replace("127.0.0.1", "localhost")))
    press.answers = {name: always(response) for name, (response, _) in BAD.items()}
    press.answers["hung"] = hang
    return settings


async def test_bad_feeds_are_named_with_the_fact_and_the_good_one_goes_on(
    live_telegram: FakeTelegram,
    press: Press,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    title = "</b><b>Tom & Jerry</b> &amp; 🎉👩‍👩‍👧 <script>alert(1)</script> \u202e\ufeff"
    async with running(settings):
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry(title, url="https://courier.example/1", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
        await live_telegram.wait_for(lambda: all(press.polls.get(name) for name in BAD))
        await live_telegram.wait_for(lambda: "poem" in caplog.text)
    for name, (_, fact) in BAD.items():
        lines = [line for line in caplog.messages if f"/{name}: " in line]
        assert lines, name
        assert fact in lines[0]
        assert "\n" not in lines[0]
    (headline,) = news(live_telegram, ann)
    assert "Tom & Jerry" in headline
    assert "🎉" in headline
    assert "Traceback" not in caplog.text
