import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.errors import SetupError
from bot_playground.news.server import NewspaperFeed
from bot_playground.playground import Playground, feeds_toml, open_playground
from tests.support.fakes import FakeClock


@pytest.fixture
async def place(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Playground]:
    async with open_playground(tmp_path, every=None, now=clock) as opened:
        yield opened


async def ask(place: Playground, path: str) -> list[dict[str, object]]:
    async with aiohttp.ClientSession() as http, http.get(place.page_url + path) as answer:
        found = await answer.json()
        assert isinstance(found, list)
        return found


async def test_one_can_be_three_people_of_three_languages(place: Playground) -> None:
    people = await ask(place, "/control/people")
    assert [(it["first_name"], it["language_code"]) for it in people] == [
        ("Олена", "uk"),
        ("Игорь", "ru"),
        ("Ann", "en"),
    ]


async def test_each_of_them_is_an_admin_of_a_group_and_a_channel(place: Playground) -> None:
    for person in await ask(place, "/control/people"):
        chats = await ask(place, f"/control/chats?person_id={person['id']}")
        assert [chat["type"] for chat in chats] == ["private", "group", "channel"]
        assert all(chat["can_write"] for chat in chats)


async def test_the_bot_is_in_the_group_and_runs_the_channel(place: Playground) -> None:
    (person, *_) = await ask(place, "/control/people")
    chats = await ask(place, f"/control/chats?person_id={person['id']}")
    assert [chat["bot_status"] for chat in chats[1:]] == ["member", "administrator"]


async def test_the_token_opens_the_telegram_of_the_place(place: Playground) -> None:
    url = f"{place.telegram_api}/bot{place.token}/getMe"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert (await answer.json())["ok"]


async def test_the_page_is_there(place: Playground) -> None:
    async with aiohttp.ClientSession() as http, http.get(place.page_url) as answer:
        assert answer.content_type == "text/html"
        assert 'id="composer"' in await answer.text()


async def test_the_feeds_file_lists_the_newsstand(place: Playground) -> None:
    listed = tomllib.loads(place.feeds_file.read_text(encoding="utf-8"))["feeds"]
    assert [
        (it["url"], it["source"], it["language"], it["topic"], it["pages"]) for it in listed
    ] == [(it.url, it.name, it.language, it.topic, it.pages) for it in place.newspapers.feeds]


def test_a_name_with_quotes_stays_one_string() -> None:
    feed = NewspaperFeed(name='The "Post" \\ Ельмстед', url="http://127.0.0.1/", language="en")
    (listed,) = tomllib.loads(feeds_toml([feed]))["feeds"]
    assert listed["source"] == feed.name


async def test_a_port_that_is_taken_is_named(
    place: Playground, tmp_path: Path, clock: FakeClock
) -> None:
    port = int(place.page_url.rpartition(":")[2])
    with pytest.raises(SetupError, match=f"port {port} is taken"):
        async with open_playground(tmp_path, port=port, every=None, now=clock):
            pass
