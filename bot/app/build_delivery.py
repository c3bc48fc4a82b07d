"""Delivery workers, wired to Telegram and to the lookup of "Read also" links."""

import random
from functools import partial

from bot.app.build_handlers import read_also_in
from bot.delivery.composer import Composer
from bot.delivery.dead_feed_notifier import DeadFeedNotifier
from bot.delivery.message_editor import MessageEditor
from bot.delivery.notice_sender import NoticeSender
from bot.delivery.outbox import Outbox
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.sender import OnResult, Sender
from bot.runtime.supervisor import Worker
from bot.storage.queues.poison_guard import PoisonGuard
from bot.telegram.api import send as channel
from bot.telegram.api.client import Bot
from bot.topics import Topics

# With 100 ms to Telegram, six messages in flight use the free limit of 30 a second; a hundred,
# as many as aiogram has connections, use the paid limit of 1,000. Twice as many lanes wait for a
# claim or a record meanwhile, so that each transaction is of many messages.
MIN_LANES, MAX_LANES, LANES_PER_MESSAGE = 6, 300, 0.3
# Notices are few; a broadcast takes its time and leaves most of the rate to the news.
NOTICE_LANES = 2


def delivery_workers(
    guard: PoisonGuard,
    bot: Bot,
    topics: Topics,
    rate_limiter: RateLimiter,
    *,
    rate: float,
    note: OnResult,
) -> list[Worker]:
    """Return the workers; `rate` is in messages a second, `note` is called with each result."""
    db, now = guard.db, guard.now
    send, edit = partial(channel.send, bot), partial(channel.edit, bot)
    composer = Composer(db=db, read_also=read_also_in(db), topics=topics, now=now)
    sender = Sender(
        outbox=Outbox(db=db, guard=guard, now=now, jitter=random.random),
        composer=composer,
        rate_limiter=rate_limiter,
        send=send,
        on_result=note,
    )
    message_editor = MessageEditor(
        db=db, guard=guard, composer=composer, rate_limiter=rate_limiter, edit=edit, now=now
    )
    notice_sender = NoticeSender(
        db=db, guard=guard, rate_limiter=rate_limiter, send=send, now=now, jitter=random.random
    )
    return [
        *[Worker(step=sender.step, finishes=True, name="sender")] * lanes(rate),
        Worker(step=message_editor.step, finishes=True, name="message editor"),
        Worker(step=message_editor.prune, name="message editor's pruning", is_watched=False),
        *[Worker(step=notice_sender.step, finishes=True, name="notice sender")] * NOTICE_LANES,
        Worker(step=notice_sender.prune, name="notice sender's pruning", is_watched=False),
        Worker(
            step=DeadFeedNotifier(db=db, now=now).step,
            name="dead-feed notifier",
            is_watched=False,
        ),
    ]


def lanes(rate: float) -> int:
    """Return the number of messages in hand at once, at a rate of messages a second."""
    return int(min(max(rate * LANES_PER_MESSAGE, MIN_LANES), MAX_LANES))
