"""Rate limits of Telegram, as sliding windows.

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
# Each window is so many messages in so many seconds.
_GROUP = (20, 60.0)
# "avoid sending more than one message per second. We may allow short bursts": a burst of three.
_CHAT = (3, 3.0)
_CHAT_STRICT = (1, 1.0)


class LimitMode(StrEnum):
    """Limits off, on with bursts in a chat, or strictly one message a second in it."""

    OFF = "off"
    ON = "on"
    STRICT = "strict"


@dataclass(slots=True, kw_only=True)
class RateLimits:
    """Sliding windows over accepted messages; `violations` counts the refused ones.

    `per_second` holds for all chats together: Telegram sells up to 1,000.
    """

    mode: LimitMode = LimitMode.OFF
    per_second: int = PER_SECOND
    violations: int = 0
    _sent: dict[object, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _blocked_until: dict[object, float] = field(default_factory=dict)

    def admit(self, chat_id: int, *, is_group: bool, now: float) -> int | None:
        """Count a message at `now` (seconds) and return None, or the whole seconds to wait.

        A refused message blocks what overflowed, the chat or everything, until the wait is over.
        Groups are all chats of more than one reader, channels too.
        """
        if self.mode is LimitMode.OFF:
            return None
        windows: list[tuple[object, int, float]] = [
            (_ALL, self.per_second, 1.0),
            (chat_id, *(_CHAT_STRICT if self.mode is LimitMode.STRICT else _CHAT)),
        ]
        if is_group:
            windows.append((("group", chat_id), *_GROUP))
        wait = max(self._wait(key, count, seconds, now) for key, count, seconds in windows)
        if wait > 0:
            self.violations += 1
            return math.ceil(wait)
        for key, _, _ in windows:
            self._sent[key].append(now)
        return None

    def set_mode(self, mode: LimitMode) -> None:
        """Change the mode and clear all windows; the violations stay."""
        self.mode = mode
        self._sent.clear()
        self._blocked_until.clear()

    def _wait(self, key: object, count: int, seconds: float, now: float) -> float:
        """Return the seconds until this window, of `count` messages in `seconds`, has room."""
        sent = self._sent[key]
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        blocked_for = self._blocked_until.get(key, now) - now
        if blocked_for > 0:
            return blocked_for
        if len(sent) < count:
            return 0.0
        wait = sent[-count] + seconds - now
        self._blocked_until[key] = now + math.ceil(wait)
        return wait
