"""Worker that sends notices and broadcasts: messages to chats that are not about a story."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.delivery.outcomes import delivery_result, outcome_text
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.sender import Send, send_message
from bot.model import (
    ChatGone,
    ChatMigrated,
    DeliveryResult,
    Notice,
    OutgoingMessage,
    RetryLater,
    SendOutcome,
)
from bot.storage.database import Database
from bot.storage.errors import retry_until_written
from bot.storage.outbox import deliveries, notices
from bot.storage.queues.poison_guard import PoisonGuard, failure_reason, is_own_failure
from bot.storage.subscribers import subscribers

log = logging.getLogger(__name__)

# With the waits between them these take some hours.
MAX_NOTICE_ATTEMPTS = 20
LETTER_TTL = timedelta(days=30)
PRUNE_INTERVAL = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSender:
    """Sends notices one by one within the rate limits, each at least once."""

    db: Database
    guard: PoisonGuard
    rate_limiter: RateLimiter
    send: Send
    now: Callable[[], datetime]
    jitter: Callable[[], float]

    async def step(self) -> bool:
        """Send one notice; return whether one was due."""
        if self.rate_limiter.pause_left():
            return False
        async with self.db.transaction() as tx:
            notice = await notices.claim(tx, now=self.now())
        if notice is None:
            return False
        async with self.guard.attempt("notices", notice.id, is_written=True):
            try:
                outcome = await send_message(
                    notice.chat_id,
                    notice.kind,
                    OutgoingMessage(text=notice.html, preview=None),
                    rate_limiter=self.rate_limiter,
                    send=self.send,
                )
                # A notice that was sent and is not recorded would be sent again.
                await retry_until_written(partial(self._record, notice, outcome))
                fields = {"chat": notice.chat_id}
                log.debug("notice %d: %s", notice.id, outcome_text(outcome), extra=fields)
            except Exception as error:  # it counts against the notice
                if not is_own_failure(error):
                    raise
                log.exception("notice %d cannot be sent", notice.id)
                bug = failure_reason(error)
                outcome = RetryLater(None, bug)
                await retry_until_written(partial(self._record, notice, outcome, bug=bug))
        return True

    async def prune(self) -> bool:
        """Delete old letters, and rest until the next time."""
        async with self.db.transaction() as tx:
            await notices.prune(tx, before=self.now() - LETTER_TTL)
        await asyncio.sleep(PRUNE_INTERVAL.total_seconds())
        return True

    async def _record(
        self, notice: Notice, outcome: SendOutcome, *, bug: str | None = None
    ) -> None:
        """Store the outcome; a `bug` is a failure of our own, and counts against the notice."""
        now = self.now()
        result, wait = delivery_result(
            outcome, notice.kind, attempt=notice.attempts, now=now, jitter=self.jitter()
        )
        if result.state == "pending" and notice.attempts >= MAX_NOTICE_ATTEMPTS:
            result = DeliveryResult(state="rejected", reason=result.reason)
        is_pending = result.state == "pending"
        retry_at = max(now + wait, result.retry_at or now) if is_pending else now
        async with self.db.transaction() as tx:
            await notices.record(tx, notice.id, result, retry_at=retry_at)
            await self.guard.end(tx, "notices", [notice.id], failure=bug)
            match outcome:
                case ChatMigrated(new_id):
                    await subscribers.move(tx, notice.chat_id, new_id)
                case ChatGone(reason):
                    await deliveries.close(tx, notice.chat_id, reason=reason, now=now)
                case _:
                    pass
