"""Fixtures of the playground's tests: an empty world, a running fake Telegram, an HTTP client."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.chats import Person
from bot_playground.state.world import World, new_world
from tests.support.bot_api_client import TOKEN, Client
from tests.support.fakes import FakeClock


@pytest.fixture
def world(clock: FakeClock) -> World:
    return new_world(token=TOKEN, now=lambda: clock().timestamp(), name="ReadAlso", seed=7)


@pytest.fixture
def ann(world: World) -> Person:
    """A person who has started the bot."""
    person = world.chats.add_person("Ann", language_code="uk")
    world.chats.started.add(person.id)
    return person


@pytest.fixture
async def telegram(clock: FakeClock) -> AsyncIterator[FakeTelegram]:
    async with open_fake_telegram(
        token=TOKEN, now=lambda: clock().timestamp(), seed=7
    ) as fake_telegram:
        yield fake_telegram


@pytest.fixture
async def client(telegram: FakeTelegram) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession(telegram.url) as session:
        yield Client(session=session)
