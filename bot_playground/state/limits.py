"""Does the bot write too fast for Telegram? Pure.

Telegram publishes no exact limits. These are the numbers of its FAQ: 30 messages a second over all
chats, one a second in a chat, 20 a minute in a group or a channel.

Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import StrEnum

_ALL = "all"
PER_SECOND = 30
_GROUP = (20, 60.0)
# "avoid sending more than one message per second. We may allow short bursts": a burst of three.
_CHAT = (3, 3.0)
_CHAT_STRICT = (1, 1.0)


class Mode(StrEnum):
    """How strictly the limits hold."""

    OFF = "off"
    ON = "on"
    STRICT = "strict"


@dataclass(slots=True, kw_only=True)
class RateLimits:
    """Sliding windows over the accepted messages; `violations` counts what was refused.

    `per_second` holds for all chats together: Telegram sells up to 1,000.
    """

    mode: Mode = Mode.OFF
    per_second: int = PER_SECOND
    violations: int = 0
    _sent: dict[object, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _closed: dict[object, float] = field(default_factory=dict)

    def admit(self, chat_id: int, *, is_group: bool, now: float) -> int | None:
        """Count a message at `now` (seconds) and return None, or the whole seconds to wait.

        A refused message closes what overflowed, the chat or everything, until the wait is over:
        whoever does not wait is refused again. Groups are all chats of more than one reader.
        """
        if self.mode is Mode.OFF:
            return None
        windows = self._windows(chat_id, is_group=is_group)
        wait = max(self._wait(key, count, seconds, now) for key, count, seconds in windows)
        if wait > 0:
            self.violations += 1
            return math.ceil(wait)
        for key, _, _ in windows:
            self._sent[key].append(now)
        return None

    def set_mode(self, mode: Mode) -> None:
        """Start anew in another mode; what was sent so far is forgotten, the violations stay."""
        self.mode = mode
        self._sent.clear()
        self._closed.clear()

    def _windows(self, chat_id: int, *, is_group: bool) -> list[tuple[object, int, float]]:
        chat = _CHAT_STRICT if self.mode is Mode.STRICT else _CHAT
        windows: list[tuple[object, int, float]] = [
            (_ALL, self.per_second, 1.0),
            (chat_id, *chat),
        ]
        if is_group:
            windows.append((("group", chat_id), *_GROUP))
        return windows

    def _wait(self, key: object, count: int, seconds: float, now: float) -> float:
        sent = self._sent[key]
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        closed_for = self._closed.get(key, now) - now
        if closed_for > 0:
            return closed_for
        if len(sent) < count:
            return 0.0
        wait = sent[-count] + seconds - now
        self._closed[key] = now + math.ceil(wait)
        return wait
