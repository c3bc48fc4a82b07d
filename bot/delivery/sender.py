"""The worker that sends what is owed: claim, render, send, record what Telegram answered."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

import aiosqlite

from bot.delivery.composer import Composed, Composer
from bot.delivery.outbox import Outbox, SendResult
from bot.delivery.outcomes import outcome_text
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.token_bucket import CHAT_GAPS
from bot.model import (
    ChatId,
    Delivery,
    MessagePlan,
    OutgoingMessage,
    Rejected,
    SendOutcome,
    Subscriber,
)
from bot.rendering.story import to_plain_text
from bot.storage.errors import retry_until_written

log = logging.getLogger(__name__)

Send = Callable[[ChatId, OutgoingMessage], Awaitable[SendOutcome]]
Note = Callable[[SendResult], Awaitable[None]]


async def _nobody(_: SendResult) -> None:
    """Note nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Delivers what is owed, to whom it is owed for the longest first, in order in each chat.

    `step` is one lane and may run many times at once: a claim never takes a chat that
    another lane is writing to. `note` is told of every answer that is recorded.
    """

    outbox: Outbox
    composer: Composer
    rate_limiter: RateLimiter
    send: Send
    note: Note = _nobody

    async def step(self) -> bool:
        """Send one message to one chat; return whether one was due."""
        if self.rate_limiter.pause_left():
            return False
        claim = await self.outbox.claim()
        if claim is None:
            return False
        await self._deliver(*claim)
        return True

    async def _deliver(self, reader: Subscriber, portion: MessagePlan) -> None:
        # What is claimed is in nobody else's hands: it must come to its end.
        composed = await retry_until_written(partial(self._compose, reader, portion))
        if isinstance(composed, Rejected):
            await self._record(SendResult(reader, portion.deliveries, composed))
            return
        unwanted = tuple(it for it in portion.deliveries if it.story_id not in composed.wanted)
        if unwanted:
            await retry_until_written(partial(self.outbox.withdraw, reader, unwanted))
            log.info("deliveries %s: wanted no more", _ids(unwanted), extra=_fields(unwanted))
        if composed.message is not None:
            covered = tuple(it for it in portion.deliveries if it.story_id in composed.wanted)
            message = replace(composed.message, silent=portion.silent)
            outcome = await self._attempt(reader, message)
            answer = SendResult(
                reader, covered, outcome, message.content_hash, composed.closed_thread_id
            )
            await self._record(answer)

    async def _compose(self, reader: Subscriber, portion: MessagePlan) -> Composed | Rejected:
        try:
            return await self.composer.compose(reader, portion)
        # That the database fails is no fault of the story.
        except aiosqlite.Error:
            raise
        # A story that cannot be rendered would come back for ever; it is set aside instead,
        # with its traceback, and the news goes on.
        except Exception as error:
            log.exception("deliveries %s cannot be rendered", _ids(portion.deliveries))
            return Rejected(f"cannot be rendered: {error}")

    async def _attempt(self, reader: Subscriber, message: OutgoingMessage) -> SendOutcome:
        """Send the message; where its markup is refused, once more as plain text."""
        outcome = await self._send(reader, message)
        if isinstance(outcome, Rejected):
            log.error("refused, and sent as plain text: %s", outcome.reason)
            bare = replace(message, text=to_plain_text(message.text), is_html=False)
            outcome = await self._send(reader, bare)
        return outcome

    async def _send(self, reader: Subscriber, message: OutgoingMessage) -> SendOutcome:
        call = partial(self.send, reader.chat_id, message)
        gap = CHAT_GAPS[reader.kind]
        return await self.rate_limiter.send_limited(reader.chat_id, gap=gap, call=call)

    async def _record(self, answer: SendResult) -> None:
        # A message that is out, and not noted, would go out again.
        await retry_until_written(partial(self.outbox.record, answer))
        await self.note(answer)
        its = answer.covered
        log.info("deliveries %s: %s", _ids(its), outcome_text(answer.outcome), extra=_fields(its))


def _ids(covered: tuple[Delivery, ...]) -> str:
    return " ".join(str(it.id) for it in covered)


def _fields(covered: tuple[Delivery, ...]) -> dict[str, list[int]]:
    return {
        "deliveries": [it.id for it in covered],
        "stories": [it.story_id for it in covered],
    }
