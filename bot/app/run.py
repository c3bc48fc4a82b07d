"""Composition root: builds every part of the bot once, in order, and supervises the workers."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic

from bot.app.build_delivery import delivery_workers
from bot.app.build_handlers import build_handlers
from bot.backoff import Reminder
from bot.clock import now
from bot.delivery.rate_limiter import MIN_CHAT_GAP, RateLimiter
from bot.delivery.token_bucket import MAX_CHAT_GAP, TokenBucket
from bot.errors import SetupError
from bot.feeds.catalogue import read_catalogue
from bot.feeds.engine import open_feed_engine
from bot.feeds.page_fetcher import PAGE_LANES
from bot.feeds.polling.poller import POLLER_LANES
from bot.isolation.pool import PoolShare, open_pool
from bot.logs import set_up_logs
from bot.model import ChatId, ListedFeed, RawUpdate, code_key
from bot.monitoring.alarm_worker import AlarmWorker
from bot.monitoring.monitor import open_monitor
from bot.resources import RESOURCES
from bot.runtime.backups import BackupWorker
from bot.runtime.clock_watch import ClockWatch
from bot.runtime.database_recovery import DatabaseRecovery
from bot.runtime.leftovers import LeftoverWorker
from bot.runtime.loud_lines import LoudLineLearner
from bot.runtime.pauses import PauseWorker
from bot.runtime.reindexer import Reindexer
from bot.runtime.retention import RetentionWorker
from bot.runtime.returns import ReturnWorker
from bot.runtime.supervisor import Worker, supervise
from bot.settings import Settings
from bot.storage.backups.departures import DepartureList, forget_departed
from bot.storage.backups.rotation import BackupFolder, parse_schedule
from bot.storage.database import Database, open_database
from bot.storage.errors import as_setup_error as sqlite_as_setup_error
from bot.storage.errors import damage_text, is_corrupt_error, retry_until_written
from bot.storage.feeds import feeds
from bot.storage.outbox import deliveries, notices
from bot.storage.queues.poison_guard import PoisonGuard
from bot.storage.stories import reindex
from bot.storage.subscribers import limited_people, subscribers
from bot.storage.subscribers.moved_chat import parse_export
from bot.stories.analysis import build_analyzer
from bot.stories.article_processor import ArticleProcessor
from bot.stories.embedding import open_embedder
from bot.stories.page_extraction import extract_article
from bot.telegram import command_menu
from bot.telegram.api.client import Bot, open_delivery_bot, open_reply_bot
from bot.telegram.api.startup import as_setup_error as telegram_as_setup_error
from bot.telegram.api.startup import check_token, is_token_error, retry_until_answered
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.feed_search import SEARCH_LANES, FeedSearcher
from bot.telegram.first_stories import ChoiceTimer, RhythmAsker
from bot.telegram.gone_chats import GoneChatChecker
from bot.telegram.handlers.admin_actions import RequestReload, no_reload
from bot.telegram.updates import webhook
from bot.telegram.updates.inbox import Inbox, dispatch
from bot.telegram.updates.inline_queue import InlineQueue
from bot.telegram.updates.person_load import PersonLoad
from bot.telegram.updates.polling import UpdatePoller, get_updates
from bot.text.safe import counted
from bot.text.version import stem_version
from bot.topics import read_topics
from bot.web import opml

log = logging.getLogger(__name__)

StoreUpdates = Callable[[Sequence[RawUpdate]], Awaitable[None]]

# By name: to import it here would read the models in the bot's own process, before it starts.
WORKER_PRELOAD = "bot.app.worker_preload"
# Start rate of the feeds that fell due while the bot was down, a second.
POLLS_PER_SECOND = 20
# Chats answered in parallel; a slow answer blocks one lane, and each person has one: a tenth.
INBOX_LANES = 10


async def run(  # noqa: PLR0915 (each part is built once, in order)
    settings: Settings,
    *,
    on_hangup: Callable[[], bool] = lambda: True,
    request_reload: RequestReload = no_reload,
) -> None:
    """Run the bot until SIGTERM or SIGINT; at SIGHUP until `on_hangup` returns true.

    The caller holds the lock of the database: two bots on it would each send all the news.

    Raises:
        SetupError: if the operator must act; the message says what to do.
    """
    token = _require_token(settings)
    topics = read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))
    catalogue = read_catalogue(settings.feeds)
    poll_floor = timedelta(seconds=settings.poll_floor)
    async with AsyncExitStack() as stack:
        # The database.
        stack.enter_context(sqlite_as_setup_error(settings.database))
        backup_folder = BackupFolder(settings.database)
        db = await stack.enter_async_context(open_database(settings.database, is_locked=True))
        departures = DepartureList(backup_folder.path)
        backup_worker = BackupWorker(
            folder=backup_folder, schedule=parse_schedule(settings.backups), now=now
        )
        if problem := await db.damage():
            raise SetupError(damage_text(settings.database, problem))
        guard = PoisonGuard(db=db, now=now)
        database_recovery = DatabaseRecovery(probe=db.probe, monotonic=monotonic)
        monitor = await stack.enter_async_context(
            open_monitor(
                db,
                listen=settings.http_listen,
                database=settings.database,
                now=now,
                database_error=lambda: database_recovery.error,
                backup_age=backup_worker.age,
            )
        )

        # Telegram: one bot for replies, one for broadcasts.
        rate_limiter = RateLimiter(
            bucket=TokenBucket.at_rate(settings.messages_per_second, now=monotonic()),
            blocked_until=monotonic() + MIN_CHAT_GAP,
        )
        api = str(settings.telegram_api)
        reply_bot = await stack.enter_async_context(
            open_reply_bot(
                token,
                api,
                reply_slot=rate_limiter.reply_slot,
                record_call=monitor.record_api_call,
            )
        )
        delivery_bot = await stack.enter_async_context(
            open_delivery_bot(token, api, record_call=monitor.record_api_call)
        )
        await check_token(reply_bot, delivery_bot)

        # What the last shutdown left behind.
        clock_watch = ClockWatch(
            db=db, now=now, monotonic=monotonic, polls_per_second=POLLS_PER_SECOND
        )
        await retry_until_written(clock_watch.check_at_start)
        interrupted = await retry_until_written(
            partial(_recover_state, db, guard, catalogue, departures)
        )
        monitor.record_interrupted(interrupted)

        # The pipeline: feeds, stories, deliveries, and the handlers of updates.
        analyze = build_analyzer(topics)
        pool = await stack.enter_async_context(
            open_pool(
                preload=WORKER_PRELOAD,
                initialize=partial(
                    set_up_logs, settings.log_format, settings.log_level, code_key(token)
                ),
            )
        )
        share = PoolShare(pool)
        engine = await stack.enter_async_context(
            open_feed_engine(
                guard,
                pool,
                share,
                extract_article,
                floor=poll_floor,
                allow_private_addresses=settings.allow_private_addresses,
                obey_robots=settings.obey_robots,
                preview_url=str(settings.channel_preview_url).rstrip("/")
                if settings.channel_previews
                else None,
                now=now,
                on_poll=monitor.record_poll,
            )
        )
        article_processor = ArticleProcessor(
            db=db,
            guard=guard,
            analyze=analyze,
            analyze_each=pool.run_each,
            embed=open_embedder(wanted=settings.embeddings),
            now=now,
            private=False,
        )
        private_processor = replace(article_processor, analyze_each=share.run_each, private=True)
        load = PersonLoad(
            key=code_key(token),
            limited={*await limited_people.codes(db.reader)},
        )
        handlers = build_handlers(
            db,
            topics,
            share.wrap(opml.parse),
            share.wrap(parse_export),
            admins=settings.admins,
            poll_floor=poll_floor,
            departures=departures,
            copy_lifetime=backup_worker.lifetime,
            load=load,
            channel_previews=settings.channel_previews,
            request_reload=request_reload,
            now=now,
        )
        feed_searcher = FeedSearcher(db=db, bot=reply_bot, find_feed=engine.find_feed, now=now)
        alarm_worker = AlarmWorker(
            db=db,
            admins=settings.admins,
            folder=settings.database.parent,
            recent_database_error=database_recovery.recent_error,
            restarted_workers=monitor.restarted_workers,
            backup_status=backup_worker.status,
            now=now,
        )
        workers = [
            *await _open_update_workers(stack, guard, reply_bot, handlers, settings),
            *[Worker(step=engine.poller.step, name="feed poller")] * POLLER_LANES,
            *[Worker(step=engine.page_fetcher.step, name="page fetcher")] * PAGE_LANES,
            Worker(step=article_processor.step, name="article processor"),
            Worker(step=private_processor.step, name="private article processor"),
            *delivery_workers(
                guard,
                delivery_bot,
                topics,
                rate_limiter,
                rate=settings.messages_per_second,
                note=monitor.record_send,
            ),
            Worker(step=clock_watch.step, name="clock watch", is_watched=False),
            Worker(step=alarm_worker.step, name="alarm worker", is_watched=False),
            Worker(
                step=ChoiceTimer(bot=reply_bot, first_stories=handlers["first_stories"]).step,
                name="choice timer",
                is_watched=False,
            ),
            *[Worker(step=feed_searcher.step, name="feed search")] * SEARCH_LANES,
            Worker(
                step=RhythmAsker(db=db, bot=reply_bot, now=now).step,
                name="rhythm asker",
                is_watched=False,
            ),
            Worker(
                step=GoneChatChecker(db=db, bot=reply_bot, now=now).step,
                name="gone chat checker",
                is_watched=False,
            ),
            Worker(step=backup_worker.step, name="backups", is_watched=False),
            Worker(step=ReturnWorker(db=db, now=now).step, name="returns", is_watched=False),
            Worker(
                step=LoudLineLearner(db=db, topics=[each.slug for each in topics], now=now).step,
                name="loud line learner",
                is_watched=False,
            ),
            Worker(step=PauseWorker(db=db, now=now).step, name="ends of pauses", is_watched=False),
            Worker(step=Reindexer(db=db).step, name="reindexer", is_watched=False),
            Worker(step=LeftoverWorker(db=db, now=now).step, name="leftovers", is_watched=False),
        ]
        if settings.keep_days:
            keep = timedelta(days=settings.keep_days)
            retention = RetentionWorker(db=db, keep=keep, now=now)
            workers.append(Worker(step=retention.step, name="retention", is_watched=False))

        with telegram_as_setup_error():
            await supervise(
                monitor.watched(map(database_recovery.paused_on_failure, workers)),
                startup_task=partial(_register_menus, db, reply_bot, settings.admins),
                # A wrong token, a second instance, a damaged database: no worker can go on.
                is_fatal=lambda error: (
                    isinstance(error, SetupError)
                    or is_token_error(error)
                    or is_corrupt_error(error)
                ),
                on_restart=monitor.record_restart,
                on_hangup=on_hangup,
            )
        await retry_until_written(guard.forgive)


def _require_token(settings: Settings) -> str:
    if settings.bot_token is None:
        raise SetupError(
            "BOT_TOKEN is not set: get a token from @BotFather and put it into .env"
            " (or try the bot without one: make run, or readalso playground)"
        )
    return settings.bot_token.get_secret_value()


async def _recover_state(
    db: Database,
    guard: PoisonGuard,
    catalogue: tuple[ListedFeed, ...],
    departures: DepartureList,
) -> int:
    """Sync the feeds with the catalogue, and make interrupted deliveries pending again.

    What has ended the process too often is set aside. Of a restored backup, the chats that left
    since it was made are forgotten. Followed words are stored by the present stems.

    Return the number of those deliveries.
    """
    async with db.transaction() as tx:
        forgotten = await forget_departed(tx, departures, now=now())
        n_feeds = await feeds.sync(tx, catalogue, now=now())
        await feeds.spread_overdue(tx, now=now(), per_second=POLLS_PER_SECOND)
        await guard.recover(tx)
        interrupted = await deliveries.recover(tx, ready_at=now() + MAX_CHAT_GAP)
        interrupted += await notices.recover(tx)
        await reindex.begin(tx, stem_version())
    log.info("%s in the catalogue", counted(n_feeds, "feed"))
    if forgotten:
        chats = counted(forgotten, "chat")
        log.warning("forgotten, for they had left since the restored backup: %s", chats)
    if interrupted:
        cut_off = counted(interrupted, "delivery", "deliveries")
        log.warning("cut off and sent again, as possible repeats: %s", cut_off)
    return interrupted


async def _open_update_workers(
    stack: AsyncExitStack,
    guard: PoisonGuard,
    bot: Bot,
    handlers: Dispatcher,
    settings: Settings,
) -> list[Worker]:
    """Return the workers that receive updates, by long polling or webhook, and handle them."""
    handle = partial(dispatch, handlers, bot)
    inbox = Inbox(db=guard.db, guard=guard, handle=handle, now=now, load=handlers["load"])
    inline_queue = InlineQueue(store=inbox.store, handle=inbox.handle, now=now)
    kinds = handlers.resolve_used_update_types()
    if settings.webhook_url is None:
        # Telegram refuses getUpdates while a webhook is set.
        await retry_until_answered(bot.delete_webhook)
        update_poller = UpdatePoller(
            get_updates=partial(get_updates, bot, kinds, reminder=Reminder()),
            store=inline_queue.take,
        )
        receiver = Worker(step=update_poller.step, name="update poller")
    else:
        checker = await _open_webhook(stack, bot, kinds, inline_queue.take, settings)
        receiver = Worker(step=checker.step, name="webhook checker")
    inline_worker = Worker(step=inline_queue.step, wake=inline_queue.arrived, name="inline queue")
    inbox_worker = Worker(step=inbox.step, finishes=True, wake=inbox.arrived, name="inbox")
    return [
        receiver,
        *[inline_worker] * INBOX_LANES,
        *[inbox_worker] * INBOX_LANES,
        Worker(step=inbox.tidy, name="inbox's pruning", is_watched=False),
    ]


async def _open_webhook(
    stack: AsyncExitStack, bot: Bot, kinds: list[str], store: StoreUpdates, settings: Settings
) -> webhook.WebhookChecker:
    """Start the webhook server and register it; return what checks the registration."""
    url = str(settings.webhook_url)
    chosen = settings.webhook_secret
    secret = (
        chosen.get_secret_value() if chosen else webhook.derive_secret(_require_token(settings))
    )
    port = await stack.enter_async_context(
        webhook.listening(settings.webhook_listen, secret=secret, store=store)
    )
    url = await retry_until_answered(
        partial(webhook.register, bot, url, secret=secret, kinds=kinds)
    )
    log.info("updates come to %s, and from there to port %d", url, port)
    return webhook.WebhookChecker(bot=bot, url=url)


async def _register_menus(db: Database, bot: Bot, admins: frozenset[ChatId]) -> None:
    known = await subscribers.languages_of(db.reader, admins)
    for unknown in sorted(admins - known.keys()):
        log.warning("ADMINS: %d gets no alarms before pressing /start", unknown)
    await command_menu.try_to_register(bot, known)
