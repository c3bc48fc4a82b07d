from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.planning import plan_message, still_wanted
from bot.model import (
    ChatId,
    Delivery,
    DeliveryId,
    HoldUntil,
    MessagePlan,
    Quiet,
    StoryId,
    Subscriber,
    Timetable,
)
from tests.support.builders import SPORT, WAR, story
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)
ANN = Subscriber(
    chat_id=ChatId(1),
    kind="private",
    language="en",
    news_languages=frozenset({"en"}),
    topics=frozenset({WAR}),
    paused=False,
)


def delivery(number: int, *, owed: timedelta = timedelta(0)) -> Delivery:
    return Delivery(
        id=DeliveryId(number),
        story_id=StoryId(number),
        chat_id=ANN.chat_id,
        attempts=0,
        queued_at=NOON - owed,
    )


def test_nothing_owed_is_no_message() -> None:
    assert plan_message(ANN, [], now=NOON) is None


def test_stories_go_one_by_one_in_order() -> None:
    first, second = delivery(1, owed=2 * HOUR), delivery(2)
    assert plan_message(ANN, [first, second], now=NOON) == MessagePlan("story", (first,))


def test_all_that_waited_too_long_goes_in_one_message_before_the_rest() -> None:
    stale = delivery(1, owed=30 * HOUR), delivery(3, owed=24 * HOUR)
    fresh = delivery(2, owed=HOUR), delivery(4)
    owed = sorted((*stale, *fresh), key=lambda it: it.id)
    assert plan_message(ANN, owed, now=NOON) == MessagePlan("missed", stale)
    assert plan_message(ANN, fresh, now=NOON) == MessagePlan("story", fresh[:1])


def test_many_that_waited_for_an_hour_are_one_message_whoever_kept_them_waiting() -> None:
    late = [delivery(number, owed=HOUR) for number in range(1, 5)]
    new = delivery(5, owed=HOUR / 2)
    assert plan_message(ANN, [*late, new], now=NOON) == MessagePlan("digest", tuple(late))
    assert plan_message(ANN, [*late[1:], new], now=NOON) == MessagePlan("story", (late[1],))


def test_what_is_too_long_is_the_readers_own_choice() -> None:
    patient = replace(ANN, fresh_for=48 * HOUR)
    owed = [delivery(1, owed=30 * HOUR)]
    assert plan_message(patient, owed, now=NOON) == MessagePlan("story", tuple(owed))


@pytest.mark.parametrize(
    ("topics", "wanted"), [({WAR}, True), ({SPORT}, True), ({"health"}, False), (set(), False)]
)
def test_a_story_is_wanted_while_one_of_its_topics_is(topics: set[str], wanted: bool) -> None:
    reader = replace(ANN, topics=frozenset(topics))  # type: ignore[arg-type]
    assert still_wanted(reader, replace(story(), other_topics=(SPORT,))) is wanted


# By Ann's clock it is two in the afternoon; all that follows happens in her time zone.
REST = Quiet(since=13 * 60, until=15 * 60)


def at_her(timetable: Timetable) -> Subscriber:
    return replace(ANN, timetable=timetable)


def test_a_digest_waits_for_its_hour_and_takes_everything_then() -> None:
    reader = at_her(Timetable(when="digest", digest_at=(8 * 60, 19 * 60)))
    owed = [delivery(1, owed=HOUR), delivery(2)]
    evening = NOON + 5 * HOUR
    assert plan_message(reader, owed, now=NOON) == HoldUntil(evening)
    assert plan_message(reader, owed, now=evening) == MessagePlan("digest", tuple(owed))


def test_a_digest_that_was_missed_comes_as_soon_as_it_can() -> None:
    reader = at_her(Timetable(when="digest"))
    owed = [delivery(1, owed=30 * HOUR), delivery(2)]
    assert plan_message(reader, owed, now=NOON) == MessagePlan("digest", tuple(owed))


def test_a_digest_of_one_story_is_that_story() -> None:
    reader = at_her(Timetable(when="hourly"))
    owed = [delivery(1, owed=HOUR)]
    assert plan_message(reader, owed, now=NOON) == MessagePlan("story", tuple(owed))


def test_hourly_news_waits_for_the_full_hour() -> None:
    reader = at_her(Timetable(when="hourly"))
    half_past = NOON + HOUR / 2
    owed = [delivery(1, owed=-HOUR / 2)]
    assert plan_message(reader, owed, now=half_past) == HoldUntil(NOON + HOUR)


def test_quiet_hours_hold_everything_until_they_end() -> None:
    reader = at_her(Timetable(quiet=REST))
    assert plan_message(reader, [delivery(1)], now=NOON) == HoldUntil(NOON + HOUR)


def test_few_that_quiet_hours_held_come_one_by_one_and_many_in_one_message() -> None:
    reader = at_her(Timetable(quiet=REST))
    few = [delivery(number) for number in range(1, 4)]
    many = [*few, delivery(4), delivery(5, owed=-HOUR)]
    after = NOON + HOUR
    assert plan_message(reader, few, now=after) == MessagePlan("story", tuple(few[:1]))
    assert plan_message(reader, many, now=after) == MessagePlan("digest", tuple(many[:4]))


def test_in_silent_hours_stories_come_without_a_sound() -> None:
    reader = at_her(Timetable(quiet=replace(REST, silently=True)))
    owed = (delivery(1),)
    assert plan_message(reader, owed, now=NOON) == MessagePlan("story", owed, silent=True)
    assert plan_message(reader, owed, now=NOON + HOUR) == MessagePlan("story", owed)


def test_a_digest_of_quiet_hours_comes_without_a_sound() -> None:
    reader = at_her(Timetable(when="digest", digest_at=(14 * 60,), quiet=REST))
    owed = (delivery(1, owed=HOUR), delivery(2, owed=HOUR))
    assert plan_message(reader, owed, now=NOON) == MessagePlan("digest", owed, silent=True)


def test_a_story_of_many_sources_breaks_quiet_hours_aloud_if_the_reader_wants_it() -> None:
    many = {StoryId(2): 3}
    owed = [delivery(1), delivery(2)]
    for quiet in (replace(REST, urgent_from=3), replace(REST, urgent_from=3, silently=True)):
        reader = at_her(Timetable(quiet=quiet))
        assert plan_message(reader, owed, now=NOON, sources=many) == MessagePlan(
            "story", (owed[1],)
        )
    for quiet in (REST, replace(REST, urgent_from=4)):
        reader = at_her(Timetable(quiet=quiet))
        assert plan_message(reader, owed, now=NOON, sources=many) == HoldUntil(NOON + HOUR)


def test_beyond_the_limit_of_a_day_all_waits_for_the_next_and_comes_in_one_message() -> None:
    reader = at_her(Timetable(per_day=2))
    owed = [delivery(1), delivery(2)]
    midnight = NOON + 10 * HOUR
    assert plan_message(reader, owed, now=NOON, today=1) == MessagePlan("story", tuple(owed[:1]))
    assert plan_message(reader, owed, now=NOON, today=2) == HoldUntil(midnight)
    assert plan_message(reader, owed, now=midnight) == MessagePlan("digest", tuple(owed))


def test_what_was_owed_when_a_digest_was_asked_for_goes_together_whatever_holds_it() -> None:
    timetable = Timetable(when="digest", quiet=Quiet(since=0, until=1439), per_day=1)
    reader = replace(ANN, timetable=timetable, digest_requested_at=NOON - HOUR)
    old = delivery(1, owed=30 * HOUR), delivery(2, owed=HOUR)
    new = delivery(3)
    portion = plan_message(reader, [*old, new], now=NOON, today=1)
    assert portion == MessagePlan("digest", old)
    assert plan_message(reader, old[:1], now=NOON, today=1) == MessagePlan("story", old[:1])
    assert isinstance(plan_message(reader, [new], now=NOON, today=1), HoldUntil)
