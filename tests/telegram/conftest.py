"""A conversation: the bot's handlers and sender, and the fake Telegram they talk through."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, types
from aiogram.types import CallbackQuery, InaccessibleMessage, User

from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.delivery.sender import Sender
from bot.model import ChatId, DiscoveryFailure, EditorLink, FoundFeed, Story, Subscriber
from bot.runtime.returns import ReturnWorker
from bot.storage.backups.departures import DepartureList
from bot.storage.database import Database
from bot.storage.subscribers.moved_chat import MovedChat, parse_export
from bot.telegram.api import send
from bot.telegram.api.client import GetRawUpdates, open_delivery_bot
from bot.telegram.dispatcher import build_dispatcher
from bot.telegram.feed_search import FeedSearcher
from bot.telegram.updates.inbox import Inbox, dispatch
from bot.telegram.updates.inline_queue import InlineQueue
from bot.telegram.updates.person_load import PersonLoad
from bot.telegram.updates.polling import UpdatePoller
from bot.web import opml
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.support.aiogram_cache import reused_aiogram_parts
from tests.support.builders import TOPICS, guard_of, rate_limiter_of
from tests.support.fakes import TOKEN, FakeClock

# The id of the admin; high, so that it is not the first person of each test.
ADMIN = ChatId(1010)


def labels(message: ChatMessage) -> list[str]:
    """Return the texts of the buttons, row by row."""
    return [label for row in message.buttons for label in row]


def relabel(message: ChatMessage, data: str) -> None:
    """Give the first button other callback data, as a hostile client can."""
    keyboard: Any = message.body["reply_markup"]
    keyboard["inline_keyboard"][0][0]["callback_data"] = data


class FakeWeb:
    """What discovery finds at an address; every other site is unknown."""

    def __init__(self) -> None:
        self.sites: dict[str, FoundFeed | DiscoveryFailure] = {}

    async def __call__(self, address: str) -> FoundFeed | DiscoveryFailure:
        return self.sites.get(address, "unknown")


def late_callback(bot: Bot, person_id: int = 1) -> CallbackQuery:
    """Return a callback query of a message that is too old to be seen."""
    message = InaccessibleMessage(
        chat=types.Chat(id=person_id, type="private"), message_id=1, date=0
    )
    user = User(id=person_id, is_bot=False, first_name="Ann")
    query = CallbackQuery(id="1", from_user=user, chat_instance="1", message=message, data="news")
    return query.as_(bot)


@dataclass(slots=True)
class FakeReadAlso:
    """Returns the same links for every story, and records its last reader."""

    links: tuple[EditorLink, ...] = ()
    reader: Subscriber | None = None

    async def read_also(self, story: Story, reader: Subscriber) -> tuple[EditorLink, ...]:
        self.reader = reader
        return self.links


@dataclass(frozen=True, slots=True)
class Conversation:
    """People and the bot, taking turns."""

    telegram: FakeTelegram
    update_poller: UpdatePoller
    inbox: Inbox
    sender: Sender
    clock: FakeClock
    web: FakeWeb
    inline_queue: InlineQueue
    dispatcher: Dispatcher
    feed_searcher: FeedSearcher

    async def say(
        self, person: Person, text: str, *, chat: Chat | None = None
    ) -> ChatMessage | None:
        """Have the person write; return the bot's last message in that chat, if any."""
        self.telegram.say(person, text, chat=chat)
        await self.settle()
        return self.last(chat or person)

    async def press(self, person: Person, message: ChatMessage, button: str) -> str:
        """Have the person press the button; return the toast."""
        query_id = self.telegram.press(person, message, button)
        await self.settle()
        answer = self.telegram.callback_answer(query_id)
        assert answer is not None, "a callback query must be answered, or the button spins for ever"
        return str(answer.get("text") or "")

    def shown(self, message: ChatMessage) -> ChatMessage:
        """Return the message as its chat shows it now."""
        return self.telegram.world.chats.chats[message.chat_id].messages[message.id]

    def last(self, where: Person | Chat) -> ChatMessage | None:
        """Return the bot's newest message there."""
        return next(reversed(self.telegram.messages(where, of_bot=True)), None)

    def texts(self, where: Person | Chat) -> list[str]:
        """Return the texts of the bot's messages there, oldest first, as they read now."""
        return [message.text for message in self.telegram.messages(where, of_bot=True)]

    async def settle(self) -> None:
        """Let the bot handle and send all that is due."""
        steps = (
            self.update_poller.step,
            self.inline_queue.step,
            self.inbox.step,
            self.feed_searcher.step,
            ReturnWorker(db=self.sender.outbox.db, now=self.clock).step,
            self.sender.step,
        )
        while any([await self._repeat(step) for step in steps]):
            pass

    async def _repeat(self, step: Callable[[], Awaitable[bool]]) -> bool:
        """Take the step until there is nothing left to do; return whether there was anything."""
        was_busy = False
        while await step():
            was_busy = True
            self.clock.advance(seconds=3)
        return was_busy


def add_admin(telegram: FakeTelegram, *, language: str = "en") -> Person:
    """Return the person who is the admin of the bot."""
    while (person := telegram.person("Ada", language=language)).id != ADMIN:
        pass
    return person


async def get_updates_once(bot: Bot, offset: int | None) -> list[object]:
    """Call getUpdates without a long poll."""
    return await bot(GetRawUpdates(offset=offset, timeout=0))


@pytest.fixture(autouse=True, scope="session")
def aiogram_parts() -> Iterator[None]:
    with reused_aiogram_parts():
        yield


@pytest.fixture
async def telegram(clock: FakeClock) -> AsyncIterator[FakeTelegram]:
    async with open_fake_telegram(token=TOKEN, now=lambda: clock().timestamp()) as fake_telegram:
        yield fake_telegram


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    async with open_delivery_bot(TOKEN, telegram.url) as delivery_bot:
        yield delivery_bot


@pytest.fixture
def fake_read_also() -> FakeReadAlso:
    return FakeReadAlso()


@pytest.fixture
def departures(tmp_path: Path) -> DepartureList:
    return DepartureList(tmp_path / "backups")


@pytest.fixture
async def conversation(
    telegram: FakeTelegram,
    bot: Bot,
    db: Database,
    clock: FakeClock,
    fake_read_also: FakeReadAlso,
    departures: DepartureList,
) -> Conversation:
    return build_conversation(telegram, bot, db, clock, fake_read_also, departures)


async def read_opml(content: bytes) -> opml.Outlines:
    return opml.parse(content)


async def read_export(content: bytes) -> MovedChat:
    return parse_export(content)


def build_conversation(
    telegram: FakeTelegram,
    bot: Bot,
    db: Database,
    clock: FakeClock,
    fake_read_also: FakeReadAlso,
    departures: DepartureList,
) -> Conversation:
    web = FakeWeb()
    load = PersonLoad(key=b"key")
    dispatcher = build_dispatcher(
        db=db,
        topics=TOPICS,
        read_opml=read_opml,
        read_export=read_export,
        read_also=fake_read_also.read_also,
        admins=frozenset({ADMIN}),
        poll_floor=timedelta(minutes=5),
        departures=departures,
        copy_lifetime=timedelta(days=30),
        load=load,
        now=clock,
    )
    sender = Sender(
        outbox=Outbox(db=db, guard=guard_of(db), now=clock, jitter=lambda: 0.0),
        composer=Composer(db=db, read_also=fake_read_also.read_also, topics=TOPICS, now=clock),
        rate_limiter=rate_limiter_of(clock),
        send=partial(send.send, bot),
    )
    handle = partial(dispatch, dispatcher, bot)
    inbox = Inbox(db=db, guard=guard_of(db), handle=handle, now=clock, load=load)
    inline_queue = InlineQueue(store=inbox.store, handle=inbox.handle, now=clock)
    update_poller = UpdatePoller(
        get_updates=partial(get_updates_once, bot), store=inline_queue.take
    )
    feed_searcher = FeedSearcher(db=db, bot=bot, find_feed=web, now=clock)
    return Conversation(
        telegram, update_poller, inbox, sender, clock, web, inline_queue, dispatcher, feed_searcher
    )
