"""Keeps the pace: broadcasts wait for their turn, replies to people go ahead of them.

It lives in memory and starts anew with the process.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.delivery.floods import Floods
from bot.delivery.pace import CHAT_GAPS, Pace
from bot.model import ChatId, Outcome, RetryLater, Sent

# Seconds. A lane waits for its turn so long; before a longer silence it lets go of its message.
PATIENCE = 2.0
_LONGEST_GAP = max(CHAT_GAPS.values()).total_seconds()


@dataclass(slots=True, kw_only=True)
class Metronome:
    """The pace that all lanes share; `now` is in seconds, of a clock that never jumps."""

    pace: Pace
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _floods: Floods = field(default_factory=Floods)
    _replied: dict[ChatId, float] = field(default_factory=dict)
    # Whoever is first in line looks again after its sleep: a reply may have gone ahead of it.
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    def silence(self) -> timedelta:
        """Return how long all chats must be left alone still; zero: only for a turn, or not."""
        delay = self.pace.delay(self.now())
        return timedelta(seconds=delay) if delay > PATIENCE else timedelta(0)

    async def turn(self, chat_id: ChatId, *, gap: timedelta) -> timedelta:
        """Wait for a broadcast's turn and take it; or return the silence that must pass first."""
        replied_at = self._replied.get(chat_id)
        if replied_at is not None:
            await self.sleep(max(replied_at + gap.total_seconds() - self.now(), 0))
        async with self._line:
            while delay := self.pace.delay(self.now()):
                if silence := self.silence():
                    return silence
                await self.sleep(delay)
            self.pace = self.pace.after(self.now())
        return timedelta(0)

    def reply(self, chat_id: ChatId) -> None:
        """Note that a person is being answered, now."""
        now = self.now()
        recent = {chat: at for chat, at in self._replied.items() if at > now - _LONGEST_GAP}
        self._replied = {**recent, chat_id: now}
        self.pace = self.pace.after(now)

    def heard(self, chat_id: ChatId, outcome: Outcome) -> None:
        """Learn from Telegram's answer whether all chats are to be left alone."""
        match outcome:
            case Sent():
                self._floods = Floods()
            case RetryLater(after=timedelta() as after):
                now = self.now()
                self._floods = self._floods.after_refusal(chat_id, now)
                if self._floods.are_general:
                    self.pace = self.pace.closed(now + after.total_seconds())
            case _:
                pass
