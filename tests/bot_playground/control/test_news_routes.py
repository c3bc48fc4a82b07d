from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot_playground.fake_telegram import open_fake_telegram
from bot_playground.playground import Playground, open_playground
from tests.support.fakes import TOKEN, FakeClock


@pytest.fixture
async def playground(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Playground]:
    async with open_playground(tmp_path, every=None, now=clock) as opened:
        yield opened


async def test_a_link_of_the_newspapers_has_a_preview_and_another_none(
    playground: Playground,
) -> None:
    (article, *_) = playground.newspapers.published
    ours = playground.newspapers.url + article.report.path
    async with aiohttp.ClientSession(playground.page_url) as http:
        async with http.get("/control/previews", params={"url": ours}) as answer:
            assert (await answer.json())["title"] == article.report.title
        async with http.get("/control/previews", params={"url": "https://example.com"}) as answer:
            assert (answer.status, await answer.json()) == (
                404,
                {"error": "There is no such page."},
            )
        async with http.get("/control/previews") as answer:
            assert answer.status == 400


async def test_a_story_is_continued(playground: Playground) -> None:
    before = len(playground.newspapers.published)
    async with (
        aiohttp.ClientSession(playground.page_url) as http,
        http.post("/control/stories/continue", json={"event": "storm-forecast"}) as answer,
    ):
        assert await answer.json() == {"event": "storm-damage"}
    published = playground.newspapers.published[before:]
    assert {article.report.event for article in published} == {"storm-damage"}


async def test_where_there_are_no_newspapers_it_is_said(clock: FakeClock) -> None:
    async with (
        open_fake_telegram(token=TOKEN, now=lambda: clock().timestamp()) as telegram,
        aiohttp.ClientSession(telegram.url) as http,
        http.post("/control/stories/continue", json={"event": "storm"}) as answer,
    ):
        assert answer.status == 404
        assert await answer.json() == {"error": "There are no newspapers here."}
