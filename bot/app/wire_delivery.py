"""What writes to subscribers of its own accord, put together: news, edits of it, and notices."""

import random
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiogram import Bot

from bot.app.wire_handlers import related_in
from bot.delivery.composer import Composer
from bot.delivery.dead_feed_notifier import DeadFeedNotifier
from bot.delivery.message_editor import MessageEditor
from bot.delivery.notice_sender import NoticeSender
from bot.delivery.outbox import Outbox
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.sender import Note, Sender
from bot.runtime.supervisor import Worker
from bot.storage.database import Database
from bot.telegram.api import send as channel
from bot.topics import Topics

# With 100 ms to Telegram, six messages in flight fill the free limit of 30 a second, and a
# hundred, as many as aiogram has connections, that of 1,000.
FEWEST_LANES, MOST_LANES, LANES_PER_MESSAGE = 6, 100, 0.2
# Notices are few; a word to all takes its time, and leaves most turns to the news.
NOTICE_LANES = 2


def open_delivery(  # noqa: PLR0913
    db: Database,
    bot: Bot,
    topics: Topics,
    rate_limiter: RateLimiter,
    *,
    rate: float,
    note: Note,
    now: Callable[[], datetime],
) -> list[Worker]:
    """Return the workers; `rate` is in messages a second, `note` is told of each answer."""
    send, edit = partial(channel.send, bot), partial(channel.edit, bot)
    composer = Composer(db=db, read_also=related_in(db), topics=topics, now=now)
    sender = Sender(
        outbox=Outbox(db=db, now=now, jitter=random.random),
        composer=composer,
        rate_limiter=rate_limiter,
        send=send,
        note=note,
    )
    message_editor = MessageEditor(
        db=db, composer=composer, rate_limiter=rate_limiter, edit=edit, now=now
    )
    courier = NoticeSender(
        db=db, rate_limiter=rate_limiter, send=send, now=now, jitter=random.random
    )
    return [
        *[Worker(step=sender.step, finishes=True, name="sender")] * lanes(rate),
        Worker(step=message_editor.step, finishes=True, name="amender"),
        Worker(step=message_editor.tidy),
        *[Worker(step=courier.step, finishes=True, name="courier")] * NOTICE_LANES,
        Worker(step=courier.tidy),
        Worker(step=DeadFeedNotifier(db=db, now=now).step),
    ]


def lanes(rate: float) -> int:
    """Return how many messages may be in flight at that rate a second."""
    return int(min(max(rate * LANES_PER_MESSAGE, FEWEST_LANES), MOST_LANES))
