"""The worker that sends notices: what is owed to chats and is no story."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.delivery.outcomes import delivery_result, outcome_text
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.token_bucket import CHAT_GAPS
from bot.model import (
    ChatGone,
    ChatId,
    ChatMigrated,
    DeliveryResult,
    Notice,
    OutgoingMessage,
    Rejected,
    SendOutcome,
)
from bot.rendering.story import to_plain_text
from bot.storage.database import Database
from bot.storage.errors import retry_until_written
from bot.storage.outbox import deliveries, notices
from bot.storage.subscribers import subscribers

log = logging.getLogger(__name__)

Send = Callable[[ChatId, OutgoingMessage], Awaitable[SendOutcome]]

# With the pauses between them that is some hours.
MAX_ATTEMPTS = 20
KEPT = timedelta(days=30)
TIDY_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSender:
    """Delivers notices one by one, each in its chat's turn, at least once like news."""

    db: Database
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
        outcome = await self._attempt(notice)
        # A message that is out, and not noted, would go out again.
        await retry_until_written(partial(self._record, notice, outcome))
        log.info("notice %d: %s", notice.id, outcome_text(outcome))
        return True

    async def tidy(self) -> bool:
        """Forget old letters, and rest for a while."""
        async with self.db.transaction() as tx:
            await notices.prune(tx, before=self.now() - KEPT)
        await asyncio.sleep(TIDY_EVERY.total_seconds())
        return True

    async def _attempt(self, notice: Notice) -> SendOutcome:
        """Send it; where its markup is refused, once more as plain text."""
        outcome = await self._send(notice, OutgoingMessage(text=notice.html, preview=None))
        if isinstance(outcome, Rejected):
            log.error("refused, and sent as plain text: %s", outcome.reason)
            bare = OutgoingMessage(text=to_plain_text(notice.html), preview=None, is_html=False)
            return await self._send(notice, bare)
        return outcome

    async def _send(self, notice: Notice, message: OutgoingMessage) -> SendOutcome:
        call = partial(self.send, notice.chat_id, message)
        gap = CHAT_GAPS[notice.kind]
        return await self.rate_limiter.send_limited(notice.chat_id, gap=gap, call=call)

    async def _record(self, notice: Notice, outcome: SendOutcome) -> None:
        now = self.now()
        verdict, rest = delivery_result(
            outcome, notice.kind, attempt=notice.attempts, now=now, jitter=self.jitter()
        )
        if verdict.state == "pending" and notice.attempts >= MAX_ATTEMPTS:
            verdict = DeliveryResult(state="rejected", reason=verdict.reason)
        async with self.db.transaction() as tx:
            is_pending = verdict.state == "pending"
            retry_at = max(now + rest, verdict.retry_at or now) if is_pending else now
            await notices.record(tx, notice.id, verdict, retry_at=retry_at)
            match outcome:
                case ChatMigrated(new_id):
                    await subscribers.move(tx, notice.chat_id, new_id)
                case ChatGone(reason):
                    await deliveries.close(tx, notice.chat_id, reason=reason, now=now)
                case _:
                    pass
