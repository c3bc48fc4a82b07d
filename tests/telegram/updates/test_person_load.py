from datetime import timedelta

from bot.model import ChatId
from bot.telegram.updates.person_load import LIMITED_GAP, PersonLoad, PersonShare
from tests.support.fakes import FakeClock

ANN, BOB = ChatId(1), ChatId(2)


def handle(load: PersonLoad, clock: FakeClock, person_id: ChatId, *, seconds: int = 0) -> None:
    with load.handling(person_id, clock):
        clock.advance(seconds=seconds)


def test_the_busiest_come_first_each_by_a_code(clock: FakeClock) -> None:
    load = PersonLoad(key=b"key")
    handle(load, clock, BOB)
    for _ in range(2):
        handle(load, clock, ANN, seconds=2)
    load.limited = {load.code(BOB)}
    assert load.busiest(limit=9) == (
        PersonShare(load.code(ANN), 2, timedelta(seconds=4), False),
        PersonShare(load.code(BOB), 1, timedelta(0), True),
    )
    assert len(load.busiest(limit=1)) == 1


def test_a_code_tells_the_person_to_nobody_without_the_key() -> None:
    codes = {PersonLoad(key=key).code(ANN) for key in (b"one", b"two", b"")}
    assert len(codes) == 3
    assert not any(str(ANN) == code for code in codes)


def test_counts_are_of_an_hour(clock: FakeClock) -> None:
    load = PersonLoad()
    handle(load, clock, ANN)
    clock.advance(minutes=60)
    handle(load, clock, BOB)
    assert [share.code for share in load.busiest(limit=9)] == [load.code(BOB)]


def test_only_who_is_limited_rests_and_only_for_the_gap(clock: FakeClock) -> None:
    load = PersonLoad()
    load.limited = {load.code(ANN)}
    for person in (ANN, BOB):
        handle(load, clock, person)
    assert load.resting(clock()) == {ANN}
    clock.advance(seconds=LIMITED_GAP.total_seconds())
    assert load.resting(clock()) == frozenset()


def test_a_clock_that_is_set_back_holds_nobody_up(clock: FakeClock) -> None:
    load = PersonLoad()
    load.limited = {load.code(ANN)}
    handle(load, clock, ANN)
    clock.advance(days=-1)
    assert load.resting(clock()) == frozenset()
