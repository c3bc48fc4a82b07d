"""What did the bot ask for, and what did it get? The memory that tests look into."""

from collections import Counter, deque
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json

# Enough for any test, and for weeks of trying the bot out.
_KEPT = 200_000


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One call of a method.

    `code` is the HTTP status that was meant to be answered, None while it is not yet known or if
    there was none. `answered` says that the answer was written whole to the socket.
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
    """A message that the look-alike accepted from the bot, as it was sent."""

    chat_id: int
    message_id: int
    text: str
    at: float
    call: Call

    @property
    def answered(self) -> bool:
        """Whether the answer was written whole to the socket."""
        return self.call.answered


@dataclass(slots=True, kw_only=True)
class CallLog:
    """Every call and every accepted message, in order; the last 200,000 of each."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_KEPT))
    sent: deque[AcceptedMessage] = field(default_factory=lambda: deque(maxlen=_KEPT))

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
