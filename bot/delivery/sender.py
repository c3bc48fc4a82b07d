"""The worker that sends what is owed: claim, render, send, record what Telegram answered."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

import aiosqlite

from bot.delivery.pace import CHAT_GAPS, Pace, backoff
from bot.delivery.render import render
from bot.model import (
    ChatId,
    Delivery,
    Gone,
    Moved,
    Outcome,
    OwnLink,
    Rejected,
    RetryLater,
    Sent,
    Story,
    Subscriber,
    Unanswered,
)
from bot.storage import deliveries, stories, subscribers
from bot.storage.database import Database
from bot.texts import speak
from bot.topics import Topics

log = logging.getLogger(__name__)

Send = Callable[[ChatId, str, str], Awaitable[Outcome]]
ReadAlso = Callable[[Story, Subscriber], Awaitable[tuple[Story | OwnLink, ...]]]


@dataclass(slots=True)
class Metronome:
    """Keeps the pace that all lanes of the sender share; it starts anew with the process."""

    pace: Pace
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def wait(self, now: datetime) -> None:
        """Wait for the next slot."""
        delay, self.pace = self.pace.take(now)
        await self.sleep(delay.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Delivers what is owed, the longest owed first, in order within each chat.

    `step` is one lane and may run several times at once: a claim never takes a chat that
    another lane is writing to.
    """

    db: Database
    send: Send
    read_also: ReadAlso
    topics: Topics
    metronome: Metronome
    now: Callable[[], datetime]
    jitter: Callable[[], float] = field(default=random.random)

    async def step(self) -> bool:
        """Deliver one story to one chat; return whether one was due."""
        async with self.db.transaction() as tx:
            claimed = await deliveries.claim(tx, now=self.now(), limit=1)
        for delivery in claimed:
            await self._deliver(delivery)
        return bool(claimed)

    async def _deliver(self, delivery: Delivery) -> None:
        subscriber = await subscribers.find(self.db.reader, delivery.chat_id)
        if subscriber is None:
            # Deleted since the claim, and the delivery with it; or moved, and owed at its new id.
            async with self.db.transaction() as tx:
                reason = "not at this id any more"
                await deliveries.record_unsent(tx, delivery.id, reason=reason, counted=False)
            return
        story = await stories.get(
            self.db.reader, delivery.story_id, languages=subscriber.news_languages
        )
        if story is None or not _wanted(story, subscriber):
            await self._withdraw(delivery)
            return
        outcome = await self._attempt(delivery, story, subscriber)
        async with self.db.transaction() as tx:
            await self._record(tx, delivery, subscriber, outcome)
        log.info("delivery %d of story %d: %s", delivery.id, delivery.story_id, _in_words(outcome))

    async def _withdraw(self, delivery: Delivery) -> None:
        async with self.db.transaction() as tx:
            # Asked again where nobody else writes: what is told in the reader's language at this
            # moment is not owed anew while this delivery stands.
            subscriber = await subscribers.find(tx, delivery.chat_id)
            languages = subscriber.news_languages if subscriber else ()
            story = await stories.get(tx, delivery.story_id, languages=languages)
            if story and subscriber and _wanted(story, subscriber):
                reason = "wanted again"
                await deliveries.record_unsent(tx, delivery.id, reason=reason, counted=False)
            else:
                reason = "wanted no more"
                await deliveries.withdraw(tx, delivery.id)
        log.info("delivery %d of story %d: %s", delivery.id, delivery.story_id, reason)

    async def _attempt(self, delivery: Delivery, story: Story, subscriber: Subscriber) -> Outcome:
        try:
            text = await self._compose(story, subscriber)
        # That the database fails is no fault of the story.
        except aiosqlite.Error:
            raise
        # A story that cannot be rendered would come back for ever; it is set aside instead,
        # with its traceback, and the news goes on.
        except Exception as error:
            log.exception("delivery %d cannot be rendered", delivery.id)
            return Rejected(f"cannot be rendered: {error}")
        await self.metronome.wait(self.now())
        return await self.send(subscriber.chat_id, text, story.url)

    async def _compose(self, story: Story, subscriber: Subscriber) -> str:
        related = await self.read_also(story, subscriber)
        say = speak(subscriber.language)
        topic = self.topics.get(story.topic)
        return render(story, topic=topic, related=related, say=say, now=self.now())

    async def _record(
        self,
        tx: aiosqlite.Connection,
        delivery: Delivery,
        subscriber: Subscriber,
        outcome: Outcome,
    ) -> None:
        """Store the outcome, and when the chat may be written to again."""
        now, chat_id = self.now(), subscriber.chat_id
        pause = CHAT_GAPS[subscriber.kind]
        match outcome:
            case Sent(message_id):
                await deliveries.record_sent(tx, delivery.id, message_id=message_id, now=now)
            case RetryLater(after, reason):
                # Asked to wait: no attempt was made. No wait named: it failed, and counts.
                pause = after or self._backoff(delivery)
                await deliveries.record_unsent(tx, delivery.id, reason=reason, counted=not after)
            case Unanswered(reason):
                pause = self._backoff(delivery)
                await deliveries.record_doubtful(tx, delivery.id, reason=reason)
            case Moved(new_id):
                await deliveries.record_unsent(
                    tx, delivery.id, reason="moved to a supergroup", counted=False
                )
                await subscribers.move(tx, chat_id, new_id)
                chat_id = new_id
            case Gone(reason):
                await subscribers.mark_gone(tx, chat_id, now=now)
                await deliveries.record_gone(tx, chat_id, reason=reason, now=now)
            case Rejected(reason):
                await deliveries.record_rejected(tx, delivery.id, reason=reason, now=now)
            case _:
                assert_never(outcome)
        await subscribers.not_before(tx, chat_id, ready_at=now + pause)

    def _backoff(self, delivery: Delivery) -> timedelta:
        return backoff(delivery.attempts, jitter=self.jitter())


def _wanted(story: Story, subscriber: Subscriber) -> bool:
    """Tell whether the chat still wants what it was owed: people change their minds."""
    return not subscriber.topics.isdisjoint({story.topic, *story.others})


def _in_words(outcome: Outcome) -> str:
    match outcome:
        case Sent(message_id):
            return f"sent as message {message_id}"
        case RetryLater(after, reason):
            return f"retry after {after}: {reason}" if after else f"retry: {reason}"
        case Unanswered(reason):
            return f"no answer, may have arrived: {reason}"
        case Moved(chat_id):
            return f"the group moved to {chat_id}"
        case Gone(reason) | Rejected(reason):
            return f"{type(outcome).__name__.lower()}: {reason}"
        case _:
            assert_never(outcome)
