"""The composition root: everything is built here, once, top to bottom, and supervised."""

import asyncio
import logging
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import partial

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.clock import now
from bot.delivery.pace import Pace
from bot.delivery.render import render_list
from bot.delivery.sender import Metronome, Sender
from bot.errors import SetupError
from bot.feeds.catalogue import read_catalogue
from bot.feeds.census import Census
from bot.feeds.fetch import fetch
from bot.feeds.isolation import open_workers, there
from bot.feeds.manners import GAP, Manners
from bot.feeds.outage import Outage
from bot.feeds.page_fetch import fetch_page
from bot.feeds.page_reader import PageReader
from bot.feeds.page_schedule import AGAIN_AFTER
from bot.feeds.parse import parse
from bot.feeds.poller import Poller
from bot.feeds.session import open_http
from bot.model import ListedFeed, OwnLink, Story, Subscriber
from bot.settings import RESOURCES, Settings
from bot.storage import deliveries, feeds
from bot.storage.database import Database, open_database
from bot.stories.editor import Editor, reader
from bot.stories.embedding import open_embedder
from bot.stories.full_text import read_full
from bot.stories.read_also import read_also
from bot.telegram import channel, menu
from bot.telegram.handlers import dispatcher
from bot.telegram.receiver import Receiver, ask
from bot.telegram.sessions import open_bot
from bot.topics import Topics, read_topics

log = logging.getLogger(__name__)

# A server that hangs holds up one of them, for 20 s at the most.
POLLER_LANES = 16
# Pages come one or two at a time, and from many hosts only when many feeds brought news at once.
PAGE_LANES = 4
# Feeds that fell due while we were away begin so many a second: a start is no storm.
POLLS_PER_SECOND = 20
# With 100 ms to Telegram, six messages in flight fill the free limit of 30 a second.
SENDER_LANES = 6
# How long a worker rests at the most when it found nothing to do, and half as long at the least:
# lanes that slept in step would all look at the same moment.
IDLE = timedelta(seconds=1)
# What is in flight at the end may finish; service managers kill after 10 s or more.
GRACE = timedelta(seconds=8)
UNREACHABLE_PAUSE = timedelta(seconds=5)

WRONG_TOKEN = (
    "Telegram does not know this BOT_TOKEN: copy it again from @BotFather into .env,"
    " or make a new one there with /token"
)
SECOND_INSTANCE = (
    "another process is running with this BOT_TOKEN: stop it first, or make a second bot"
    " with @BotFather"
)

Step = Callable[[], Awaitable[bool]]


async def run(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT.

    Raises:
        SetupError: if the operator must act; the message says what to do.
    """
    if settings.bot_token is None:
        raise SetupError(
            "BOT_TOKEN is not set: get a token from @BotFather and put it into .env"
            " (or try the bot without one: make run, or readalso playground)"
        )
    token = settings.bot_token.get_secret_value()
    topics = read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))
    listed = read_catalogue(settings.feeds)
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(open_database(settings.database))
        open_session = partial(open_bot, token, str(settings.telegram_api))
        replies = await stack.enter_async_context(open_session(patient=True))
        broadcasts = await stack.enter_async_context(open_session(patient=False))
        await _introduce(replies)
        await _take_stock(db, listed)
        poller, page_reader = await stack.enter_async_context(_open_press(db, settings))
        embed = open_embedder(wanted=settings.embeddings)
        editor = Editor(db=db, read=reader(topics), embed=embed, now=now)
        sender = _sender(db, broadcasts, topics, settings)
        receiver = _receiver(db, replies, topics)
        press = [poller.step] * POLLER_LANES + [page_reader.step] * PAGE_LANES
        await _supervise(replies, [receiver.step, editor.step, *press], sender.step)


async def _introduce(bot: Bot) -> None:
    """Ask Telegram who we are, as often as it takes; a wrong token ends the process."""
    log.info("connecting to Telegram")
    while True:
        try:
            me = await bot.get_me()
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise SetupError(WRONG_TOKEN) from None
        except TelegramAPIError as error:
            log.warning("Telegram cannot be reached, trying again: %s", error.message)
            asked = error.retry_after if isinstance(error, TelegramRetryAfter) else 0
            await asyncio.sleep(max(UNREACHABLE_PAUSE.total_seconds(), asked))
        else:
            log.info("this is @%s; write to it in Telegram", me.username)
            return


async def _take_stock(db: Database, listed: tuple[ListedFeed, ...]) -> None:
    """Make the feeds follow the catalogue, and owe again what was cut off by our last end."""
    async with db.transaction() as tx:
        count = await feeds.sync(tx, listed, now=now())
        await feeds.spread(tx, now=now(), per_second=POLLS_PER_SECOND)
        doubtful = await deliveries.recover(tx)
    log.info("%d feeds in the catalogue", count)
    if doubtful:
        log.warning("%d deliveries were cut off and are sent again: possible repeats", doubtful)


@asynccontextmanager
async def _open_press(db: Database, settings: Settings) -> AsyncIterator[tuple[Poller, PageReader]]:
    """Open what reads from publishers: together they are one guest, with one set of manners."""
    floor = timedelta(seconds=settings.poll_floor)
    # Where somebody tries the bot out, all is quicker.
    manners = Manners(now=now, gap=min(GAP, floor / 10))
    outage = Outage()
    async with (
        open_http(allow_private_addresses=settings.allow_private_addresses) as http,
        open_workers() as run,
    ):
        poller = Poller(
            db=db,
            fetch=partial(fetch, http),
            parse=there(run, parse),
            floor=floor,
            now=now,
            manners=manners,
            census=Census(db=db, now=now),
            outage=outage,
        )
        page_reader = PageReader(
            db=db,
            fetch=partial(fetch_page, http),
            read=there(run, read_full),
            now=now,
            manners=manners,
            outage=outage,
            pause=min(AGAIN_AFTER, floor / 10),
        )
        yield poller, page_reader


def _sender(db: Database, bot: Bot, topics: Topics, settings: Settings) -> Sender:
    async def related(story: Story, subscriber: Subscriber) -> tuple[Story | OwnLink, ...]:
        return await read_also(
            db.reader, story, topics=subscriber.topics, languages=subscriber.news_languages
        )

    gap = timedelta(seconds=1 / settings.messages_per_second)
    return Sender(
        db=db,
        send=partial(channel.send, bot),
        read_also=related,
        topics=topics,
        metronome=Metronome(Pace(gap=gap, next_at=now())),
        now=now,
    )


def _receiver(db: Database, bot: Bot, topics: Topics) -> Receiver:
    handle = dispatcher(db=db, topics=topics, render_list=render_list, now=now)
    kinds = handle.resolve_used_update_types()
    return Receiver(ask=partial(ask, bot, kinds), handle=partial(handle.feed_update, bot))


async def _supervise(bot: Bot, others: Sequence[Step], send: Step) -> None:
    """Run the workers until we are told to stop; one that fails ends them all.

    At the end all but the senders may be cut off anywhere: what they have not committed
    they will do again. A message in flight is waited for, lest it be sent twice.
    """
    stop = asyncio.Event()
    with _signals(stop):
        try:
            async with asyncio.TaskGroup() as tasks:
                lanes = [
                    tasks.create_task(_forever(send, stop), name=f"sender {lane}")
                    for lane in range(SENDER_LANES)
                ]
                workers = [tasks.create_task(_forever(step, stop)) for step in others]
                workers.append(tasks.create_task(_register(bot), name="menu"))
                await stop.wait()
                log.info("stopping: messages in flight are finished, all else waits in the tables")
                for worker in workers:
                    worker.cancel()
                await asyncio.wait(lanes, timeout=GRACE.total_seconds())
                for lane in lanes:
                    lane.cancel()
        except* (TelegramUnauthorizedError, TelegramNotFound):
            raise SetupError(WRONG_TOKEN) from None
        except* TelegramConflictError:
            raise SetupError(SECOND_INSTANCE) from None


async def _forever(step: Step, stop: asyncio.Event) -> None:
    """Repeat the step, at once while it finds work, else after a rest, until told to stop."""
    while not stop.is_set():
        if not await step():
            with suppress(TimeoutError):
                rest = IDLE.total_seconds() * random.uniform(0.5, 1)
                await asyncio.wait_for(stop.wait(), rest)


async def _register(bot: Bot) -> None:
    """Register the menus; the bot works without them, and tries again at its next start."""
    try:
        await menu.register(bot)
    except TelegramAPIError as error:
        log.warning("the command menus could not be registered: %s", error.message)


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
