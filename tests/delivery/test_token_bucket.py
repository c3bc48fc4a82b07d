import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.token_bucket import (
    MAX_BURST,
    REFUSAL_WINDOW,
    FloodDetector,
    TokenBucket,
)
from bot.model import ChatId

# Whether a message waits for its turn, and how many seconds pass before it comes.
# Many come at once, and some after a long rest.
PAUSES = st.one_of(st.just(0.0), st.just(0.0), st.floats(0, 3), st.floats(0, 100))
CALLS = st.lists(st.tuples(st.booleans(), PAUSES), min_size=2, max_size=80)
RATES = st.one_of(st.sampled_from([1, 5, 20, 28, 50]), st.integers(1, 1000))


def test_the_first_message_may_go_at_once() -> None:
    assert TokenBucket.at_rate(1, now=10).delay(10) == 0


def test_messages_that_come_together_go_a_gap_apart() -> None:
    bucket = TokenBucket.at_rate(1, now=0)
    assert [bucket.delay(0), bucket.take(0).delay(0), bucket.take(0).take(0).delay(0)] == [0, 1, 2]


def test_unused_tokens_are_not_saved() -> None:
    bucket = TokenBucket.at_rate(1, now=0).take(60)
    assert bucket.delay(60) == 1


def test_an_earlier_end_does_not_shorten_a_block() -> None:
    bucket = TokenBucket.at_rate(1, now=0).blocked_until(40).blocked_until(30)
    assert bucket.delay(0) == 40


def test_a_reply_that_did_not_wait_is_paid_for_by_the_next() -> None:
    bucket = TokenBucket.at_rate(1, now=0).take(0).take(0.25).take(0.5)
    assert bucket.delay(0.5) == 2.5


@given(rate=RATES, calls=CALLS, messages=st.one_of(st.floats(0.1, 3), st.floats(0.1, 80)))
def test_no_window_sees_more_than_its_share(
    rate: int, calls: list[tuple[bool, float]], messages: float
) -> None:
    bucket, now, window = TokenBucket.at_rate(rate, now=0), 0.0, messages / rate
    sent: list[tuple[float, bool]] = []
    for is_reply, pause in calls:
        now += pause / rate * 2
        if not is_reply:
            now += bucket.delay(now)
        sent.append((now, is_reply))
        bucket = bucket.take(now)
    for index, (end, is_reply) in enumerate(sent):
        if is_reply:
            continue  # it does not wait; those after it make up for it
        seen = sum(end - window < at <= end for at, _ in sent[: index + 1])
        # What goes together at a thousand a second is a few milliseconds' worth.
        burst = max(MAX_BURST * rate - 1, 0) if window < 1 else 0
        assert seen <= messages + 1 + burst + 1e-3


@pytest.mark.parametrize("rate", [1, 20, 28, 50, 100, 1000])
def test_a_second_full_of_broadcasts_sees_no_more_than_the_rate(rate: int) -> None:
    bucket, now, sent = TokenBucket.at_rate(rate, now=0), 100.0, []
    for _ in range(3 * rate):
        now += bucket.delay(now)
        sent.append(now)
        bucket = bucket.take(now)
    busiest = max(sum(start <= at < start + 1 - 1e-6 for at in sent) for start in sent)
    assert busiest <= rate
    assert busiest >= rate * 0.9


def refused(*chats: tuple[int, float]) -> FloodDetector:
    detector = FloodDetector()
    for chat_id, at in chats:
        detector = detector.after_refusal(ChatId(chat_id), at)
    return detector


def test_one_chat_refused_repeatedly_is_no_global_flood() -> None:
    assert not refused((1, 0), (1, 1), (1, 2), (1, 3)).is_global


def test_three_chats_refused_within_the_window_are_a_global_flood() -> None:
    assert not refused((1, 0), (2, 1)).is_global
    assert refused((1, 0), (2, 1), (3, 2)).is_global


def test_three_chats_refused_over_a_long_time_are_no_global_flood() -> None:
    assert not refused((1, 0), (2, REFUSAL_WINDOW), (3, REFUSAL_WINDOW * 2)).is_global
