"""The composition root: everything is built here, once, top to bottom, and supervised."""

import logging
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from time import monotonic

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
)

from bot.clock import now
from bot.delivery.amender import Amender
from bot.delivery.compose import Composer
from bot.delivery.ledger import Ledger
from bot.delivery.metronome import APART, Metronome
from bot.delivery.pace import CHAT_GAP, Pace
from bot.delivery.render import render_list
from bot.delivery.sender import Sender
from bot.errors import LockedError, SetupError
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
from bot.pruner import Pruner
from bot.settings import RESOURCES, Settings
from bot.storage import deliveries, feeds, lock
from bot.storage.database import Database, open_database
from bot.stories.editor import Editor, reader
from bot.stories.embedding import open_embedder
from bot.stories.full_text import read_full
from bot.stories.read_also import read_also
from bot.stories.search import asked_terms
from bot.supervisor import Worker, supervise
from bot.telegram import channel, menu, webhook
from bot.telegram.handlers import dispatcher
from bot.telegram.inbox import Inbox, feed
from bot.telegram.lists import Lists
from bot.telegram.ourselves import insist, introduce, plain_errors
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
# With 100 ms to Telegram, six messages in flight fill the free limit of 30 a second, and a
# hundred, as many as aiogram has connections, that of 1,000.
FEWEST_LANES, MOST_LANES, LANES_PER_MESSAGE = 6, 100, 0.2
# So many chats are answered side by side; one that takes long holds up one of them.
INBOX_LANES = 8


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
        pace = Pace.of(settings.messages_per_second, now=monotonic())
        metronome = Metronome(pace=pace, rests_until=monotonic() + APART)
        open_session = partial(open_bot, token, str(settings.telegram_api))
        replies = open_session(patient=True, ahead=metronome.reply)
        await stack.enter_async_context(replies)
        broadcasts = await stack.enter_async_context(open_session(patient=False))
        await introduce(replies)
        await _take_stock(db, listed)
        poller, page_reader = await stack.enter_async_context(_open_press(db, settings))
        embed = open_embedder(wanted=settings.embeddings)
        editor = Editor(db=db, read=reader(topics), embed=embed, now=now)
        sender, amender = _writers(db, broadcasts, topics, metronome)
        lists = Lists(db=db, topics=topics, render=render_list, asked_terms=asked_terms, now=now)
        handlers = dispatcher(db=db, topics=topics, lists=lists, now=now)
        inbox = Inbox(db=db, handle=partial(feed, handlers, replies), now=now)
        workers = [
            await _receiver(stack, replies, handlers, inbox, settings),
            *[Worker(step=inbox.step, finishes=True, wake=inbox.arrived)] * INBOX_LANES,
            Worker(step=inbox.tidy),
            *[Worker(step=poller.step)] * POLLER_LANES,
            *[Worker(step=page_reader.step)] * PAGE_LANES,
            Worker(step=editor.step),
            *[Worker(step=sender.step, finishes=True)] * _lanes(settings.messages_per_second),
            Worker(step=amender.step, finishes=True),
            Worker(step=amender.tidy),
            *_pruners(db, keep_days=settings.keep_days),
        ]
        with plain_errors():
            await supervise(workers, errand=partial(_register, replies))


def _pruners(db: Database, *, keep_days: int) -> list[Worker]:
    """Return the worker that lets go what is old; none, if all is kept for ever."""
    keep = timedelta(days=keep_days)
    return [Worker(step=Pruner(db=db, keep=keep, now=now).step)] if keep else []


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


async def _take_stock(db: Database, listed: tuple[ListedFeed, ...]) -> None:
    """Make the feeds follow the catalogue, and owe again what was cut off by our last end."""
    async with db.transaction() as tx:
        count = await feeds.sync(tx, listed, now=now())
        await feeds.spread(tx, now=now(), per_second=POLLS_PER_SECOND)
        doubtful = await deliveries.recover(tx, ready_at=now() + CHAT_GAP)
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


def _writers(
    db: Database, bot: Bot, topics: Topics, metronome: Metronome
) -> tuple[Sender, Amender]:
    """Return what writes to subscribers of its own accord: news, and what news has become."""

    async def related(story: Story, subscriber: Subscriber) -> tuple[Story | OwnLink, ...]:
        return await read_also(
            db.reader, story, topics=subscriber.topics, languages=subscriber.news_languages
        )

    composer = Composer(db=db, read_also=related, topics=topics, now=now)
    sender = Sender(
        ledger=Ledger(db=db, now=now, jitter=random.random),
        composer=composer,
        metronome=metronome,
        send=partial(channel.send, bot),
    )
    edit = partial(channel.edit, bot)
    return sender, Amender(db=db, composer=composer, metronome=metronome, edit=edit, now=now)


async def _receiver(
    stack: AsyncExitStack, bot: Bot, handlers: Dispatcher, inbox: Inbox, settings: Settings
) -> Worker:
    """Return the worker by which updates come: we ask for them, or Telegram brings them."""
    kinds = handlers.resolve_used_update_types()
    if settings.webhook_url is None:
        # As long as Telegram brings them, nobody may ask.
        await insist(bot.delete_webhook)
        return Worker(step=Receiver(ask=partial(ask, bot, kinds), store=inbox.store).step)
    url, secret = str(settings.webhook_url), _secret(settings)
    port = await stack.enter_async_context(
        webhook.listening(settings.webhook_listen, secret=secret, store=inbox.store)
    )
    url = await insist(partial(webhook.announce, bot, url, secret=secret, kinds=kinds))
    log.info("updates come to %s, and from there to port %d", url, port)
    return Worker(step=webhook.Watch(bot=bot, url=url).step)


def _secret(settings: Settings) -> str:
    chosen = settings.webhook_secret
    return chosen.get_secret_value() if chosen else webhook.derived_secret(_token(settings))


async def _register(bot: Bot) -> None:
    """Register the menus; the bot works without them, and tries again at its next start."""
    try:
        await menu.register(bot)
    except TelegramAPIError as error:
        log.warning("the command menus could not be registered: %s", error.message)
