from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.plan import next_portion, wants
from bot.model import ChatId, Delivery, DeliveryId, Portion, StoryId, Subscriber
from tests.builders import SPORT, WAR, story
from tests.fakes import NOON

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
        owed_at=NOON - owed,
    )


def test_nothing_owed_is_no_message() -> None:
    assert next_portion(ANN, [], now=NOON) is None


def test_stories_go_one_by_one_in_order() -> None:
    first, second = delivery(1, owed=2 * HOUR), delivery(2)
    assert next_portion(ANN, [first, second], now=NOON) == Portion("story", (first,))


def test_all_that_waited_too_long_goes_in_one_message_before_the_rest() -> None:
    stale = delivery(1, owed=30 * HOUR), delivery(3, owed=24 * HOUR)
    fresh = delivery(2, owed=HOUR), delivery(4)
    owed = sorted((*stale, *fresh), key=lambda it: it.id)
    assert next_portion(ANN, owed, now=NOON) == Portion("missed", stale)
    assert next_portion(ANN, fresh, now=NOON) == Portion("story", fresh[:1])


def test_what_is_too_long_is_the_readers_own_choice() -> None:
    patient = replace(ANN, fresh_for=48 * HOUR)
    owed = [delivery(1, owed=30 * HOUR)]
    assert next_portion(patient, owed, now=NOON) == Portion("story", tuple(owed))


@pytest.mark.parametrize(
    ("topics", "wanted"), [({WAR}, True), ({SPORT}, True), ({"health"}, False), (set(), False)]
)
def test_a_story_is_wanted_while_one_of_its_topics_is(topics: set[str], wanted: bool) -> None:
    reader = replace(ANN, topics=frozenset(topics))  # type: ignore[arg-type]
    assert wants(reader, replace(story(), others=(SPORT,))) is wanted
