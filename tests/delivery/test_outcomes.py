from datetime import timedelta

import pytest

from bot.delivery.outcomes import MAX_BLOCKING_ATTEMPTS, delivery_result, outcome_text
from bot.model import (
    ChatGone,
    ChatId,
    ChatKind,
    ChatMigrated,
    DeliveryResult,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    ThreadClosed,
    ThreadId,
    Unanswered,
)
from tests.support.fakes import NOON

SECOND = timedelta(seconds=1)


def result_of(
    outcome: SendOutcome, *, kind: ChatKind = "private", attempt: int = 1
) -> tuple[DeliveryResult, timedelta]:
    return delivery_result(outcome, kind, attempt=attempt, now=NOON, jitter=0)


@pytest.mark.parametrize(("kind", "seconds"), [("private", 1), ("group", 3), ("channel", 3)])
def test_after_a_message_its_chat_rests(kind: ChatKind, seconds: int) -> None:
    result, rest = result_of(Sent(5), kind=kind)
    assert result == DeliveryResult(state="sent", message_id=5)
    assert rest == seconds * SECOND


def test_a_wait_that_telegram_asks_for_is_kept_to_the_second_and_is_no_attempt() -> None:
    result, rest = result_of(RetryLater(43_837 * SECOND, "too many"), attempt=99)
    assert result == DeliveryResult(state="pending", reason="too many", is_counted=False)
    assert rest == 43_837 * SECOND


def test_what_may_have_arrived_counts_as_a_message_for_the_rest_of_its_chat() -> None:
    _, rest = result_of(Unanswered("torn"), kind="group")
    assert rest == 3 * SECOND


@pytest.mark.parametrize("outcome", [RetryLater(None, "502"), Unanswered("502")])
def test_a_failure_blocks_its_chat_at_first_and_only_itself_later(outcome: SendOutcome) -> None:
    first, rest = result_of(outcome, attempt=MAX_BLOCKING_ATTEMPTS)
    assert (first.retry_at, rest) == (None, 64 * SECOND)
    later, rest = result_of(outcome, attempt=MAX_BLOCKING_ATTEMPTS + 1)
    assert (later.retry_at, rest) == (NOON + 128 * SECOND, SECOND)
    assert first.is_doubtful is later.is_doubtful is isinstance(outcome, Unanswered)
    assert first.state == later.state == "pending"


@pytest.mark.parametrize(
    ("outcome", "state", "is_counted"),
    [
        (ChatMigrated(ChatId(-100)), "pending", False),
        (ThreadClosed(ThreadId(5), for_good=False), "pending", False),
        (ChatGone("blocked"), "gone", True),
        (Rejected("bad"), "rejected", True),
    ],
)
def test_what_cannot_be_sent_here_ends_or_moves(
    outcome: SendOutcome, state: str, is_counted: bool
) -> None:
    result, rest = result_of(outcome)
    assert (result.state, result.is_counted, rest) == (state, is_counted, SECOND)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Sent(5), "sent as message 5"),
        (RetryLater(SECOND, "too many"), "retry after 0:00:01: too many"),
        (RetryLater(None, "502"), "retry: 502"),
        (Unanswered("torn"), "no answer, may have arrived: torn"),
        (ChatMigrated(ChatId(-100)), "the group moved to -100"),
        (ThreadClosed(ThreadId(5), for_good=False), "thread 5 is closed"),
        (ThreadClosed(ThreadId(5), for_good=True), "thread 5 is deleted"),
        (ChatGone("blocked"), "gone: blocked"),
        (Rejected("bad"), "rejected: bad"),
    ],
)
def test_the_log_says_what_happened(outcome: SendOutcome, words: str) -> None:
    assert outcome_text(outcome) == words
