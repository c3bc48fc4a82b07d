"""What goes wrong next? Faults made to order, or by a seeded chance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from random import Random


class Kind(StrEnum):
    """What happens to the call."""

    RETRY_AFTER = "retry_after"  # 429; the chat stays closed until the time is over
    BAD_GATEWAY = "bad_gateway"  # 502 with a page of HTML
    SERVER_ERROR = "server_error"  # 500 with JSON
    REFUSAL = "refusal"  # `code` and `description`
    TORN_BEFORE = "torn_before"  # the connection ends, nothing was done
    TORN_AFTER = "torn_after"  # it was done, the connection ends without an answer
    DELAY = "delay"  # it was done, the answer comes `seconds` later


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, for which calls, and how often.

    No `method` or no `chat_id` means any; no `times` means until it is mended. `share` is the
    chance, from 0 to 1, that a call that fits is hit. `retry_after` and `seconds` are seconds.
    With `whole_bot` a 429 closes every chat.
    """

    kind: Kind
    method: str | None = None
    chat_id: int | None = None
    times: int | None = None
    share: float = 1.0
    retry_after: int = 1
    seconds: float = 0.0
    code: int = 400
    description: str = "Bad Request: refused to order"
    whole_bot: bool = False

    def fits(self, method: str, chat_id: int | None) -> bool:
        """Return whether such a call can be hit."""
        return self.method in (None, method) and self.chat_id in (None, chat_id)


@dataclass(slots=True, kw_only=True)
class Faults:
    """The faults in force, by id, oldest first; the first that fits and hits is the one."""

    random: Random
    active: dict[int, Fault] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    _closed: dict[int | None, float] = field(default_factory=dict)

    def add(self, fault: Fault) -> int:
        """Put a fault in force and return its id."""
        identifier = next(self._ids)
        self.active[identifier] = fault
        return identifier

    def mend(self, identifier: int | None = None) -> None:
        """End one fault, or all of them and every closure."""
        if identifier is not None:
            self.active.pop(identifier, None)
            return
        self.active.clear()
        self._closed.clear()

    def strike(self, method: str, chat_id: int | None, *, now: float) -> Fault | None:
        """Return what goes wrong with this call, if anything, and count it as used."""
        closed_for = self._closed_for(chat_id, now)
        if closed_for > 0:
            return Fault(kind=Kind.RETRY_AFTER, retry_after=math.ceil(closed_for))
        for identifier, fault in list(self.active.items()):
            if fault.fits(method, chat_id) and self._hits(fault):
                self._use(identifier, fault)
                self._close(fault, chat_id, now)
                return fault
        return None

    def _hits(self, fault: Fault) -> bool:
        return fault.share >= 1 or self.random.random() < fault.share

    def _use(self, identifier: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self.active[identifier]
        else:
            self.active[identifier] = replace(fault, times=fault.times - 1)

    def _close(self, fault: Fault, chat_id: int | None, now: float) -> None:
        if fault.kind is Kind.RETRY_AFTER and (chat_id is not None or fault.whole_bot):
            self._closed[None if fault.whole_bot else chat_id] = now + fault.retry_after

    def _closed_for(self, chat_id: int | None, now: float) -> float:
        """Return for how many seconds a call to this chat is still refused."""
        # getUpdates and its like belong to no chat: only a fault of their own stops them.
        if chat_id is None:
            return 0.0
        return max(self._closed.get(None, now), self._closed.get(chat_id, now)) - now
