import re
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot_playground.errors import PlaygroundError
from bot_playground.news.server import NewspaperFeed
from bot_playground.playground import Playground, feeds_toml, open_playground
from tests.support.fakes import FakeClock


@pytest.fixture
async def playground(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Playground]:
    async with open_playground(tmp_path, every=None, now=clock) as opened:
        yield opened


async def ask(playground: Playground, path: str) -> list[dict[str, object]]:
    async with aiohttp.ClientSession() as http, http.get(playground.page_url + path) as answer:
        objects = await answer.json()
        assert isinstance(objects, list)
        return objects


async def test_there_are_three_people_of_three_languages(playground: Playground) -> None:
    people = await ask(playground, "/control/people")
    assert [(it["first_name"], it["language_code"]) for it in people] == [
        ("Олена", "uk"),
        ("Игорь", "ru"),
        ("Ann", "en"),
    ]


async def test_each_of_them_is_an_admin_of_a_group_and_a_channel(playground: Playground) -> None:
    for person in await ask(playground, "/control/people"):
        chats = await ask(playground, f"/control/chats?person_id={person['id']}")
        assert [chat["type"] for chat in chats] == ["private", "group", "channel"]
        assert all(chat["can_write"] for chat in chats)


async def test_the_bot_is_in_the_group_and_runs_the_channel(playground: Playground) -> None:
    (person, *_) = await ask(playground, "/control/people")
    chats = await ask(playground, f"/control/chats?person_id={person['id']}")
    assert [chat["bot_status"] for chat in chats[1:]] == ["member", "administrator"]


async def test_the_token_is_valid_in_the_fake_telegram(playground: Playground) -> None:
    url = f"{playground.telegram_api}/bot{playground.token}/getMe"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert (await answer.json())["ok"]


async def test_each_start_has_a_token_of_its_own_in_the_form_of_real_ones(
    playground: Playground, tmp_path: Path, clock: FakeClock
) -> None:
    async with open_playground(tmp_path, every=None, now=clock) as other:
        assert other.token != playground.token
        assert re.fullmatch(r"[0-9]{9}:[A-Za-z0-9_-]{35}", other.token)


async def test_no_page_and_no_route_tells_the_token(playground: Playground) -> None:
    secret = playground.token.partition(":")[2]
    async with aiohttp.ClientSession() as http:
        for path in ("/", "/control/bot?language_code=en", "/control/report", "/control/people"):
            async with http.get(playground.page_url + path) as answer:
                assert answer.status == 200
                assert secret not in await answer.text()


async def test_the_page_is_there(playground: Playground) -> None:
    async with aiohttp.ClientSession() as http, http.get(playground.page_url) as answer:
        assert answer.content_type == "text/html"
        assert 'id="composer"' in await answer.text()


async def test_the_feeds_file_lists_the_newspapers(playground: Playground) -> None:
    listed = tomllib.loads(playground.feeds_file.read_text(encoding="utf-8"))["feeds"]
    assert [
        (it["url"], it["source"], it["language"], it["topic"], it["pages"]) for it in listed
    ] == [(it.url, it.name, it.language, it.topic, it.pages) for it in playground.newspapers.feeds]


def test_a_name_with_quotes_stays_one_string() -> None:
    feed = NewspaperFeed(name='The "Post" \\ Ельмстед', url="http://127.0.0.1/", language="en")
    (listed,) = tomllib.loads(feeds_toml([feed]))["feeds"]
    assert listed["source"] == feed.name


async def test_a_port_that_is_taken_is_named(
    playground: Playground, tmp_path: Path, clock: FakeClock
) -> None:
    port = int(playground.page_url.rpartition(":")[2])
    with pytest.raises(PlaygroundError, match=f"port {port} is taken"):
        async with open_playground(tmp_path, port=port, every=None, now=clock):
            pass
