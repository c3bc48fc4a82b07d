"""Call log: every Bot API call with its answer, and every accepted message, for tests."""

from collections import Counter, deque
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json

# Enough for any test, and for weeks of trying the bot out.
_MAX_ENTRIES = 200_000


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call of a method.

    `code` is the HTTP status of the answer, None before there is one. `answered` is True once the
    whole answer is written to the socket; `at` and `answered_at` are Unix seconds.
    """

    method: str
    parameters: Json
    chat_id: int | None
    at: float
    code: int | None = None
    description: str = ""
    answered: bool = False
    answered_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcceptedMessage:
    """A message accepted from the bot, as it was sent."""

    chat_id: int
    message_id: int
    text: str
    at: float
    call: Call

    @property
    def answered(self) -> bool:
        """Whether the whole answer was written to the socket."""
        return self.call.answered


@dataclass(slots=True, kw_only=True)
class CallLog:
    """Calls and accepted messages, oldest first; the last 200,000 of each."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_MAX_ENTRIES))
    sent: deque[AcceptedMessage] = field(default_factory=lambda: deque(maxlen=_MAX_ENTRIES))

    def report(self) -> Json:
        """Return counts: accepted messages, refused calls by code, answers that never arrived."""
        refused = Counter(str(call.code) for call in self.calls if call.code and call.code >= 400)
        return {
            "calls": len(self.calls),
            "methods": dict(Counter(call.method for call in self.calls)),
            "accepted": len(self.sent),
            "accepted_but_torn": sum(not sent.answered for sent in self.sent),
            "refused": dict(refused),
        }
