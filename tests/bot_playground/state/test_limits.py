import pytest

from bot_playground.state.limits import LimitMode, RateLimits


def test_nothing_is_limited_while_limits_are_off() -> None:
    limits = RateLimits()
    assert [limits.admit(1, is_group=False, now=0) for _ in range(100)] == [None] * 100


def test_a_chat_takes_a_burst_of_three_and_then_one_a_second() -> None:
    limits = RateLimits(mode=LimitMode.ON)
    assert [limits.admit(1, is_group=False, now=0) for _ in range(4)] == [None, None, None, 3]
    assert limits.admit(2, is_group=False, now=0) is None
    assert limits.admit(1, is_group=False, now=3) is None


def test_a_strict_chat_takes_one_message_a_second() -> None:
    limits = RateLimits(mode=LimitMode.STRICT)
    assert limits.admit(1, is_group=False, now=0) is None
    assert limits.admit(1, is_group=False, now=0.5) == 1
    assert limits.admit(1, is_group=False, now=1.5) is None


def test_a_call_before_the_wait_is_over_is_refused_and_counted() -> None:
    limits = RateLimits(mode=LimitMode.STRICT)
    waits = [limits.admit(1, is_group=False, now=at) for at in (0, 0.1, 1.05, 1.1)]
    assert waits == [None, 1, 1, None]
    assert limits.violations == 2


def test_all_chats_together_take_thirty_a_second() -> None:
    limits = RateLimits(mode=LimitMode.ON)
    waits = [limits.admit(chat, is_group=False, now=0) for chat in range(31)]
    assert waits == [None] * 30 + [1]
    assert limits.admit(99, is_group=False, now=1) is None


def test_the_limit_over_all_chats_can_be_raised() -> None:
    limits = RateLimits(mode=LimitMode.STRICT, per_second=100)
    waits = [limits.admit(chat, is_group=False, now=0) for chat in range(101)]
    assert waits == [None] * 100 + [1]


def test_a_group_takes_twenty_a_minute() -> None:
    limits = RateLimits(mode=LimitMode.STRICT)
    waits = [limits.admit(-1, is_group=True, now=2 * at) for at in range(21)]
    assert waits == [None] * 20 + [20]
    assert limits.admit(-1, is_group=True, now=60) is None


@pytest.mark.parametrize("mode", list(LimitMode))
def test_another_mode_clears_the_windows(mode: LimitMode) -> None:
    limits = RateLimits(mode=LimitMode.STRICT)
    limits.admit(1, is_group=False, now=0)
    limits.set_mode(mode)
    assert limits.admit(1, is_group=False, now=0) is None
