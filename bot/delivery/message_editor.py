"""The worker that edits what was sent, where its story has grown: once, and without a sound."""

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
from bot.storage.database import Database
from bot.storage.outbox import due, message_edits
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers

log = logging.getLogger(__name__)

Edit = Callable[[ChatId, int, OutgoingMessage], Awaitable[SendOutcome]]

# An edit that did not come through is not pressing.
AGAIN_AFTER = timedelta(minutes=1)
TIDY_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEditor:
    """Edits messages of groups and channels; those of people only while nobody is owed news.

    An edit takes its turn like any message. Killed in the midst of one, it edits again: that
    changes nothing.
    """

    db: Database
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
        await self._amend(*claim)
        return True

    async def tidy(self) -> bool:
        """Forget what is too old to be edited, and rest for a while."""
        async with self.db.transaction() as tx:
            await message_edits.prune(tx, now=self.now())
        await asyncio.sleep(TIDY_EVERY.total_seconds())
        return True

    async def _claim(self) -> tuple[Subscriber, SentMessage] | None:
        """Take a message to edit, and its chat's turn with it."""
        now = self.now()
        async with self.db.transaction() as tx:
            found = await message_edits.due(tx, of_people=False, now=now)
            if found is None and not await subscribers.due(tx, now=now, limit=1):
                found = await message_edits.due(tx, of_people=True, now=now)
            reader = await subscribers.find(tx, found[0]) if found else None
            if found is None or reader is None:
                return None
            await due.set_next_send(tx, [(reader.chat_id, now + CHAT_GAPS[reader.kind])])
        return reader, found[1]

    async def _amend(self, reader: Subscriber, sent: SentMessage) -> None:
        message = await self._compose(reader, sent)
        if message is None or message.content_hash == sent.content_hash:
            async with self.db.transaction() as tx:
                await message_edits.drop(tx, sent.delivery_id)
            return
        call = partial(self._edit, reader, sent, message)
        gap = CHAT_GAPS[reader.kind]
        outcome = await self.rate_limiter.send_limited(reader.chat_id, gap=gap, call=call)
        async with self.db.transaction() as tx:
            await self._record(tx, reader, sent, outcome)
        log.info("delivery %d edited: %s", sent.delivery_id, outcome_text(outcome))

    async def _edit(
        self, reader: Subscriber, sent: SentMessage, message: OutgoingMessage
    ) -> SendOutcome:
        """Edit the message as it is to look at this moment."""
        message = await self._marked(reader, message)
        return await self.edit(reader.chat_id, sent.message_id, message)

    async def _compose(self, reader: Subscriber, sent: SentMessage) -> OutgoingMessage | None:
        """Return the message as it would be sent now; None: it cannot be, or is wanted no more."""
        delivery = Delivery(
            id=sent.delivery_id,
            story_id=sent.story_id,
            chat_id=reader.chat_id,
            attempts=0,
            queued_at=sent.sent_at,
        )
        try:
            composed = await self.composer.compose(reader, MessagePlan("story", (delivery,)))
        except aiosqlite.Error:
            raise
        # The reader has had the story: what cannot be rendered now is left as it was.
        except Exception:
            log.exception("delivery %d cannot be rendered anew", sent.delivery_id)
            return None
        return composed.message

    async def _marked(self, reader: Subscriber, message: OutgoingMessage) -> OutgoingMessage:
        """Return the message with what its reader has done with it: no edit undoes a press."""
        buttons = message.buttons
        if buttons is None or not await saved.is_saved(
            self.db.reader, reader.chat_id, buttons.story_id
        ):
            return message
        return replace(message, buttons=replace(buttons, is_saved=True))

    async def _record(
        self, tx: aiosqlite.Connection, reader: Subscriber, sent: SentMessage, outcome: SendOutcome
    ) -> None:
        now = self.now()
        match outcome:
            # Whether the chat or its thread is closed to us altogether, the next message will tell.
            case Sent() | Rejected() | ThreadClosed() | ChatGone():
                await message_edits.drop(tx, sent.delivery_id)
            case RetryLater(after=timedelta() as after):
                await message_edits.postpone(tx, sent.delivery_id, until=now + after)
                await due.set_next_send(tx, [(reader.chat_id, now + after)])
            case RetryLater() | Unanswered():
                await message_edits.postpone(tx, sent.delivery_id, until=now + AGAIN_AFTER)
            case ChatMigrated(new_id):
                await subscribers.move(tx, reader.chat_id, new_id)
            case _:
                assert_never(outcome)
