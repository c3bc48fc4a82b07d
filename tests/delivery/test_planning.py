from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.planning import ChatFacts, plan_message, still_wanted
from bot.model import (
    ChatId,
    Delivery,
    DeliveryId,
    HoldUntil,
    MessagePlan,
    PostLook,
    Quiet,
    StoryId,
    Subscriber,
    Timetable,
)
from bot.rendering.digest import MAX_STORIES
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


def delivery(number: int, *, age: timedelta = timedelta(0)) -> Delivery:
    return Delivery(
        id=DeliveryId(number),
        story_id=StoryId(number),
        chat_id=ANN.chat_id,
        attempts=0,
        queued_at=NOON - age,
    )


def test_without_pending_deliveries_there_is_no_message() -> None:
    assert plan_message(ANN, [], now=NOON) is None


def test_stories_go_one_by_one_in_order() -> None:
    first, second = delivery(1, age=2 * HOUR), delivery(2)
    assert plan_message(ANN, [first, second], now=NOON) == MessagePlan("story", (first,))


def test_stale_deliveries_go_in_one_message_before_the_rest() -> None:
    stale = delivery(1, age=30 * HOUR), delivery(3, age=24 * HOUR)
    fresh = delivery(2, age=HOUR), delivery(4)
    pending = sorted((*stale, *fresh), key=lambda delivery: delivery.id)
    assert plan_message(ANN, pending, now=NOON) == MessagePlan("missed", stale)
    assert plan_message(ANN, fresh, now=NOON) == MessagePlan("story", fresh[:1])


def test_many_late_deliveries_are_one_digest() -> None:
    late = [delivery(number, age=HOUR) for number in range(1, 5)]
    new = delivery(5, age=HOUR / 2)
    assert plan_message(ANN, [*late, new], now=NOON) == MessagePlan("digest", tuple(late))
    assert plan_message(ANN, [*late[1:], new], now=NOON) == MessagePlan("story", (late[1],))


def test_the_reader_chooses_when_a_delivery_is_stale() -> None:
    patient = replace(ANN, fresh_for=48 * HOUR)
    pending = [delivery(1, age=30 * HOUR)]
    assert plan_message(patient, pending, now=NOON) == MessagePlan("story", tuple(pending))


@pytest.mark.parametrize(
    ("topics", "wanted"), [({WAR}, True), ({SPORT}, True), ({"health"}, False), (set(), False)]
)
def test_a_story_is_wanted_while_one_of_its_topics_is(topics: set[str], wanted: bool) -> None:
    subscriber = replace(ANN, topics=frozenset(topics))  # type: ignore[arg-type]
    assert still_wanted(subscriber, replace(story(), other_topics=(SPORT,))) is wanted


# By Ann's clock NOON is two in the afternoon; all that follows happens in her time zone.
REST = Quiet(since=13 * 60, until=15 * 60)


def with_timetable(timetable: Timetable) -> Subscriber:
    return replace(ANN, timetable=timetable)


def test_a_digest_waits_for_its_hour_and_takes_everything_then() -> None:
    subscriber = with_timetable(Timetable(when="digest", digest_at=(8 * 60, 19 * 60)))
    pending = [delivery(1, age=HOUR), delivery(2)]
    evening = NOON + 5 * HOUR
    assert plan_message(subscriber, pending, now=NOON) == HoldUntil(evening)
    assert plan_message(subscriber, pending, now=evening) == MessagePlan("digest", tuple(pending))


def test_a_digest_that_was_missed_comes_as_soon_as_it_can() -> None:
    subscriber = with_timetable(Timetable(when="digest"))
    pending = [delivery(1, age=30 * HOUR), delivery(2)]
    assert plan_message(subscriber, pending, now=NOON) == MessagePlan("digest", tuple(pending))


GROUP = replace(ANN, kind="group", timetable=Timetable(when="hourly"))


def test_a_digest_of_one_story_is_that_story() -> None:
    pending = [delivery(1, age=HOUR)]
    assert plan_message(GROUP, pending, now=NOON) == MessagePlan("story", tuple(pending))


def test_hourly_news_of_a_group_waits_for_the_full_hour() -> None:
    half_past = NOON + HOUR / 2
    pending = [delivery(1, age=-HOUR / 2)]
    assert plan_message(GROUP, pending, now=half_past) == HoldUntil(NOON + HOUR)


CALM = with_timetable(Timetable(when="calm"))


def test_calm_news_is_a_silent_bundle_at_the_full_hour() -> None:
    pending = [delivery(1, age=HOUR), delivery(2, age=HOUR / 2)]
    told_by_two = {StoryId(1): 2, StoryId(2): 2}
    early = NOON - HOUR / 4
    assert plan_message(
        CALM, pending[1:], now=early, facts=ChatFacts(source_counts=told_by_two)
    ) == HoldUntil(NOON)
    assert plan_message(
        CALM, pending, now=NOON, facts=ChatFacts(source_counts=told_by_two)
    ) == MessagePlan("digest", tuple(pending), silent=True, is_bundle=True)


def test_in_calm_mode_a_story_of_one_source_waits_for_company() -> None:
    young, old = delivery(1, age=timedelta(minutes=44)), delivery(2, age=timedelta(minutes=50))
    assert plan_message(CALM, [young], now=NOON) == HoldUntil(NOON + HOUR)
    assert plan_message(
        CALM, [young], now=NOON, facts=ChatFacts(source_counts={StoryId(1): 2})
    ) == MessagePlan("story", (young,), silent=True, is_bundle=True)
    assert plan_message(CALM, [young, old], now=NOON) == MessagePlan(
        "story", (old,), silent=True, is_bundle=True
    )


def test_in_calm_mode_a_word_and_a_story_of_enough_sources_come_at_once_with_a_sound() -> None:
    plain, by_word = delivery(1), replace(delivery(2), at_once=True)
    assert plan_message(CALM, [plain, by_word], now=NOON) == MessagePlan("story", (by_word,))
    many = {StoryId(1): 3}
    assert plan_message(
        CALM, [plain], now=NOON, facts=ChatFacts(source_counts=many)
    ) == MessagePlan("story", (plain,))
    own_number = replace(
        CALM,
        timetable=Timetable(when="calm", quiet=replace(REST, since=0, until=1, urgent_from=5)),
    )
    assert isinstance(
        plan_message(own_number, [plain], now=NOON, facts=ChatFacts(source_counts=many)), HoldUntil
    )
    resting = replace(CALM, timetable=Timetable(when="calm", quiet=REST))
    assert plan_message(resting, [by_word], now=NOON) == HoldUntil(NOON + HOUR)


def test_what_does_not_fit_in_a_bundle_waits_for_the_next_hour() -> None:
    pending = [delivery(number, age=2 * HOUR) for number in range(1, 26)]
    counts = {StoryId(25): 2}
    plan = plan_message(CALM, pending, now=NOON, facts=ChatFacts(source_counts=counts))
    assert isinstance(plan, MessagePlan)
    assert len(plan.deliveries) == 20
    assert plan.deliveries[0].id == 25, "most sources first"
    left = [each for each in pending if each not in plan.deliveries]
    after = replace(CALM, last_bundle_at=NOON)
    assert plan_message(after, left, now=NOON, facts=ChatFacts(source_counts=counts)) == HoldUntil(
        NOON + HOUR
    )


def test_what_a_calm_reader_was_not_shown_for_a_day_is_counted() -> None:
    stale = delivery(1, age=30 * HOUR), delivery(2, age=25 * HOUR)
    assert plan_message(CALM, [*stale, delivery(3, age=2 * HOUR)], now=NOON) == MessagePlan(
        "missed", stale, silent=True
    )


def test_quiet_hours_hold_everything_until_they_end() -> None:
    subscriber = with_timetable(Timetable(quiet=REST))
    assert plan_message(subscriber, [delivery(1)], now=NOON) == HoldUntil(NOON + HOUR)


def test_few_deliveries_held_by_quiet_hours_come_one_by_one_and_many_in_one_digest() -> None:
    subscriber = with_timetable(Timetable(quiet=REST))
    few = [delivery(number) for number in range(1, 4)]
    many = [*few, delivery(4), delivery(5, age=-HOUR)]
    after = NOON + HOUR
    assert plan_message(subscriber, few, now=after) == MessagePlan("story", tuple(few[:1]))
    assert plan_message(subscriber, many, now=after) == MessagePlan("digest", tuple(many[:4]))


def test_in_silent_quiet_hours_stories_come_without_a_sound() -> None:
    subscriber = with_timetable(Timetable(quiet=replace(REST, silently=True)))
    pending = (delivery(1),)
    assert plan_message(subscriber, pending, now=NOON) == MessagePlan("story", pending, silent=True)
    assert plan_message(subscriber, pending, now=NOON + HOUR) == MessagePlan("story", pending)


def test_a_digest_in_quiet_hours_comes_without_a_sound() -> None:
    subscriber = with_timetable(Timetable(when="digest", digest_at=(14 * 60,), quiet=REST))
    pending = (delivery(1, age=HOUR), delivery(2, age=HOUR))
    assert plan_message(subscriber, pending, now=NOON) == MessagePlan(
        "digest", pending, silent=True
    )


def test_an_urgent_story_breaks_quiet_hours_with_sound_if_the_reader_wants_it() -> None:
    many = {StoryId(2): 3}
    pending = [delivery(1), delivery(2)]
    for quiet in (replace(REST, urgent_from=3), replace(REST, urgent_from=3, silently=True)):
        subscriber = with_timetable(Timetable(quiet=quiet))
        assert plan_message(
            subscriber, pending, now=NOON, facts=ChatFacts(source_counts=many)
        ) == MessagePlan("story", (pending[1],))
    for quiet in (REST, replace(REST, urgent_from=4)):
        subscriber = with_timetable(Timetable(quiet=quiet))
        assert plan_message(
            subscriber, pending, now=NOON, facts=ChatFacts(source_counts=many)
        ) == HoldUntil(NOON + HOUR)


def test_beyond_the_daily_limit_deliveries_wait_for_the_next_day_and_come_in_one_digest() -> None:
    subscriber = with_timetable(Timetable(per_day=2))
    pending = [delivery(1), delivery(2)]
    midnight = NOON + 10 * HOUR
    assert plan_message(
        subscriber, pending, now=NOON, facts=ChatFacts(messages_today=1)
    ) == MessagePlan("story", tuple(pending[:1]))
    assert plan_message(
        subscriber, pending, now=NOON, facts=ChatFacts(messages_today=2)
    ) == HoldUntil(midnight)
    assert plan_message(subscriber, pending, now=midnight) == MessagePlan("digest", tuple(pending))


def test_a_requested_digest_goes_at_once_with_all_that_was_queued_before() -> None:
    timetable = Timetable(when="digest", quiet=Quiet(since=0, until=1439), per_day=1)
    subscriber = replace(ANN, timetable=timetable, digest_requested_at=NOON - HOUR)
    old = delivery(1, age=30 * HOUR), delivery(2, age=HOUR)
    new = delivery(3)
    plan = plan_message(subscriber, [*old, new], now=NOON, facts=ChatFacts(messages_today=1))
    assert plan == MessagePlan("digest", old)
    assert plan_message(
        subscriber, old[:1], now=NOON, facts=ChatFacts(messages_today=1)
    ) == MessagePlan("story", old[:1])
    assert isinstance(
        plan_message(subscriber, [new], now=NOON, facts=ChatFacts(messages_today=1)), HoldUntil
    )


CHANNEL = replace(ANN, kind="channel")


def test_a_full_hour_holds_all_posts_but_a_requested_digest() -> None:
    limited = replace(CHANNEL, look=PostLook(per_hour=2))
    posts = (NOON - timedelta(minutes=50), NOON - timedelta(minutes=5))
    pending = [delivery(1, age=2 * HOUR), delivery(2)]
    until = HoldUntil(NOON + timedelta(minutes=10))
    assert plan_message(limited, pending, now=NOON, facts=ChatFacts(sent_lately=posts)) == until
    assert plan_message(
        limited, pending, now=NOON, facts=ChatFacts(sent_lately=posts[:1])
    ) == MessagePlan("story", (pending[0],))
    asked = replace(limited, digest_requested_at=NOON)
    assert plan_message(
        asked, pending, now=NOON, facts=ChatFacts(sent_lately=posts)
    ) == MessagePlan("digest", tuple(pending))


def test_a_limit_holds_what_would_break_quiet_hours_too() -> None:
    quiet = Quiet(since=0, until=23 * 60, urgent_from=3)
    limited = replace(CHANNEL, look=PostLook(per_hour=1), timetable=Timetable(quiet=quiet))
    counts = {StoryId(1): 9}
    held = plan_message(
        limited, [delivery(1)], now=NOON, facts=ChatFacts(sent_lately=(NOON,), source_counts=counts)
    )
    assert held == HoldUntil(NOON + HOUR)


def test_no_bundle_of_a_channel_releases_what_quiet_hours_hold() -> None:
    quiet = Quiet(since=0, until=23 * 60, urgent_from=3)
    look = PostLook(per_hour=1, bundles=True)
    limited = replace(CHANNEL, look=look, timetable=Timetable(quiet=quiet))
    pending = [delivery(1), delivery(2)]
    plan = plan_message(limited, pending, now=NOON, facts=ChatFacts(source_counts={StoryId(2): 3}))
    assert plan == MessagePlan("story", (pending[1],))


def test_a_channel_gets_late_stories_one_by_one_unless_it_chose_bundles() -> None:
    late = [delivery(number, age=HOUR) for number in range(1, 5)]
    alone, together = MessagePlan("story", (late[0],)), MessagePlan("digest", tuple(late))
    assert plan_message(CHANNEL, late, now=NOON) == alone
    bundled = replace(CHANNEL, look=PostLook(bundles=True))
    assert plan_message(bundled, late, now=NOON) == together
    hourly = replace(CHANNEL, timetable=Timetable(when="hourly"))
    assert plan_message(hourly, late, now=NOON) == together


EVERYTHING = with_timetable(Timetable(when="everything"))
MINUTE = timedelta(minutes=1)


def lately(*minutes: int) -> ChatFacts:
    return ChatFacts(sent_lately=[NOON - minute * MINUTE for minute in minutes])


def test_of_everything_up_to_three_in_five_minutes_come_one_by_one() -> None:
    pending = [delivery(number) for number in range(1, 4)]
    assert plan_message(EVERYTHING, pending, now=NOON) == MessagePlan("story", (pending[0],))
    last = pending[2:]
    assert plan_message(EVERYTHING, last, now=NOON, facts=lately(1, 4)) == MessagePlan(
        "story", (pending[2],)
    )


def test_of_everything_more_in_five_minutes_are_one_message_once_they_are_over() -> None:
    pending = [delivery(number) for number in range(1, 5)]
    assert plan_message(EVERYTHING, pending, now=NOON) == MessagePlan("digest", tuple(pending))
    assert plan_message(EVERYTHING, pending[:1], now=NOON, facts=lately(1, 2, 4)) == HoldUntil(
        NOON + MINUTE
    )


def test_of_everything_a_followed_word_waits_for_no_rush() -> None:
    pending = [*(delivery(number) for number in range(1, 6)), replace(delivery(6), at_once=True)]
    plan = plan_message(EVERYTHING, pending, now=NOON, facts=lately(1, 2, 3))
    assert plan == MessagePlan("story", (pending[-1],))


def test_news_at_once_is_one_message_a_story_however_much_there_is() -> None:
    pending = [delivery(number) for number in range(1, 60)]
    assert plan_message(ANN, pending, now=NOON, facts=lately(1, 2, 3)) == MessagePlan(
        "story", (pending[0],)
    )


@pytest.mark.parametrize(
    "timetable",
    [
        Timetable(when="digest"),
        Timetable(when="calm", quiet=REST),
        Timetable(when="hourly", per_day=1),
    ],
)
def test_the_stories_that_a_chat_begins_with_wait_for_nothing(timetable: Timetable) -> None:
    first = [replace(delivery(number), at_once=True, is_first=True) for number in (1, 2)]
    facts = ChatFacts(messages_today=9)
    plan = plan_message(with_timetable(timetable), [delivery(3), *first], now=NOON, facts=facts)
    assert plan == MessagePlan("story", (first[0],))


def test_what_came_before_the_return_is_one_message_for_who_gets_no_digests() -> None:
    pending = [delivery(1, age=2 * HOUR), delivery(2, age=2 * MINUTE), delivery(3, age=MINUTE)]
    modes = (("at once", False), ("everything", False), ("calm", True), ("hourly", False))
    for when, is_silent in modes:
        back = replace(with_timetable(Timetable(when=when)), back_at=NOON - MINUTE)  # type: ignore[arg-type]
        facts = ChatFacts(source_counts={StoryId(1): 9})
        plan = plan_message(back, pending, now=NOON, facts=facts)
        assert plan == MessagePlan("missed", tuple(pending[:2]), silent=is_silent)


@pytest.mark.parametrize("mode", ["hourly", "everything", "at once"])
def test_more_stories_than_a_digest_lists_come_in_the_next_one(mode: str) -> None:
    pending = [delivery(number, age=2 * HOUR) for number in range(1, MAX_STORIES + 5)]
    subscriber = with_timetable(Timetable(when=mode))  # type: ignore[arg-type]
    listed, rest = tuple(pending[:MAX_STORIES]), tuple(pending[MAX_STORIES:])
    assert plan_message(subscriber, pending, now=NOON) == MessagePlan("digest", listed)
    assert plan_message(subscriber, rest, now=NOON) == MessagePlan("digest", rest)
    asking = replace(subscriber, digest_requested_at=NOON)
    assert plan_message(asking, pending, now=NOON) == MessagePlan("digest", listed)


@pytest.mark.parametrize(
    "timetable", [Timetable(when="digest"), Timetable(when="hourly", per_day=1)]
)
def test_who_wants_few_messages_gets_all_in_one_that_lists_the_best(timetable: Timetable) -> None:
    pending = tuple(delivery(number, age=23 * HOUR) for number in range(1, MAX_STORIES + 5))
    plan = plan_message(with_timetable(timetable), pending, now=NOON)
    assert plan == MessagePlan("digest", pending)


def test_a_second_mention_stands_alone_and_is_in_no_digest() -> None:
    again = replace(delivery(1), bundle_id=7, storyline=StoryId(1))
    chapter = replace(delivery(2), at_once=True, storyline=StoryId(1))
    assert plan_message(CALM, [again, chapter], now=NOON) == MessagePlan("story", (again,))
    asked = replace(CALM, digest_requested_at=NOON)
    assert plan_message(asked, [again, chapter], now=NOON) == MessagePlan("story", (chapter,))


def test_the_line_of_each_story_is_its_own() -> None:
    pending = [delivery(1), delivery(2)]
    counts = {StoryId(1): 2, StoryId(2): 4}
    facts = ChatFacts(source_counts=counts, loud_from={StoryId(1): 2, StoryId(2): 5})
    assert plan_message(CALM, pending, now=NOON, facts=facts) == MessagePlan("story", (pending[0],))
    assert isinstance(plan_message(CALM, pending[1:], now=NOON, facts=facts), HoldUntil)
