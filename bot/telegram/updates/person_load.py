"""Load by person: how many updates each person caused, and the rest of those who are limited.

It lives in memory and starts anew with the process; whom an admin has limited is in the table
`limited_people`. A person is shown and stored by a keyed hash alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.model import ChatId, chat_code

# An update of a limited person is handled no sooner after the last one.
LIMITED_GAP = timedelta(seconds=10)
_HOUR = timedelta(hours=1)


class PersonShare(NamedTuple):
    """What one person caused within the hour: updates, and the time that they were in hand."""

    code: str
    updates: int
    took: timedelta
    is_limited: bool


@dataclass(slots=True)
class PersonLoad:
    """Counts the updates of each person by the hour; `key` makes the hashes."""

    key: bytes = b""
    limited: set[str] = field(default_factory=set)
    _began_at: datetime | None = None
    _counts: dict[ChatId, tuple[int, timedelta]] = field(
        default_factory=lambda: defaultdict(lambda: (0, timedelta(0)))
    )
    _rests_until: dict[ChatId, datetime] = field(default_factory=dict)

    def code(self, person_id: ChatId) -> str:
        """Return the keyed hash of the person, by which the log too names the chat with the bot."""
        return chat_code(person_id, self.key)

    @contextmanager
    def handling(self, person_id: ChatId, now: Callable[[], datetime]) -> Iterator[None]:
        """Count an update of the person and the time of the block; one who is limited rests then.

        Counts are dropped once they are an hour old.
        """
        began_at = now()
        try:
            yield
        finally:
            at = now()
            if self._began_at is None or at - self._began_at >= _HOUR:
                self._began_at = began_at
                self._counts.clear()
            updates, took = self._counts[person_id]
            self._counts[person_id] = updates + 1, took + max(at - began_at, timedelta(0))
            if self.limited and self.code(person_id) in self.limited:
                self._rests_until[person_id] = at + LIMITED_GAP

    def resting(self, now: datetime) -> frozenset[ChatId]:
        """Return the limited people whose next update waits."""
        for person_id, until in list(self._rests_until.items()):
            # One beyond the gap dates from before the clock was set back.
            if not now < until <= now + LIMITED_GAP:
                del self._rests_until[person_id]
        return frozenset(self._rests_until)

    def busiest(self, *, limit: int) -> tuple[PersonShare, ...]:
        """Return the people with the most updates within the hour, those with the most first."""
        most = sorted(self._counts.items(), key=lambda item: item[1], reverse=True)[:limit]
        shares = ((self.code(person_id), count) for person_id, count in most)
        return tuple(PersonShare(code, *count, code in self.limited) for code, count in shares)
