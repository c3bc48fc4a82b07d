"""The composition root: everything is built here, once, top to bottom, and supervised."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from functools import partial
from time import monotonic

from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
)

from bot.app.wire_delivery import open_delivery
from bot.app.wire_handlers import open_handlers
from bot.clock import now
from bot.delivery.rate_limiter import APART, RateLimiter
from bot.delivery.token_bucket import CHAT_GAP, TokenBucket
from bot.errors import LockedError, SetupError
from bot.feeds.catalogue import read_catalogue
from bot.feeds.engine import FeedEngine, open_feed_engine
from bot.model import ChatId, ListedFeed, RawUpdate
from bot.monitoring.alarm_worker import AlarmWorker, room_at
from bot.monitoring.monitor import Monitor, open_monitor
from bot.resources import RESOURCES
from bot.runtime.clock_watch import ClockWatch
from bot.runtime.database_recovery import DatabaseRecovery
from bot.runtime.retention import RetentionWorker
from bot.runtime.supervisor import Worker, supervise
from bot.settings import Settings
from bot.storage import lock
from bot.storage.database import Database, open_database
from bot.storage.errors import as_setup_error as plain_sqlite_errors
from bot.storage.errors import retry_until_written
from bot.storage.feeds import feeds
from bot.storage.outbox import deliveries, notices
from bot.storage.subscribers import subscribers
from bot.stories.article_processor import ArticleProcessor, build_analyzer
from bot.stories.embedding import open_embedder
from bot.stories.page_extraction import read_full
from bot.telegram import command_menu
from bot.telegram.api.client import open_bot
from bot.telegram.api.startup import as_setup_error, check_token, retry_until_answered
from bot.telegram.updates import webhook
from bot.telegram.updates.inbox import Inbox, feed
from bot.telegram.updates.inline_queue import InlineQueue
from bot.telegram.updates.polling import UpdatePoller, ask
from bot.topics import Topics, read_topics

log = logging.getLogger(__name__)

RequestStore = Callable[[Sequence[RawUpdate]], Awaitable[None]]

# A server that hangs holds up one of them, for 20 s at the most.
POLLER_LANES = 16
# Pages come one or two at a time, and from many hosts only when many feeds brought news at once.
PAGE_LANES = 4
# Feeds that fell due while we were away begin so many a second: a start is no storm.
POLLS_PER_SECOND = 20
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
        stack.enter_context(plain_sqlite_errors(settings.database))
        db = await stack.enter_async_context(open_database(settings.database, held=True))
        rate_limiter = _metronome(settings)
        database_recovery = DatabaseRecovery(probe=db.probe, now=monotonic)
        watch = await stack.enter_async_context(_open_watch(db, settings, database_recovery))
        open_session = partial(open_bot, token, str(settings.telegram_api), note=watch.called)
        replies = await stack.enter_async_context(
            open_session(patient=True, ahead=rate_limiter.reply_slot)
        )
        broadcasts = await stack.enter_async_context(open_session(patient=False))
        await check_token(replies, broadcasts)
        clock_watch = ClockWatch(
            db=db, now=now, monotonic=monotonic, polls_per_second=POLLS_PER_SECOND
        )
        watch.cut_off(await retry_until_written(partial(_take_stock, db, listed, clock_watch)))
        press = await stack.enter_async_context(_open_press(db, settings, watch))
        editor = _editor(db, topics, settings)
        rate, note = settings.messages_per_second, watch.answered
        writers = open_delivery(db, broadcasts, topics, rate_limiter, rate=rate, note=note, now=now)
        handlers = _open_desk(db, topics, press, settings)
        workers = [
            *await _open_inbox(stack, db, replies, handlers, settings),
            *[Worker(step=press.poller.step, name="poller")] * POLLER_LANES,
            *[Worker(step=press.page_reader.step, name="page reader")] * PAGE_LANES,
            Worker(step=editor.step, name="editor"),
            *writers,
            Worker(step=clock_watch.step),
            _lookout(db, settings, database_recovery),
            *_pruners(db, keep_days=settings.keep_days),
        ]
        with as_setup_error():
            await supervise(
                watch.watched(map(database_recovery.paused_on_failure, workers)),
                errand=partial(_register, db, replies, settings.admins),
            )


def _pruners(db: Database, *, keep_days: int) -> list[Worker]:
    """Return the worker that lets go what is old; none, if all is kept for ever."""
    keep = timedelta(days=keep_days)
    return [Worker(step=RetentionWorker(db=db, keep=keep, now=now).step)] if keep else []


def _lookout(db: Database, settings: Settings, database_recovery: DatabaseRecovery) -> Worker:
    room = partial(room_at, settings.database.parent)
    recent = database_recovery.recent
    it = AlarmWorker(db=db, admins=settings.admins, room=room, database_problem=recent, now=now)
    return Worker(step=it.step)


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
        stack.enter_context(lock.hold_lock(settings.database))
    except LockedError as error:
        raise SetupError(f"{error}: stop that one first, or choose another DATABASE") from None


def _metronome(settings: Settings) -> RateLimiter:
    pace = TokenBucket.of(settings.messages_per_second, now=monotonic())
    return RateLimiter(pace=pace, rests_until=monotonic() + APART)


def _open_watch(
    db: Database, settings: Settings, database_recovery: DatabaseRecovery
) -> AbstractAsyncContextManager[Monitor]:
    return open_monitor(
        db,
        listen=settings.http_listen,
        database=settings.database,
        now=now,
        trouble=lambda: database_recovery.trouble,
    )


def _open_press(
    db: Database, settings: Settings, watch: Monitor
) -> AbstractAsyncContextManager[FeedEngine]:
    return open_feed_engine(
        db,
        read_full,
        floor=timedelta(seconds=settings.poll_floor),
        allow_private_addresses=settings.allow_private_addresses,
        now=now,
        note=watch.polled,
    )


async def _take_stock(db: Database, listed: tuple[ListedFeed, ...], clock_watch: ClockWatch) -> int:
    """Make the feeds follow the catalogue, and owe again what was cut off by our last end.

    Return how many deliveries those are.
    """
    await clock_watch.catch_up()
    async with db.transaction() as tx:
        count = await feeds.sync(tx, listed, now=now())
        await feeds.spread_overdue(tx, now=now(), per_second=POLLS_PER_SECOND)
        doubtful = await deliveries.recover(tx, ready_at=now() + CHAT_GAP)
        doubtful += await notices.recover(tx)
    log.info("%d feeds in the catalogue", count)
    if doubtful:
        log.warning("%d deliveries were cut off and are sent again: possible repeats", doubtful)
    return doubtful


def _open_desk(db: Database, topics: Topics, press: FeedEngine, settings: Settings) -> Dispatcher:
    floor = timedelta(seconds=settings.poll_floor)
    return open_handlers(
        db, topics, press.find_feed, admins=settings.admins, poll_floor=floor, now=now
    )


def _editor(db: Database, topics: Topics, settings: Settings) -> ArticleProcessor:
    embed = open_embedder(wanted=settings.embeddings)
    return ArticleProcessor(db=db, read=build_analyzer(topics), embed=embed, now=now)


async def _open_inbox(
    stack: AsyncExitStack, db: Database, bot: Bot, handlers: Dispatcher, settings: Settings
) -> list[Worker]:
    """Return the workers that take in and handle what people write and press."""
    inbox = Inbox(db=db, handle=partial(feed, handlers, bot), now=now)
    fleeting = InlineQueue(store=inbox.store, handle=inbox.handle, now=now)
    return [
        await _receiver(stack, bot, handlers, fleeting.take, settings),
        *[Worker(step=fleeting.step, wake=fleeting.arrived, name="fleeting")] * INBOX_LANES,
        *[Worker(step=inbox.step, finishes=True, wake=inbox.arrived, name="inbox")] * INBOX_LANES,
        Worker(step=inbox.tidy),
    ]


async def _receiver(
    stack: AsyncExitStack, bot: Bot, handlers: Dispatcher, store: RequestStore, settings: Settings
) -> Worker:
    """Return the worker by which updates come: we ask for them, or Telegram brings them."""
    kinds = handlers.resolve_used_update_types()
    if settings.webhook_url is None:
        # As long as Telegram brings them, nobody may ask.
        await retry_until_answered(bot.delete_webhook)
        receiver = UpdatePoller(ask=partial(ask, bot, kinds), store=store)
        return Worker(step=receiver.step, name="receiver")
    url, secret = str(settings.webhook_url), _secret(settings)
    port = await stack.enter_async_context(
        webhook.listening(settings.webhook_listen, secret=secret, store=store)
    )
    url = await retry_until_answered(
        partial(webhook.announce, bot, url, secret=secret, kinds=kinds)
    )
    log.info("updates come to %s, and from there to port %d", url, port)
    return Worker(step=webhook.WebhookChecker(bot=bot, url=url).step, name="receiver")


def _secret(settings: Settings) -> str:
    chosen = settings.webhook_secret
    return chosen.get_secret_value() if chosen else webhook.derived_secret(_token(settings))


async def _register(db: Database, bot: Bot, admins: frozenset[ChatId]) -> None:
    """Register the menus; the bot works without them, and tries again at its next start."""
    known = await subscribers.languages_of(db.reader, admins)
    for unknown in sorted(admins - known.keys()):
        log.warning("ADMINS: %d gets no alarms before pressing /start", unknown)
    try:
        await command_menu.register(bot)
        await command_menu.register_for_admins(bot, known)
    except TelegramAPIError as error:
        log.warning("the command menus could not be registered: %s", error.message)
