"""Message planning: which of a chat's pending deliveries its next message covers, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.delivery.timetable import (
    day_ends_at,
    end_of_quiet_hours,
    is_quiet,
    next_post_at,
    next_send_at,
    was_held,
)
from bot.model import Delivery, HoldUntil, MessagePlan, Story, StoryId, Subscriber
from bot.story_filter import match_reason

# Late deliveries that still come one by one; more of them are one digest.
MAX_ONE_BY_ONE = 3
# A delivery that waited for so long, because the bot was down or slow, is late.
LATE_AFTER = timedelta(hours=1)
# Calm mode: from so many sources on a story comes at once, unless the reader has set a number.
MIN_LOUD_SOURCES = 3
# A story of a single source waits so long for others, before it is bundled.
COMPANY_WAIT = timedelta(minutes=45)
MAX_BUNDLED = 20


def plan_message(
    subscriber: Subscriber,
    pending: Sequence[Delivery],
    *,
    now: datetime,
    messages_today: int = 0,
    source_counts: Mapping[StoryId, int] | None = None,
    posts: Sequence[datetime] = (),
) -> MessagePlan | HoldUntil | None:
    """Return what the next message covers, of pending deliveries in order; None: there are none.

    `messages_today` counts those since the reader's midnight; `source_counts` are needed only
    where urgent stories break quiet hours; `posts` are the last hour's messages of a channel.

    The digest that the reader requested comes before all else, then chapters of followed
    storylines. Who wants news at once gets first all that is stale in one message, then what is
    late or was held, as a digest if it is much, then story by story.
    """
    if not pending:
        return None
    requested_at = subscriber.digest_requested_at
    requested = [each for each in pending if requested_at and each.queued_at <= requested_at]
    if requested:
        return _together(requested, silent=False)
    free_at = next_post_at(subscriber.look.per_hour, posts, now=now)
    if free_at > now:
        return HoldUntil(free_at)
    plan = _plan_within_limits(subscriber, pending, now, messages_today, source_counts or {})
    if isinstance(plan, HoldUntil) or is_quiet(subscriber.timetable, now=now):
        return plan
    # The last post of the hour covers all that waits.
    shares = subscriber.look.bundles and len(posts) + 1 == subscriber.look.per_hour
    return _together(pending, silent=plan.silent) if shares and plan.form == "story" else plan


def is_calm(subscriber: Subscriber) -> bool:
    """Tell whether the chat gets what matters at once, and the rest in silent bundles."""
    return subscriber.kind == "private" and subscriber.timetable.when == "calm"


def still_wanted(subscriber: Subscriber, story: Story) -> bool:
    """Tell whether the chat still wants a story that was queued for it."""
    return match_reason(subscriber, story) is not None


def _plan_within_limits(
    subscriber: Subscriber,
    pending: Sequence[Delivery],
    now: datetime,
    messages_today: int,
    counts: Mapping[StoryId, int],
) -> MessagePlan | HoldUntil:
    """Plan a message of a chat that may have one now, as its timetable says."""
    timetable = subscriber.timetable
    is_quiet_now = is_quiet(timetable, now=now)
    unheld = _plan_unheld(subscriber, pending, counts, is_quiet_now=is_quiet_now)
    if unheld is not None:
        return unheld
    if timetable.per_day is not None and messages_today >= timetable.per_day:
        return HoldUntil(day_ends_at(timetable, now=now))
    if is_calm(subscriber):
        return _plan_calm(subscriber, pending, counts, now=now, is_quiet_now=is_quiet_now)
    oldest_at = min(delivery.queued_at for delivery in pending)
    send_at = next_send_at(timetable, queued_at=oldest_at, now=now)
    if send_at > now:
        return HoldUntil(send_at)
    return (
        _plan_at_once(subscriber, pending, now=now, silent=is_quiet_now)
        if timetable.when == "at once"
        else _together(pending, silent=is_quiet_now)
    )


def _plan_unheld(
    subscriber: Subscriber,
    pending: Sequence[Delivery],
    source_counts: Mapping[StoryId, int],
    *,
    is_quiet_now: bool,
) -> MessagePlan | None:
    """Return what goes whatever the timetable says: an urgent story.

    Or, outside quiet hours, the chapters of a followed storyline.
    """
    followed = [each for each in pending if each.storyline in subscriber.followed_storylines]
    if followed and not is_quiet_now:
        return _chapters(followed, silent=False)
    quiet = subscriber.timetable.quiet
    if not is_quiet_now or quiet is None or quiet.urgent_from is None:
        return None
    for delivery in pending:
        if source_counts.get(delivery.story_id, 0) >= quiet.urgent_from:
            return MessagePlan("story", (delivery,))
    return None


def _plan_calm(
    subscriber: Subscriber,
    pending: Sequence[Delivery],
    source_counts: Mapping[StoryId, int],
    *,
    now: datetime,
    is_quiet_now: bool,
) -> MessagePlan | HoldUntil:
    """Plan what comes at once, with a sound; else the silent bundle of the hour.

    At once come followed words, first stories, and a story of enough sources. Of the others the
    best `MAX_BUNDLED` are in the bundle, the rest waits for the next one; what is stale is counted.
    """
    timetable = subscriber.timetable
    quiet = timetable.quiet
    loud_from = (quiet.urgent_from if quiet else None) or MIN_LOUD_SOURCES
    loud = [
        each for each in pending if each.at_once or source_counts.get(each.story_id, 0) >= loud_from
    ]
    # Quiet hours that hold messages hold these too.
    if loud and end_of_quiet_hours(timetable, now=now) <= now:
        return _chapters(loud, silent=is_quiet_now)

    def bundled_at(delivery: Delivery) -> datetime:
        is_alone = source_counts.get(delivery.story_id, 0) < 2
        ripe_at = delivery.queued_at + (COMPANY_WAIT if is_alone else timedelta(0))
        after = max(ripe_at, subscriber.last_bundle_at or ripe_at)
        return next_send_at(timetable, queued_at=after, now=now)

    due = [each for each in pending if bundled_at(each) <= now]
    if not due:
        return HoldUntil(min(map(bundled_at, pending)))
    stale = [each for each in due if each.queued_at <= now - subscriber.fresh_for]
    if stale:
        return MessagePlan("missed", tuple(stale), silent=True)
    best = sorted(due, key=lambda each: -source_counts.get(each.story_id, 0))[:MAX_BUNDLED]
    plan = _together(best, silent=True)
    return replace(plan, is_bundle=True)


def _plan_at_once(
    subscriber: Subscriber, pending: Sequence[Delivery], *, now: datetime, silent: bool
) -> MessagePlan:
    stale_at = now - subscriber.fresh_for
    stale = tuple(delivery for delivery in pending if delivery.queued_at <= stale_at)
    if stale:
        return MessagePlan("missed", stale, silent)
    timetable, late_at = subscriber.timetable, now - LATE_AFTER
    late = [
        delivery
        for delivery in pending
        if delivery.queued_at <= late_at
        or was_held(timetable, queued_at=delivery.queued_at, now=now)
    ]
    # Where messages are limited a single late story joins the others; a channel may want none to.
    is_bundled = subscriber.kind != "channel" or subscriber.look.bundles
    if is_bundled and len(late) > (MAX_ONE_BY_ONE if timetable.per_day is None else 1):
        return _together(late, silent=silent)
    return _chapters(pending, silent=silent)


def _chapters(pending: Sequence[Delivery], *, silent: bool) -> MessagePlan:
    """Plan the first delivery, with those of other chapters of its storyline."""
    first = pending[0]
    others = (each for each in pending[1:] if first.storyline and each.storyline == first.storyline)
    return MessagePlan("story", (first, *others), silent)


def _together(deliveries: Sequence[Delivery], *, silent: bool) -> MessagePlan:
    return MessagePlan("digest" if len(deliveries) > 1 else "story", tuple(deliveries), silent)
