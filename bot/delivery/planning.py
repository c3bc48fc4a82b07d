"""Message planning: which of a chat's pending deliveries its next message covers, and when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.delivery.timetable import (
    day_ends_at,
    end_of_quiet_hours,
    is_quiet,
    next_post_at,
    next_send_at,
    was_held,
)
from bot.model import (
    DEFAULT_LOUD_LINE,
    Delivery,
    HoldUntil,
    MessageForm,
    MessagePlan,
    Story,
    StoryId,
    Subscriber,
    Timetable,
)
from bot.rendering.digest import MAX_STORIES
from bot.story_filter import match_reason

# Late deliveries that still come one by one; more of them are one digest. So are more than that of
# any age within `RUSH`, for who wants everything as it comes.
MAX_ONE_BY_ONE = 3
RUSH = timedelta(minutes=5)
# A delivery that waited for so long, because the bot was down or slow, is late.
LATE_AFTER = timedelta(hours=1)
# A story of a single source waits so long for others, before it is bundled.
COMPANY_WAIT = timedelta(minutes=45)
MAX_BUNDLED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFacts:
    """What a plan depends on beside what is pending; each is needed by some timetables only.

    `messages_today` counts those since the reader's midnight; `sent_lately` are the times of the
    messages of the last hour, the first one first. `source_counts` are those of the pending
    stories, `loud_from` from how many on each is learnt to come at once.
    """

    messages_today: int = 0
    source_counts: Mapping[StoryId, int] = field(default_factory=dict)
    loud_from: Mapping[StoryId, int] = field(default_factory=dict)
    sent_lately: Sequence[datetime] = ()


NO_FACTS = ChatFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Situation:
    """What a plan is made from; `silent`: these are quiet hours of the reader."""

    subscriber: Subscriber
    pending: Sequence[Delivery]
    facts: ChatFacts
    now: datetime
    silent: bool

    @property
    def timetable(self) -> Timetable:
        """The reader's timetable."""
        return self.subscriber.timetable

    @property
    def is_held(self) -> bool:
        """Whether quiet hours hold messages now."""
        return end_of_quiet_hours(self.timetable, now=self.now) > self.now

    def sources(self, delivery: Delivery) -> int:
        """Return how many sources tell the story."""
        return self.facts.source_counts.get(delivery.story_id, 0)


_Plan = MessagePlan | HoldUntil
_Planner = Callable[[_Situation], _Plan | None]


def plan_message(
    subscriber: Subscriber,
    pending: Sequence[Delivery],
    *,
    now: datetime,
    facts: ChatFacts = NO_FACTS,
) -> MessagePlan | HoldUntil | None:
    """Return what the next message covers, of pending deliveries in order; None: there are none.

    First come the stories that a chat begins with and the digest that the reader requested; then,
    within the limit of a channel's hour, chapters of followed storylines. Then, unless digests or
    full hours hold it, all that was missed in one message; then what the timetable says. Who wants
    news at once gets what is late or was held, as a digest if it is much, then story by story; who
    wants everything gets a rush of stories in one message.
    """
    silent = is_quiet(subscriber.timetable, now=now)
    situation = _Situation(
        subscriber=subscriber,
        pending=pending,
        facts=facts,
        now=now,
        silent=silent,
    )
    asked: tuple[_Planner, ...] = (_plan_requested, _plan_within_hour)
    others: tuple[_Planner, ...] = (_plan_unheld, _plan_within_day, _plan_missed, _plan_by_rhythm)
    plan = _first_plan(asked, situation) if pending else None
    if plan is not None or not pending:
        return plan
    plan = _first_plan(others, situation)
    # The last post of a channel's hour covers all that waits.
    is_last = len(facts.sent_lately) + 1 == subscriber.look.per_hour and subscriber.look.bundles
    is_story = isinstance(plan, MessagePlan) and plan.form == "story"
    return _together(situation, pending) if is_last and is_story and not silent else plan


def _first_plan(planners: Iterable[_Planner], situation: _Situation) -> _Plan | None:
    return next((plan for each in planners if (plan := each(situation))), None)


def is_calm(subscriber: Subscriber) -> bool:
    """Tell whether the chat gets what matters at once, and the rest in silent bundles."""
    return subscriber.kind == "private" and subscriber.timetable.when == "calm"


def still_wanted(subscriber: Subscriber, story: Story) -> bool:
    """Tell whether the chat still wants a story that was queued for it."""
    return match_reason(subscriber, story) is not None


def _plan_requested(situation: _Situation) -> MessagePlan | None:
    """Return what the reader has just asked for: a first story, else a digest."""
    pending, requested_at = situation.pending, situation.subscriber.digest_requested_at
    if first := [each for each in pending if each.is_first]:
        return MessagePlan("story", (first[0],))
    requested = requested_at and [
        each for each in pending if each.queued_at <= requested_at and not each.bundle_id
    ]
    return replace(_together(situation, requested), silent=False) if requested else None


def _plan_within_hour(situation: _Situation) -> HoldUntil | None:
    """Hold everything where the channel has had as many posts in the hour as its admin wants."""
    per_hour, now = situation.subscriber.look.per_hour, situation.now
    free_at = next_post_at(per_hour, situation.facts.sent_lately, now=now)
    return HoldUntil(free_at) if free_at > now else None


def _plan_unheld(situation: _Situation) -> MessagePlan | None:
    """Return what goes whatever the timetable says: the chapters of a followed storyline.

    Within quiet hours it is an urgent story.
    """
    subscriber, pending = situation.subscriber, situation.pending
    if not situation.silent:
        followed = [each for each in pending if each.storyline in subscriber.followed_storylines]
        return _chapters(followed, silent=False) if followed else None
    quiet = subscriber.timetable.quiet
    urgent_from = quiet.urgent_from if quiet else None
    urgent = (each for each in pending if urgent_from and situation.sources(each) >= urgent_from)
    return next((MessagePlan("story", (each,)) for each in urgent), None)


def _plan_within_day(situation: _Situation) -> HoldUntil | None:
    """Hold everything where the reader has got as many messages today as they want."""
    timetable = situation.timetable
    if timetable.per_day is None or situation.facts.messages_today < timetable.per_day:
        return None
    return HoldUntil(day_ends_at(timetable, now=situation.now))


def _plan_missed(situation: _Situation) -> MessagePlan | None:
    """Plan what came while the reader was away, or has waited for too long to come by itself.

    A digest of the day tells it anyway.
    """
    subscriber, now = situation.subscriber, situation.now
    if situation.timetable.when == "digest" or situation.is_held:
        return None
    stale_at = now - subscriber.fresh_for
    back_at = subscriber.back_at or stale_at
    missed = [
        each
        for each in situation.pending
        if (each.queued_at <= stale_at or each.queued_at < back_at) and not each.bundle_id
    ]
    silent = situation.silent or is_calm(subscriber)
    return MessagePlan("missed", tuple(missed), silent=silent) if missed else None


def _plan_by_rhythm(situation: _Situation) -> _Plan:
    """Plan what the reader's rhythm says."""
    if is_calm(situation.subscriber):
        return _plan_calm(situation)
    oldest_at = min(delivery.queued_at for delivery in situation.pending)
    send_at = next_send_at(situation.timetable, queued_at=oldest_at, now=situation.now)
    if send_at > situation.now:
        return HoldUntil(send_at)
    match situation.timetable.when:
        case "at once":
            return _plan_at_once(situation)
        case "everything":
            return _plan_everything(situation)
        case _:
            return _together(situation, situation.pending)


def _plan_calm(situation: _Situation) -> _Plan:
    """Plan what comes at once, with a sound; else the silent bundle of the hour.

    At once come followed words, second mentions, and a story of enough sources. Of the others the
    best `MAX_BUNDLED` are in the bundle, the rest waits for the next one.
    """
    timetable, pending, now = situation.timetable, situation.pending, situation.now
    last_bundle_at = situation.subscriber.last_bundle_at
    own_number = timetable.quiet.urgent_from if timetable.quiet else None

    def is_loud(delivery: Delivery) -> bool:
        line = own_number or situation.facts.loud_from.get(delivery.story_id, DEFAULT_LOUD_LINE)
        return delivery.at_once or bool(delivery.bundle_id) or situation.sources(delivery) >= line

    def bundled_at(delivery: Delivery) -> datetime:
        is_alone = situation.sources(delivery) < 2
        ripe_at = delivery.queued_at + (COMPANY_WAIT if is_alone else timedelta(0))
        return next_send_at(timetable, queued_at=max(ripe_at, last_bundle_at or ripe_at), now=now)

    loud = list(filter(is_loud, pending))
    # Quiet hours that hold messages hold these too.
    if loud and not situation.is_held:
        return _chapters(loud, silent=situation.silent)
    due = [each for each in pending if bundled_at(each) <= now]
    if not due:
        return HoldUntil(min(map(bundled_at, pending)))
    best = sorted(due, key=situation.sources, reverse=True)[:MAX_BUNDLED]
    return replace(_together(situation, best), silent=True, is_bundle=True)


def _plan_everything(situation: _Situation) -> _Plan:
    """Plan the next story, but more than `MAX_ONE_BY_ONE` within `RUSH` as one message after it."""
    pending, rush_at = situation.pending, situation.now - RUSH
    sent_lately = [at for at in situation.facts.sent_lately if at > rush_at]
    urgent = [each for each in pending if each.at_once]
    if urgent:
        return _chapters(urgent, silent=situation.silent)
    if len(pending) + len(sent_lately) <= MAX_ONE_BY_ONE:
        return _plan_at_once(situation)
    if sent_lately:
        return HoldUntil(min(sent_lately) + RUSH)
    return _together(situation, pending)


def _plan_at_once(situation: _Situation) -> MessagePlan:
    timetable, now, silent = situation.timetable, situation.now, situation.silent
    late_at = now - LATE_AFTER
    late = [
        delivery
        for delivery in situation.pending
        if delivery.queued_at <= late_at
        or was_held(timetable, queued_at=delivery.queued_at, now=now)
    ]
    # Where messages are limited a single late story joins the others; a channel may want none to.
    subscriber = situation.subscriber
    is_bundled = subscriber.kind != "channel" or subscriber.look.bundles
    if is_bundled and len(late) > (MAX_ONE_BY_ONE if timetable.per_day is None else 1):
        return _together(situation, late)
    return _chapters(situation.pending, silent=silent)


def _chapters(pending: Sequence[Delivery], *, silent: bool) -> MessagePlan:
    """Plan the first delivery, with those of other chapters of its storyline.

    What is mentioned again stands alone.
    """
    first, storyline = pending[0], None if pending[0].bundle_id else pending[0].storyline
    others = (
        each
        for each in pending[1:]
        if storyline and each.storyline == storyline and not each.bundle_id
    )
    return MessagePlan("story", (first, *others), silent)


def _together(situation: _Situation, deliveries: Sequence[Delivery]) -> MessagePlan:
    """Plan one message of all stories that it can list; others stay pending for the next one.

    Who limits messages to some a day gets all in one, which lists the best and counts the rest.
    """
    timetable = situation.timetable
    if timetable.when != "digest" and timetable.per_day is None:
        deliveries = deliveries[:MAX_STORIES]
    form: MessageForm = "digest" if len(deliveries) > 1 else "story"
    return MessagePlan(form, tuple(deliveries), situation.silent)
