"""Send outcomes: what Telegram's answer means for a delivery and for its chat."""

from datetime import datetime, timedelta
from typing import assert_never

from bot.backoff import backoff
from bot.delivery.token_bucket import CHAT_GAPS
from bot.model import (
    ChatGone,
    ChatKind,
    ChatMigrated,
    DeliveryResult,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    ThreadClosed,
    Unanswered,
)

# Failed attempts that hold up the chat's other deliveries, to keep their order: about two minutes,
# longer than most failures of Telegram. After that only this delivery waits.
MAX_BLOCKING_ATTEMPTS = 6

FIRST_BACKOFF = timedelta(seconds=2)
MAX_BACKOFF = timedelta(minutes=5)


def delivery_result(
    outcome: SendOutcome, kind: ChatKind, *, attempt: int, now: datetime, jitter: float
) -> tuple[DeliveryResult, timedelta]:
    """Return the result of the deliveries, and how long their chat is left alone."""
    gap = CHAT_GAPS[kind]
    match outcome:
        case Sent(message_id):
            return DeliveryResult(state="sent", message_id=message_id), gap
        # Telegram asked to wait: this counts as no attempt.
        case RetryLater(timedelta() as after, reason):
            return DeliveryResult(state="pending", reason=reason, is_counted=False), after
        case RetryLater(reason=reason) | Unanswered(reason):
            wait = backoff(attempt, first=FIRST_BACKOFF, longest=MAX_BACKOFF, jitter=jitter)
            is_alone = attempt > MAX_BLOCKING_ATTEMPTS
            result = DeliveryResult(
                state="pending",
                reason=reason,
                is_doubtful=isinstance(outcome, Unanswered),
                retry_at=now + wait if is_alone else None,
            )
            # The message may have arrived, so the gap between messages holds too.
            return result, gap if is_alone else max(wait, gap)
        # The message is sent again: to the new id, or to the thread General.
        case ChatMigrated() | ThreadClosed():
            return DeliveryResult(
                state="pending", reason=outcome_text(outcome), is_counted=False
            ), gap
        case ChatGone(reason):
            return DeliveryResult(state="gone", reason=reason), gap
        case Rejected(reason):
            return DeliveryResult(state="rejected", reason=reason), gap
        case _:
            assert_never(outcome)


def outcome_text(outcome: SendOutcome) -> str:
    """Return the outcome in English, for the log and for the reason that is stored."""
    match outcome:
        case Sent(message_id):
            return f"sent as message {message_id}"
        case RetryLater(after, reason):
            return f"retry after {after}: {reason}" if after else f"retry: {reason}"
        case Unanswered(reason):
            return f"no answer, may have arrived: {reason}"
        case ChatMigrated(chat_id):
            return f"the group moved to {chat_id}"
        case ThreadClosed(thread_id, for_good):
            return f"thread {thread_id} is {'deleted' if for_good else 'closed'}"
        case ChatGone(reason) | Rejected(reason):
            return f"{outcome.label}: {reason}"
        case _:
            assert_never(outcome)
