from datetime import timedelta

from bot.feeds.manners import Manners
from tests.fakes import FakeClock


def test_p24_a_domain_is_busy_while_it_is_asked_and_a_moment_longer(clock: FakeClock) -> None:
    manners = Manners(now=clock, gap=timedelta(seconds=2))
    manners.take("a.example")
    manners.take("b.example")
    assert manners.busy() == {"a.example", "b.example"}
    manners.leave("a.example")
    clock.advance(seconds=1.9)
    assert manners.busy() == {"a.example", "b.example"}
    clock.advance(seconds=0.2)
    assert manners.busy() == {"b.example"}


def test_a_domain_that_was_never_asked_can_be_left(clock: FakeClock) -> None:
    manners = Manners(now=clock, gap=timedelta(0))
    manners.leave("a.example")
    assert manners.busy() == frozenset()


def test_a_clock_that_is_set_back_keeps_no_domain_busy(clock: FakeClock) -> None:
    manners = Manners(now=clock, gap=timedelta(seconds=2))
    manners.take("a.example")
    manners.leave("a.example")
    clock.advance(days=-1)
    assert manners.busy() == frozenset()
