"""What writes to subscribers of its own accord, put together: news, edits of it, and notices."""

import random
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiogram import Bot

from bot.app.wire_handlers import related_in
from bot.delivery.composer import Composer
from bot.delivery.dead_feed_notifier import FeedDeaths
from bot.delivery.message_editor import Amender
from bot.delivery.notice_sender import Courier
from bot.delivery.outbox import Ledger
from bot.delivery.rate_limiter import Metronome
from bot.delivery.sender import Note, Sender
from bot.runtime.supervisor import Worker
from bot.storage.database import Database
from bot.telegram.api import send as channel
from bot.topics import Topics

# With 100 ms to Telegram, six messages in flight fill the free limit of 30 a second, and a
# hundred, as many as aiogram has connections, that of 1,000.
FEWEST_LANES, MOST_LANES, LANES_PER_MESSAGE = 6, 100, 0.2
# Notices are few; a word to all takes its time, and leaves most turns to the news.
COURIER_LANES = 2


def open_post(  # noqa: PLR0913
    db: Database,
    bot: Bot,
    topics: Topics,
    metronome: Metronome,
    *,
    rate: float,
    note: Note,
    now: Callable[[], datetime],
) -> list[Worker]:
    """Return the workers; `rate` is in messages a second, `note` is told of each answer."""
    send, edit = partial(channel.send, bot), partial(channel.edit, bot)
    composer = Composer(db=db, read_also=related_in(db), topics=topics, now=now)
    sender = Sender(
        ledger=Ledger(db=db, now=now, jitter=random.random),
        composer=composer,
        metronome=metronome,
        send=send,
        note=note,
    )
    amender = Amender(db=db, composer=composer, metronome=metronome, edit=edit, now=now)
    courier = Courier(db=db, metronome=metronome, send=send, now=now, jitter=random.random)
    return [
        *[Worker(step=sender.step, finishes=True, name="sender")] * lanes(rate),
        Worker(step=amender.step, finishes=True, name="amender"),
        Worker(step=amender.tidy),
        *[Worker(step=courier.step, finishes=True, name="courier")] * COURIER_LANES,
        Worker(step=courier.tidy),
        Worker(step=FeedDeaths(db=db, now=now).step),
    ]


def lanes(rate: float) -> int:
    """Return how many messages may be in flight at that rate a second."""
    return int(min(max(rate * LANES_PER_MESSAGE, FEWEST_LANES), MOST_LANES))
