from random import Random

import pytest

from bot_playground.state.faults import Fault, FaultKind, Faults


@pytest.fixture
def faults() -> Faults:
    return Faults(random=Random(1))


def test_a_fault_is_injected_as_often_as_its_times_say(faults: Faults) -> None:
    faults.add(Fault(kind=FaultKind.SERVER_ERROR, method="sendMessage", times=2))
    struck = [faults.inject("sendMessage", 1, now=0) is not None for _ in range(3)]
    assert struck == [True, True, False]


def test_other_methods_and_chats_are_not_hit(faults: Faults) -> None:
    faults.add(Fault(kind=FaultKind.DROP_AFTER, method="sendMessage", chat_id=1))
    assert faults.inject("getMe", None, now=0) is None
    assert faults.inject("sendMessage", 2, now=0) is None
    assert faults.inject("sendMessage", 1, now=0) is not None


def test_a_chat_is_refused_until_the_retry_after_is_over(faults: Faults) -> None:
    faults.add(Fault(kind=FaultKind.RETRY_AFTER, chat_id=1, times=1, retry_after=10))
    faults.inject("sendMessage", 1, now=0)
    again = faults.inject("editMessageText", 1, now=3.5)
    assert again is not None
    assert (again.kind, again.retry_after) == (FaultKind.RETRY_AFTER, 7)
    assert faults.inject("sendMessage", 2, now=3.5) is None
    assert faults.inject("sendMessage", 1, now=10) is None


def test_a_429_may_block_the_whole_bot(faults: Faults) -> None:
    faults.add(Fault(kind=FaultKind.RETRY_AFTER, times=1, retry_after=10, whole_bot=True))
    faults.inject("sendMessage", 1, now=0)
    assert faults.inject("sendMessage", 2, now=1) is not None
    assert faults.inject("getUpdates", None, now=1) is None


def test_a_429_of_a_call_without_a_chat_blocks_no_chat(faults: Faults) -> None:
    faults.add(Fault(kind=FaultKind.RETRY_AFTER, method="getUpdates", times=1, retry_after=10))
    assert faults.inject("getUpdates", None, now=0) is not None
    assert faults.inject("getUpdates", None, now=1) is None
    assert faults.inject("sendMessage", 1, now=1) is None


def test_a_share_of_the_calls_is_hit_and_the_seed_decides_which() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(random=Random(seed))
        faults.add(Fault(kind=FaultKind.DROP_AFTER, share=0.2))
        return [faults.inject("sendMessage", 1, now=0) is not None for _ in range(500)]

    assert struck(1) == struck(1) != struck(2)
    assert 60 < sum(struck(1)) < 140


def test_clear_faults_ends_one_fault_or_all(faults: Faults) -> None:
    first = faults.add(Fault(kind=FaultKind.RETRY_AFTER, chat_id=1, retry_after=60))
    faults.add(Fault(kind=FaultKind.DELAY, chat_id=2))
    faults.clear_faults(first)
    assert faults.inject("sendMessage", 1, now=0) is None
    faults.add(Fault(kind=FaultKind.RETRY_AFTER, chat_id=1, retry_after=60))
    assert faults.inject("sendMessage", 1, now=0) is not None
    faults.clear_faults()
    assert faults.inject("sendMessage", 1, now=0) is None
    assert faults.inject("sendMessage", 2, now=0) is None
