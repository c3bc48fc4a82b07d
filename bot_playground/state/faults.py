"""Fault injection: failures of calls by method, chat and count, or by a seeded chance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from random import Random


class FaultKind(StrEnum):
    """What happens to the call."""

    RETRY_AFTER = "retry_after"  # 429, and again until the time is over
    BAD_GATEWAY = "bad_gateway"  # 502 with a page of HTML
    SERVER_ERROR = "server_error"  # 500 with JSON
    REFUSAL = "refusal"  # `code` and `description`
    DROP_BEFORE = "torn_before"  # the connection is dropped and the call is not executed
    DROP_AFTER = "torn_after"  # the call is executed, the connection is dropped without an answer
    DELAY = "delay"  # the call is executed and answered `seconds` later


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, the calls that it matches, and how often it happens.

    No `method` or no `chat_id` means any; no `times` means until it is cleared. `share` is the
    probability, from 0 to 1, that a matching call is hit. `retry_after` and `seconds` are seconds.
    With `whole_bot` a 429 blocks every chat.
    """

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    times: int | None = None
    share: float = 1.0
    retry_after: int = 1
    seconds: float = 0.0
    code: int = 400
    description: str = "Bad Request: refused to order"
    whole_bot: bool = False

    def matches(self, method: str, chat_id: int | None) -> bool:
        """Return whether the fault is for such a call."""
        return self.method in (None, method) and self.chat_id in (None, chat_id)


@dataclass(slots=True, kw_only=True)
class Faults:
    """The active faults by id, oldest first; the first that matches and hits is injected."""

    random: Random
    active: dict[int, Fault] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    # By chat id; None: every chat.
    _blocked_until: dict[int | None, float] = field(default_factory=dict)

    def add(self, fault: Fault) -> int:
        """Activate a fault and return its id."""
        fault_id = next(self._ids)
        self.active[fault_id] = fault
        return fault_id

    def clear_faults(self, fault_id: int | None = None) -> None:
        """End one fault, or all of them together with every wait they imposed."""
        if fault_id is not None:
            self.active.pop(fault_id, None)
            return
        self.active.clear()
        self._blocked_until.clear()

    def inject(self, method: str, chat_id: int | None, *, now: float) -> Fault | None:
        """Return the fault of this call, if any, and count it as used; `now` in seconds."""
        # getUpdates and its like belong to no chat: only a fault of their own stops them.
        if chat_id is not None:
            blocked_until = max(self._blocked_until.get(key, now) for key in (None, chat_id))
            if blocked_until > now:
                wait = math.ceil(blocked_until - now)
                return Fault(kind=FaultKind.RETRY_AFTER, retry_after=wait)
        for fault_id, fault in self.active.items():
            is_hit = fault.matches(method, chat_id) and (
                fault.share >= 1 or self.random.random() < fault.share
            )
            if is_hit:
                self._use(fault_id, fault, chat_id, now)
                return fault
        return None

    def _use(self, fault_id: int, fault: Fault, chat_id: int | None, now: float) -> None:
        """Count one use, and after a 429 refuse the chat, or every chat, until the wait is over."""
        if fault.times is not None and fault.times <= 1:
            del self.active[fault_id]
        elif fault.times is not None:
            self.active[fault_id] = replace(fault, times=fault.times - 1)
        if fault.kind is FaultKind.RETRY_AFTER and (chat_id is not None or fault.whole_bot):
            key = None if fault.whole_bot else chat_id
            self._blocked_until[key] = now + fault.retry_after
