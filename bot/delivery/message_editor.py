"""Worker that edits sent messages of stories that grew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

import aiosqlite

from bot.delivery.composer import Composer
from bot.delivery.outcomes import outcome_text
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.token_bucket import CHAT_GAPS
from bot.model import (
    ChatGone,
    ChatId,
    ChatMigrated,
    Delivery,
    MessagePlan,
    OutgoingMessage,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    SentMessage,
    Subscriber,
    ThreadClosed,
    Unanswered,
)
from bot.rendering.story import is_update
from bot.storage.database import Database
from bot.storage.outbox import due, message_edits
from bot.storage.queues.poison_guard import PoisonGuard, failure_reason, is_own_failure
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers

log = logging.getLogger(__name__)

Edit = Callable[[ChatId, int, OutgoingMessage], Awaitable[SendOutcome]]

RETRY_INTERVAL = timedelta(minutes=1)
PRUNE_INTERVAL = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEditor:
    """Edits messages of groups and channels; those of private chats only while no chat is due.

    An edit counts for the rate limits like any message. One that was cut off by the end of the
    process is repeated, which changes nothing.
    """

    db: Database
    guard: PoisonGuard
    composer: Composer
    rate_limiter: RateLimiter
    edit: Edit
    now: Callable[[], datetime]

    async def step(self) -> bool:
        """Edit one message; return whether there was one to look at."""
        if self.rate_limiter.pause_left():
            return False
        claim = await self._claim()
        if claim is None:
            return False
        subscriber, sent = claim
        async with self.guard.attempt("edits", sent.delivery_id):
            try:
                await self._compose_and_edit(subscriber, sent)
            # The chat has the story: after some attempts the message is left as it was.
            except Exception as error:
                if not is_own_failure(error):
                    raise
                log.exception("delivery %d cannot be edited", sent.delivery_id)
                until, bug = self.now() + RETRY_INTERVAL, failure_reason(error)
                async with self.db.transaction() as tx:
                    await message_edits.postpone(tx, sent.delivery_id, until=until)
                    await self.guard.fail(tx, "edits", sent.delivery_id, reason=bug)
        return True

    async def _compose_and_edit(self, subscriber: Subscriber, sent: SentMessage) -> None:
        message = await self._compose(subscriber, sent)
        if message is None or message.content_hash == sent.content_hash:
            async with self.db.transaction() as tx:
                # It stays as it is until its story changes again.
                if message is None:
                    await message_edits.drop(tx, sent.delivery_id)
                else:
                    await message_edits.mark_edited(tx, sent.delivery_id, sent.content_hash)
                await self.guard.finish(tx, "edits", [sent.delivery_id])
            return
        if is_update(message.content_hash, sent.content_hash):
            # Of one minute for all equal readers, so that they get one and the same message.
            minute = self.now().replace(second=0, microsecond=0)
            message = await self._compose(subscriber, sent, updated_at=minute) or message
        call = partial(self._edit, subscriber, sent, message)
        gap = CHAT_GAPS[subscriber.kind]
        outcome = await self.rate_limiter.send_limited(subscriber.chat_id, gap=gap, call=call)
        async with self.db.transaction() as tx:
            await self._record(tx, subscriber, sent, outcome, message.content_hash)
            await self.guard.finish(tx, "edits", [sent.delivery_id])
        fields = {"deliveries": [sent.delivery_id], "chat": subscriber.chat_id}
        log.debug("delivery %d edited: %s", sent.delivery_id, outcome_text(outcome), extra=fields)

    async def prune(self) -> bool:
        """Forget messages that are too old to be edited, and rest until the next time."""
        async with self.db.transaction() as tx:
            await message_edits.prune(tx, now=self.now())
        await asyncio.sleep(PRUNE_INTERVAL.total_seconds())
        return True

    async def _claim(self) -> tuple[Subscriber, SentMessage] | None:
        """Take a message to edit, and block its chat for the gap after it."""
        now = self.now()
        async with self.db.transaction() as tx:
            row = await message_edits.due(tx, is_private=False, now=now)
            if row is None and not await subscribers.due(tx, now=now, limit=1):
                row = await message_edits.due(tx, is_private=True, now=now)
            subscriber = await subscribers.find(tx, row[0]) if row else None
            if row is None or subscriber is None:
                return None
            next_send_at = now + CHAT_GAPS[subscriber.kind]
            await due.set_next_send(tx, [(subscriber.chat_id, next_send_at)])
        return subscriber, row[1]

    async def _compose(
        self, subscriber: Subscriber, sent: SentMessage, *, updated_at: datetime | None = None
    ) -> OutgoingMessage | None:
        """Return the message as it would be sent now; None: it is not wanted any more."""
        delivery = Delivery(
            id=sent.delivery_id,
            story_id=sent.story_id,
            chat_id=subscriber.chat_id,
            attempts=0,
            queued_at=sent.sent_at,
        )
        plan = MessagePlan("story", (delivery,), updated_at=updated_at)
        composed = await self.composer.compose(subscriber, plan)
        message = composed.message
        if message is None or sent.preview is None:
            return message
        # An edit that named another preview would change it.
        return replace(message, preview=sent.preview or None, is_picture=sent.is_picture)

    async def _edit(
        self, subscriber: Subscriber, sent: SentMessage, message: OutgoingMessage
    ) -> SendOutcome:
        """Edit the message; its save button shows whether the story is saved at this moment."""
        buttons = message.buttons
        if buttons and await saved.is_saved(self.db.reader, subscriber.chat_id, buttons.story_id):
            message = replace(message, buttons=replace(buttons, is_saved=True))
        return await self.edit(subscriber.chat_id, sent.message_id, message)

    async def _record(
        self,
        tx: aiosqlite.Connection,
        subscriber: Subscriber,
        sent: SentMessage,
        outcome: SendOutcome,
        content_hash: bytes,
    ) -> None:
        now = self.now()
        match outcome:
            case Sent():
                await message_edits.mark_edited(tx, sent.delivery_id, content_hash)
            # A chat or thread that is closed is found so by the next message.
            case Rejected() | ThreadClosed() | ChatGone():
                await message_edits.drop(tx, sent.delivery_id)
            case RetryLater(after=timedelta() as after):
                await message_edits.postpone(tx, sent.delivery_id, until=now + after)
                await due.set_next_send(tx, [(subscriber.chat_id, now + after)])
            case RetryLater() | Unanswered():
                await message_edits.postpone(tx, sent.delivery_id, until=now + RETRY_INTERVAL)
            case ChatMigrated(new_id):
                await subscribers.move(tx, subscriber.chat_id, new_id)
            case _:
                assert_never(outcome)
