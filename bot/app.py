"""The composition root: everything is built here, once, top to bottom, and supervised."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.clock import now
from bot.delivery.compose import Composer
from bot.delivery.ledger import Ledger
from bot.delivery.metronome import Metronome
from bot.delivery.pace import Pace
from bot.delivery.render import render_list
from bot.delivery.sender import Sender
from bot.errors import LockedError, SetupError
from bot.feeds.catalogue import read_catalogue
from bot.feeds.census import Census
from bot.feeds.fetch import fetch
from bot.feeds.isolation import open_parsers
from bot.feeds.manners import GAP, Manners
from bot.feeds.poller import Poller
from bot.feeds.session import open_http
from bot.model import ListedFeed, Story, Subscriber
from bot.settings import RESOURCES, Settings
from bot.storage import deliveries, feeds, lock
from bot.storage.database import Database, open_database
from bot.stories.editor import Editor, reader
from bot.stories.embedding import open_embedder
from bot.stories.related import read_also
from bot.supervisor import Worker, supervise
from bot.telegram import channel, menu, webhook
from bot.telegram.handlers import dispatcher
from bot.telegram.inbox import Inbox, feed
from bot.telegram.receiver import Receiver, ask
from bot.telegram.sessions import open_bot
from bot.topics import Topics, read_topics

log = logging.getLogger(__name__)

# A server that hangs holds up one of them, for 20 s at the most.
POLLER_LANES = 16
# Feeds that fell due while we were away begin so many a second: a start is no storm.
POLLS_PER_SECOND = 20
# With 100 ms to Telegram, six messages in flight fill the free limit of 30 a second, and a
# hundred, as many as aiogram has connections, that of 1,000.
FEWEST_LANES, MOST_LANES, LANES_PER_MESSAGE = 6, 100, 0.2
# So many chats are answered side by side; one that takes long holds up one of them.
INBOX_LANES = 8
UNREACHABLE_PAUSE = timedelta(seconds=5)

WRONG_TOKEN = (
    "Telegram does not know this BOT_TOKEN: copy it again from @BotFather into .env,"
    " or make a new one there with /token"
)
SECOND_INSTANCE = (
    "another process is running with this BOT_TOKEN: stop it first, or make a second bot"
    " with @BotFather"
)

T = TypeVar("T")


async def run(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT.

    Raises:
        SetupError: if the operator must act; the message says what to do.
    """
    token = _token(settings)
    topics = read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))
    listed = read_catalogue(settings.feeds)
    async with AsyncExitStack() as stack:
        _hold(stack, settings)
        db = await stack.enter_async_context(open_database(settings.database, held=True))
        metronome = Metronome(pace=Pace.of(settings.messages_per_second, now=monotonic()))
        open_session = partial(open_bot, token, str(settings.telegram_api))
        replies = open_session(patient=True, ahead=metronome.reply)
        await stack.enter_async_context(replies)
        broadcasts = await stack.enter_async_context(open_session(patient=False))
        await _introduce(replies)
        await _take_stock(db, listed)
        poller = await stack.enter_async_context(_open_poller(db, settings))
        embed = open_embedder(wanted=settings.embeddings)
        editor = Editor(db=db, read=reader(topics), embed=embed, now=now)
        sender = _sender(db, broadcasts, topics, metronome)
        handlers = dispatcher(db=db, topics=topics, render_list=render_list, now=now)
        inbox = Inbox(db=db, handle=partial(feed, handlers, replies), now=now)
        workers = [
            await _receiver(stack, replies, handlers, inbox, settings),
            *[Worker(step=inbox.step, finishes=True, wake=inbox.arrived)] * INBOX_LANES,
            Worker(step=inbox.tidy),
            *[Worker(step=poller.step)] * POLLER_LANES,
            Worker(step=editor.step),
            *[Worker(step=sender.step, finishes=True)] * _lanes(settings.messages_per_second),
        ]
        with _plain_errors():
            await supervise(workers, errand=partial(_register, replies))


def _lanes(messages_per_second: float) -> int:
    """Return how many messages may be in flight."""
    return int(min(max(messages_per_second * LANES_PER_MESSAGE, FEWEST_LANES), MOST_LANES))


def _token(settings: Settings) -> str:
    if settings.bot_token is None:
        raise SetupError(
            "BOT_TOKEN is not set: get a token from @BotFather and put it into .env"
            " (or try the bot without one: make run, or readalso playground)"
        )
    return settings.bot_token.get_secret_value()


def _hold(stack: AsyncExitStack, settings: Settings) -> None:
    """Hold the database until the end: two bots on one would each send all the news."""
    try:
        stack.enter_context(lock.held(settings.database))
    except LockedError as error:
        raise SetupError(f"{error}: stop that one first, or choose another DATABASE") from None


async def _introduce(bot: Bot) -> None:
    """Ask Telegram who we are."""
    log.info("connecting to Telegram")
    me = await _insist(bot.get_me)
    log.info("this is @%s; write to it in Telegram", me.username)


async def _insist(call: Callable[[], Awaitable[T]]) -> T:
    """Ask Telegram as often as it takes; a wrong token ends the process."""
    while True:
        try:
            return await call()
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise SetupError(WRONG_TOKEN) from None
        except TelegramAPIError as error:
            log.warning("Telegram cannot be reached, trying again: %s", error.message)
            asked = error.retry_after if isinstance(error, TelegramRetryAfter) else 0
            await asyncio.sleep(max(UNREACHABLE_PAUSE.total_seconds(), asked))


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
async def _open_poller(db: Database, settings: Settings) -> AsyncIterator[Poller]:
    floor = timedelta(seconds=settings.poll_floor)
    async with (
        open_http(allow_private_addresses=settings.allow_private_addresses) as http,
        open_parsers() as parse,
    ):
        yield Poller(
            db=db,
            fetch=partial(fetch, http),
            parse=parse,
            floor=floor,
            now=now,
            # Where somebody tries the bot out, all is quicker.
            manners=Manners(now=now, gap=min(GAP, floor / 10)),
            census=Census(db=db, now=now),
        )


def _sender(db: Database, bot: Bot, topics: Topics, metronome: Metronome) -> Sender:
    async def related(story: Story, subscriber: Subscriber) -> tuple[Story, ...]:
        return await read_also(
            db.reader, story, topics=subscriber.topics, languages=subscriber.news_languages
        )

    return Sender(
        ledger=Ledger(db=db, now=now, jitter=random.random),
        composer=Composer(db=db, read_also=related, topics=topics, now=now),
        metronome=metronome,
        send=partial(channel.send, bot),
    )


async def _receiver(
    stack: AsyncExitStack, bot: Bot, handlers: Dispatcher, inbox: Inbox, settings: Settings
) -> Worker:
    """Return the worker by which updates come: we ask for them, or Telegram brings them."""
    kinds = handlers.resolve_used_update_types()
    if settings.webhook_url is None:
        # As long as Telegram brings them, nobody may ask.
        await _insist(bot.delete_webhook)
        return Worker(step=Receiver(ask=partial(ask, bot, kinds), store=inbox.store).step)
    url, secret = str(settings.webhook_url), _secret(settings)
    port = await stack.enter_async_context(
        webhook.listening(settings.webhook_listen, secret=secret, store=inbox.store)
    )
    url = await _insist(partial(webhook.announce, bot, url, secret=secret, kinds=kinds))
    log.info("updates come to %s, and from there to port %d", url, port)
    return Worker(step=webhook.Watch(bot=bot, url=url).step)


def _secret(settings: Settings) -> str:
    chosen = settings.webhook_secret
    return chosen.get_secret_value() if chosen else webhook.derived_secret(_token(settings))


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what Telegram says of the bot itself into a sentence that says what to do."""
    try:
        yield
    except* (TelegramUnauthorizedError, TelegramNotFound):
        raise SetupError(WRONG_TOKEN) from None
    except* TelegramConflictError:
        raise SetupError(SECOND_INSTANCE) from None
    except* SetupError as found:
        raise SetupError(str(found.exceptions[0])) from None


async def _register(bot: Bot) -> None:
    """Register the menus; the bot works without them, and tries again at its next start."""
    try:
        await menu.register(bot)
    except TelegramAPIError as error:
        log.warning("the command menus could not be registered: %s", error.message)
