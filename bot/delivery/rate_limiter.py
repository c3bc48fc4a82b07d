"""Keeps the pace: broadcasts wait for their turn, replies to people go ahead of them.

It lives in memory and starts anew with the process.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from bot.delivery.token_bucket import CHAT_GAPS, FloodDetector, TokenBucket
from bot.model import ChatId, RetryLater, SendOutcome, Sent

# Seconds. A lane waits for its turn so long; before a longer silence it lets go of its message.
MAX_WAIT = 2.0
# So far are two messages in a chat apart; nobody waits longer for an answer.
APART = 1.0


@dataclass(slots=True, kw_only=True)
class RateLimiter:
    """The pace that all lanes share; `now` is in seconds, of a clock that never jumps."""

    pace: TokenBucket
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    # Nobody is written to before this: the process before ours may have done so just now.
    rests_until: float = 0.0
    _floods: FloodDetector = field(default_factory=FloodDetector)
    # Those that were written to just now; what of it lasts for longer is in the tables.
    _chats: dict[ChatId, TokenBucket] = field(default_factory=dict)
    # Whoever is first in line looks again after its sleep: a reply may have gone ahead of it.
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    def pause_left(self) -> timedelta:
        """Return how long all chats must be left alone still; zero: only for a turn, or not."""
        delay = self.pace.delay(self.now())
        return timedelta(seconds=delay) if delay > MAX_WAIT else timedelta(0)

    async def acquire(self, chat_id: ChatId, *, gap: timedelta) -> timedelta:
        """Wait for a broadcast's turn and take it; or return the silence that must pass first."""
        while True:
            # Outside the line: a chat that must wait holds up no other.
            if rest := self._rest(chat_id):
                if rest > MAX_WAIT:
                    return timedelta(seconds=rest)
                await self.sleep(rest)
            async with self._line:
                while delay := self.pace.delay(self.now()):
                    if silence := self.pause_left():
                        return silence
                    await self.sleep(delay)
                # Somebody may have been answered in the chat while we stood in line.
                if not self._rest(chat_id):
                    self._take(chat_id, gap, self.now())
                    return timedelta(0)

    async def send_limited(
        self, chat_id: ChatId, *, gap: timedelta, call: Callable[[], Awaitable[SendOutcome]]
    ) -> SendOutcome:
        """Make the call in its turn, and learn from the answer; in a long silence do not."""
        silence = await self.acquire(chat_id, gap=gap)
        if silence:
            return RetryLater(silence, "all chats are left alone")
        outcome = await call()
        self.record_outcome(chat_id, outcome)
        return outcome

    @asynccontextmanager
    async def reply_slot(self, chat_id: ChatId, *, is_new: bool) -> AsyncIterator[None]:
        """Answer a person in the block: at once, or a second after the chat's last message.

        What is not new, but an edit, waits for nothing. Either is paid for by the news after it.
        """
        now = self.now()
        wait = min(self._rest(chat_id), APART) if is_new else 0.0
        # A group's id is negative, and so is a channel's.
        self._take(chat_id, CHAT_GAPS["private" if chat_id > 0 else "group"], now + wait)
        if wait:
            await self.sleep(wait)
        try:
            yield
        finally:
            self._leave(chat_id)

    def record_outcome(self, chat_id: ChatId, outcome: SendOutcome) -> None:
        """Learn from Telegram's answer whether all chats are to be left alone."""
        self._leave(chat_id)
        match outcome:
            case Sent():
                self._floods = FloodDetector()
            case RetryLater(after=timedelta() as after):
                now = self.now()
                self._floods = self._floods.after_refusal(chat_id, now)
                if self._floods.are_general:
                    self.pace = self.pace.blocked_until(now + after.total_seconds())
            case _:
                pass

    def _rest(self, chat_id: ChatId) -> float:
        """Return for how many seconds this chat must be left alone still."""
        now, chat = self.now(), self._chats.get(chat_id)
        return max(self.rests_until - now, chat.delay(now) if chat else 0.0)

    def _leave(self, chat_id: ChatId) -> None:
        """Let the chat rest from the answer on: the message may have been late on its way."""
        its = self._chats.pop(chat_id, None) or TokenBucket(gap=APART, slack=0.0, next_at=0.0)
        self._chats[chat_id] = its.blocked_until(self.now() + APART)

    def _take(self, chat_id: ChatId, gap: timedelta, at: float) -> None:
        """Note a message to the chat."""
        self.pace = self.pace.take(at)
        before = self._chats.pop(chat_id, None)
        next_at = before.next_at if before else at
        its = TokenBucket(gap=gap.total_seconds(), slack=0.0, next_at=next_at)
        self._chats[chat_id] = its.take(at)
        # For one that comes, two that have rested may go: there are never many.
        for chat, its in list(islice(self._chats.items(), 2)):
            if not its.delay(self.now()):
                del self._chats[chat]
