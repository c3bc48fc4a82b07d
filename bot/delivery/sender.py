"""Worker that sends pending deliveries: claim, compose, send, record what Telegram answered."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox, SendResult
from bot.delivery.outcomes import outcome_text
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.token_bucket import CHAT_GAPS
from bot.model import (
    ChatId,
    ChatKind,
    Delivery,
    MessagePlan,
    OutgoingMessage,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    Subscriber,
)
from bot.rendering.story import to_plain_text
from bot.storage.errors import retry_until_written
from bot.storage.queues.poison_guard import failure_reason, is_own_failure

log = logging.getLogger(__name__)

Send = Callable[[ChatId, OutgoingMessage], Awaitable[SendOutcome]]
OnResult = Callable[[SendResult], Awaitable[None]]


async def send_message(
    chat_id: ChatId,
    kind: ChatKind,
    message: OutgoingMessage,
    *,
    rate_limiter: RateLimiter,
    send: Send,
) -> SendOutcome:
    """Send the message within the rate limits; where it is rejected, once more as plain text."""
    gap, call = CHAT_GAPS[kind], partial(send, chat_id, message)
    outcome = await rate_limiter.send_limited(chat_id, gap=gap, call=call)
    if isinstance(outcome, Rejected):
        log.error("refused, and sent as plain text: %s", outcome.reason)
        bare = replace(message, text=to_plain_text(message.text), is_html=False)
        call = partial(send, chat_id, bare)
        outcome = await rate_limiter.send_limited(chat_id, gap=gap, call=call)
    return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends to the chats that have been due for the longest, in order in each chat.

    `step` is one lane and may run many times at once: a claim never takes a chat that
    another lane is writing to. `on_result` is called with each result that is recorded.
    """

    outbox: Outbox
    composer: Composer
    rate_limiter: RateLimiter
    send: Send
    on_result: OnResult | None = None

    async def step(self) -> bool:
        """Send one message to one chat; return whether one was due."""
        if self.rate_limiter.pause_left():
            return False
        claim = await self.outbox.claim()
        if claim is None:
            return False
        async with self.outbox.attempt(claim):
            subscriber, plan = claim
            fields = _log_fields(plan.deliveries)
            log.debug("deliveries %s: in hand", _ids(plan.deliveries), extra=fields)
            try:
                await self._deliver(subscriber, plan)
            # A failure of ours would come back for ever; it counts against the deliveries.
            except Exception as error:
                if not is_own_failure(error):
                    raise
                log.exception("deliveries %s cannot be sent", _ids(plan.deliveries), extra=fields)
                bug = failure_reason(error)
                outcome = RetryLater(None, bug)
                await self._record(SendResult(subscriber, plan.deliveries, outcome, bug=bug))
        return True

    async def _deliver(self, subscriber: Subscriber, plan: MessagePlan) -> None:
        # No other lane takes over a claim, so each must come to its end.
        composed = await retry_until_written(partial(self.composer.compose, subscriber, plan))
        unwanted = tuple(
            delivery for delivery in plan.deliveries if delivery.story_id not in composed.wanted
        )
        if unwanted:
            await retry_until_written(partial(self.outbox.withdraw, subscriber, unwanted))
            log.debug("deliveries %s: wanted no more", _ids(unwanted), extra=_log_fields(unwanted))
        if composed.message is None:
            return
        covered = tuple(
            delivery for delivery in plan.deliveries if delivery.story_id in composed.wanted
        )
        message = composed.message
        if message.silent != plan.silent:
            message = replace(message, silent=plan.silent)
        outcome = await send_message(
            subscriber.chat_id,
            subscriber.kind,
            message,
            rate_limiter=self.rate_limiter,
            send=self.send,
        )
        await self._record(
            SendResult(
                subscriber,
                covered,
                outcome,
                message,
                composed.closed_thread_id,
                is_bundle=plan.is_bundle,
            )
        )

    async def _record(self, result: SendResult) -> None:
        # A message that was sent and is not recorded would be sent again.
        await retry_until_written(partial(self.outbox.record, result))
        if self.on_result is not None:
            await self.on_result(result)
        covered, text = result.covered, outcome_text(result.outcome)
        level = logging.DEBUG if isinstance(result.outcome, Sent) else logging.WARNING
        log.log(level, "deliveries %s: %s", _ids(covered), text, extra=_log_fields(covered))


def _ids(deliveries: tuple[Delivery, ...]) -> str:
    return " ".join(str(delivery.id) for delivery in deliveries)


def _log_fields(deliveries: tuple[Delivery, ...]) -> dict[str, object]:
    return {
        "chat": deliveries[0].chat_id,
        "deliveries": [delivery.id for delivery in deliveries],
        "stories": [delivery.story_id for delivery in deliveries],
    }
