"""A conversation: the bot's handlers and sender, and a Telegram look-alike to talk in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiogram import Bot, types
from aiogram.types import CallbackQuery, InaccessibleMessage, User

from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.sender import Sender
from bot.delivery.token_bucket import TokenBucket
from bot.model import ChatId, DiscoveryFailure, EditorLink, FoundFeed, Story, Subscriber
from bot.storage.database import Database
from bot.telegram.api import send
from bot.telegram.api.client import GetRawUpdates, open_broadcast_bot
from bot.telegram.dispatcher import build_dispatcher
from bot.telegram.updates.inbox import Inbox, dispatch
from bot.telegram.updates.inline_queue import InlineQueue
from bot.telegram.updates.polling import UpdatePoller
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.support.builders import TOPICS
from tests.support.fakes import TOKEN, FakeClock

# Whoever has this number runs the bot: not the first who comes in each test.
ADMIN = ChatId(1010)


def labels(message: ChatMessage) -> list[str]:
    """Return the texts of the buttons, row by row."""
    return [label for row in message.buttons for label in row]


def relabel(message: ChatMessage, data: str) -> None:
    """Give the first button data that the bot never offered, as a hostile client can."""
    keyboard: Any = message.body["reply_markup"]
    keyboard["inline_keyboard"][0][0]["callback_data"] = data


class FakeWeb:
    """What a search for feeds finds at an address; elsewhere there is no such site."""

    def __init__(self) -> None:
        self.sites: dict[str, FoundFeed | DiscoveryFailure] = {}

    async def __call__(self, address: str) -> FoundFeed | DiscoveryFailure:
        return self.sites.get(address, "unknown")


def late_press(bot: Bot, person_id: int = 1) -> CallbackQuery:
    """Return a press on a button of a message that is too old for Telegram to show."""
    message = InaccessibleMessage(
        chat=types.Chat(id=person_id, type="private"), message_id=1, date=0
    )
    user = User(id=person_id, is_bot=False, first_name="Ann")
    made = CallbackQuery(id="1", from_user=user, chat_instance="1", message=message, data="news")
    return made.as_(bot)


@dataclass(slots=True)
class Shelf:
    """What is related to whatever story; it remembers for whom it was last asked."""

    links: tuple[EditorLink, ...] = ()
    reader: Subscriber | None = None

    async def read_also(self, story: Story, reader: Subscriber) -> tuple[EditorLink, ...]:
        self.reader = reader
        return self.links


@dataclass(frozen=True, slots=True)
class Conversation:
    """People and the bot, in turns."""

    telegram: FakeTelegram
    receiver: UpdatePoller
    inbox: Inbox
    sender: Sender
    clock: FakeClock
    web: FakeWeb
    fleeting: InlineQueue

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
        assert answer is not None, "a press must be answered, or the button spins for ever"
        return str(answer.get("text") or "")

    def shown(self, message: ChatMessage) -> ChatMessage:
        """Return the message as its chat shows it now."""
        return self.telegram.world.chats.chats[message.chat_id].messages[message.id]

    def last(self, where: Person | Chat) -> ChatMessage | None:
        """Return the bot's newest message there."""
        return next(reversed(self.telegram.messages(where, of_bot=True)), None)

    def texts(self, where: Person | Chat) -> list[str]:
        """Return all the bot has said there, oldest first, as it reads now."""
        return [message.text for message in self.telegram.messages(where, of_bot=True)]

    async def settle(self) -> None:
        """Let the bot handle and send all that is due."""
        while (
            await self.receiver.step()
            or await self.fleeting.step()
            or await self.inbox.step()
            or await self.sender.step()
        ):
            self.clock.advance(seconds=3)


def hire(telegram: FakeTelegram, *, language: str = "en") -> Person:
    """Return the person who runs the bot."""
    while (person := telegram.person("Ada", language=language)).id != ADMIN:
        pass
    return person


async def get_updates_once(bot: Bot, offset: int | None) -> list[object]:
    """Ask for updates without waiting for any."""
    return await bot(GetRawUpdates(offset=offset, timeout=0))


@pytest.fixture
async def telegram(clock: FakeClock) -> AsyncIterator[FakeTelegram]:
    async with open_fake_telegram(token=TOKEN, now=lambda: clock().timestamp()) as fake_telegram:
        yield fake_telegram


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    async with open_broadcast_bot(TOKEN, telegram.url) as made:
        yield made


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def conversation(
    telegram: FakeTelegram, bot: Bot, db: Database, clock: FakeClock, shelf: Shelf
) -> Conversation:
    web = FakeWeb()
    dispatcher = build_dispatcher(
        db=db,
        topics=TOPICS,
        find_feed=web,
        read_also=shelf.read_also,
        admins=frozenset({ADMIN}),
        poll_floor=timedelta(minutes=5),
        now=clock,
    )
    sender = Sender(
        outbox=Outbox(db=db, now=clock, jitter=lambda: 0.0),
        composer=Composer(db=db, read_also=shelf.read_also, topics=TOPICS, now=clock),
        rate_limiter=RateLimiter(pace=TokenBucket(gap=0, slack=0, next_at=0)),
        send=partial(send.send, bot),
    )
    inbox = Inbox(db=db, handle=partial(dispatch, dispatcher, bot), now=clock)
    fleeting = InlineQueue(store=inbox.store, handle=inbox.handle, now=clock)
    receiver = UpdatePoller(get_updates=partial(get_updates_once, bot), store=fleeting.take)
    return Conversation(telegram, receiver, inbox, sender, clock, web, fleeting)
