"""What does Telegram's answer mean for what was sent, and for its chat? Pure."""

from datetime import datetime, timedelta
from typing import assert_never

from bot.delivery.token_bucket import CHAT_GAPS, backoff
from bot.model import (
    ChatKind,
    Gone,
    Moved,
    Outcome,
    Rejected,
    RetryLater,
    Sent,
    Shut,
    Unanswered,
    Verdict,
)

# So many failed attempts hold up the others of the chat, to keep their order: about two minutes,
# longer than most failures of Telegram. After that it is this message that fails.
HOLDS_UP = 6


def judge(
    outcome: Outcome, kind: ChatKind, *, attempt: int, now: datetime, jitter: float
) -> tuple[Verdict, timedelta]:
    """Return the verdict on the deliveries, and how long their chat is left alone."""
    gap = CHAT_GAPS[kind]
    match outcome:
        case Sent(message_id):
            return Verdict(state="sent", message_id=message_id), gap
        # Asked to wait: no attempt was made.
        case RetryLater(timedelta() as after, reason):
            return Verdict(state="pending", reason=reason, is_counted=False), after
        case RetryLater(reason=reason) | Unanswered(reason):
            wait = backoff(attempt, jitter=jitter)
            alone = attempt > HOLDS_UP
            verdict = Verdict(
                state="pending",
                reason=reason,
                is_doubtful=isinstance(outcome, Unanswered),
                retry_at=now + wait if alone else None,
            )
            # It may have arrived: its chat has had a message.
            return verdict, gap if alone else max(wait, gap)
        # The same message goes elsewhere: to the new id, or to General.
        case Moved() | Shut():
            return Verdict(state="pending", reason=in_words(outcome), is_counted=False), gap
        case Gone(reason):
            return Verdict(state="gone", reason=reason), gap
        case Rejected(reason):
            return Verdict(state="rejected", reason=reason), gap
        case _:
            assert_never(outcome)


def in_words(outcome: Outcome) -> str:
    """Return the outcome for the log."""
    match outcome:
        case Sent(message_id):
            return f"sent as message {message_id}"
        case RetryLater(after, reason):
            return f"retry after {after}: {reason}" if after else f"retry: {reason}"
        case Unanswered(reason):
            return f"no answer, may have arrived: {reason}"
        case Moved(chat_id):
            return f"the group moved to {chat_id}"
        case Shut(thread_id, for_good):
            return f"thread {thread_id} is {'deleted' if for_good else 'closed'}"
        case Gone(reason) | Rejected(reason):
            return f"{outcome.label}: {reason}"
        case _:
            assert_never(outcome)
