"""Senders under test: each sends the same message to many chats as fast as it can."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import LinkPreviewOptions

from benchmarks.audience import add_readers, add_story
from bot.app.build_delivery import lanes
from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.sender import Sender
from bot.delivery.token_bucket import TokenBucket
from bot.i18n import speak
from bot.model import Story, StoryButtons, Subscriber
from bot.rendering.story import render_story
from bot.storage.database import Database, open_database
from bot.storage.queues.poison_guard import PoisonGuard
from bot.telegram.api import send as channel
from bot.telegram.api.client import open_delivery_bot
from bot.telegram.keyboards.story import under_story
from tests.support.builders import TOPICS, WAR, story
from tests.support.fakes import NOON, TOKEN, FakeClock

# In flight at once, for each of them: as many as aiogram has connections.
LANES = 100
# Of which Telegram lets a bot pay for, in messages a second.
PAID_RATE = 1000
# A pace that nobody reaches: what is measured is the work, not the waiting.
UNLIMITED = 100_000
SUMMARY = "The new bridge was opened on Monday. " * 6

SendAll = Callable[[], Awaitable[None]]
# Gets ready, unmeasured, to send to so many chats.
Prepare = Callable[[int], Awaitable[SendAll]]
Contender = Callable[[str, Path], AbstractAsyncContextManager[Prepare]]

_STORY = story(summary=SUMMARY.strip())
_BUTTONS = StoryButtons(
    story_id=_STORY.id, title=_STORY.title, url=_STORY.url, source_count=1, link_count=0,
    kind="private",
)  # fmt: skip
_KEYBOARD = under_story(_BUTTONS, bot_name="readalso_bot")
_TEXT = render_story(_STORY, topic=TOPICS.get(WAR), related=(), say=speak("en"), now=NOON)


@asynccontextmanager
async def bare_aiogram(url: str, _: Path) -> AsyncIterator[Prepare]:
    """`bot.send_message` in a loop: nothing is stored, nothing is made, nothing is checked.

    The calls are equal to ours: the same text, preview and buttons.
    """
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    defaults = DefaultBotProperties(parse_mode=ParseMode.HTML)
    async with Bot(TOKEN, session=session, default=defaults) as bot:
        preview = LinkPreviewOptions(url=_STORY.url, prefer_small_media=True)

        async def send(chat_id: int) -> None:
            await bot.send_message(
                chat_id, _TEXT, link_preview_options=preview, reply_markup=_KEYBOARD
            )

        yield partial(_loop, send)


@asynccontextmanager
async def python_telegram_bot(url: str, _: Path) -> AsyncIterator[Prepare]:
    """The same loop with python-telegram-bot, with a connection for each lane."""
    # Here, for the process whose memory is measured needs this module, and not that library.
    import telegram
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(connection_pool_size=LANES, pool_timeout=60)
    async with telegram.Bot(TOKEN, base_url=f"{url}/bot", request=request) as bot:
        preview = telegram.LinkPreviewOptions(url=_STORY.url, prefer_small_media=True)
        keyboard = telegram.InlineKeyboardMarkup.de_json(
            _KEYBOARD.model_dump(exclude_none=True), bot
        )

        async def send(chat_id: int) -> None:
            await bot.send_message(
                chat_id,
                _TEXT,
                parse_mode=telegram.constants.ParseMode.HTML,
                link_preview_options=preview,
                reply_markup=keyboard,
            )

        yield partial(_loop, send)


@asynccontextmanager
async def readalso(url: str, folder: Path) -> AsyncIterator[Prepare]:
    """Our sender whole: claim, render, send and acknowledge, with its database on the disk."""
    clock, stories = FakeClock(), count(1)
    async with (
        open_database(folder / "readalso.db") as db,
        open_delivery_bot(TOKEN, url) as bot,
    ):
        sender = open_sender(db, bot, clock)
        known = 0

        async def send_all() -> None:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(lanes(PAID_RATE)):
                    tasks.create_task(until_nothing_is_due(sender))

        async def prepare(chats: int) -> SendAll:
            nonlocal known
            clock.advance(minutes=1)
            async with db.transaction() as tx:
                await add_readers(tx, range(known + 1, chats + 1))
                known = max(known, chats)
                await add_story(tx, next(stories), summary=SUMMARY, now=clock())
            return send_all

        yield prepare


def open_sender(db: Database, bot: Bot, clock: FakeClock) -> Sender:
    """Return the bot's own sender, but for the clock, and with nothing to read also."""
    return Sender(
        outbox=Outbox(db=db, guard=PoisonGuard(db=db, now=clock), now=clock, jitter=lambda: 0.0),
        composer=Composer(db=db, read_also=_nothing, topics=TOPICS, now=clock),
        rate_limiter=RateLimiter(bucket=TokenBucket.at_rate(UNLIMITED, now=0)),
        send=partial(channel.send, bot),
    )


async def until_nothing_is_due(sender: Sender) -> None:
    """Be one lane."""
    while await sender.step():
        pass


async def _loop(send: Callable[[int], Awaitable[None]], chats: int) -> SendAll:
    return partial(_in_lanes, send, chats)


async def _in_lanes(send: Callable[[int], Awaitable[None]], chats: int) -> None:
    waiting = iter(range(1, chats + 1))

    async def lane() -> None:
        for chat_id in waiting:
            await send(chat_id)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(LANES):
            tasks.create_task(lane())


async def _nothing(_: Story, __: Subscriber) -> tuple[Story, ...]:
    return ()
