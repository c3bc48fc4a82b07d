"""Recorded day of real feeds through the whole bot: each eighth of them, or all by `make recorded`.

Those of the suite take half a minute of a processor, and all of them five.
"""

import asyncio
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from aiohttp import web

from bot.settings import Settings
from bot_playground.fake_telegram import FakeTelegram
from tests.support.feed_server import Answer, Press
from tests.support.running_bot import follow, running

RECORDING = Path(__file__).parents[2] / "../shared/data/feeds_real.tar.xz"
EVERY = 1 if os.environ.get("ALL_FEEDS") else 8
# One host is asked one thing at a time, and all of these are one host.
PATIENCE = 600.0

pytestmark = pytest.mark.skipif(
    not RECORDING.exists(), reason="the recorded feeds are not at ../shared/data"
)


def saying(document: bytes) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"that day"':
            return web.Response(status=304)
        return web.Response(body=document, headers={"ETag": '"that day"'})

    return answer


@pytest.fixture
def settings(settings: Settings, press: Press) -> Settings:
    with tarfile.open(RECORDING) as archive:
        for member in islice(archive, EVERY - 1, None, EVERY):
            file = archive.extractfile(member)
            if file is not None:
                press.answers[Path(member.name).stem] = saying(file.read())
    press.catalogue(settings.feeds, **dict.fromkeys(press.answers, "world"))
    return settings


async def test_every_feed_of_a_recorded_day_becomes_stories_and_a_second_poll_adds_none(
    live_telegram: FakeTelegram, press: Press, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ann = live_telegram.person("Ann", language="uk")

    def polled(times: int) -> Callable[[], bool]:
        return lambda: all(press.polls.get(name, 0) >= times for name in press.answers)

    async with running(settings):
        # What nobody reads is polled once and no more.
        await follow(live_telegram, "world")
        await live_telegram.wait_for(polled(1), timeout=PATIENCE)
        await live_telegram.wait_for(
            lambda: (
                ask(settings, "SELECT count(*) FROM articles WHERE edited_at IS NULL") == [0]
                and ask(settings, "SELECT count(*) FROM feeds WHERE read_at IS NULL") == [0]
            ),
            timeout=PATIENCE,
        )
        stored = ask(settings, "SELECT count(*) FROM articles")
        live_telegram.say(ann, "/latest світ")
        await live_telegram.wait_for(lambda: live_telegram.messages(ann, of_bot=True))
        await asyncio.to_thread(hurry, settings)
        await live_telegram.wait_for(polled(2), timeout=PATIENCE)
    assert ask(settings, "SELECT count(*) FROM articles") == stored
    assert stored > [2500 // EVERY // 2]
    assert ask(settings, "SELECT problem FROM articles WHERE problem IS NOT NULL") == []
    assert ask(settings, "SELECT url FROM feeds WHERE problem IS NOT NULL") == []
    assert "🔎 Світ" in live_telegram.messages(ann, of_bot=True)[-1].text
    assert "Traceback" not in caplog.text
    assert not [message for message in caplog.messages if "cannot be" in message]
    titles = json.dumps(ask(settings, "SELECT title FROM articles"), ensure_ascii=False)
    assert "\ufffd" not in titles


def hurry(settings: Settings) -> None:
    """Let all feeds be due: some ask for an hour between two polls."""
    with closing(sqlite3.connect(settings.database, timeout=30)) as connection:
        connection.execute("UPDATE feeds SET due_at = 0")
        connection.commit()


def ask(settings: Settings, query: str) -> list[object]:
    """Return the first column, read by other means than the bot's own."""
    with closing(sqlite3.connect(settings.database)) as connection:
        return [row[0] for row in connection.execute(query)]
