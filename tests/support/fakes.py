"""Fakes for the outermost edge: the clock, and a token."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Of the form that BotFather gives out, and of no bot.
TOKEN = "42:AAF-a_token_of_our_own_for_tests_only_0"

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """A clock that moves only when told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)

    def seconds(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Move, and take no time."""
        self.advance(seconds=seconds)
