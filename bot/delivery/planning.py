"""Message planning: which of a chat's pending deliveries its next message covers, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.delivery.timetable import day_ends_at, is_quiet, next_send_at, was_held
from bot.model import Delivery, HoldUntil, MessagePlan, Story, StoryId, Subscriber
from bot.story_filter import match_reason

# Late deliveries that still come one by one; more of them are one digest.
MAX_ONE_BY_ONE = 3
# A delivery that waited for so long, because the bot was down or slow, is late.
LATE_AFTER = timedelta(hours=1)


def plan_message(
    subscriber: Subscriber,
    pending: Sequence[Delivery],
    *,
    now: datetime,
    messages_today: int = 0,
    source_counts: Mapping[StoryId, int] | None = None,
) -> MessagePlan | HoldUntil | None:
    """Return what the next message covers, of pending deliveries in order; None: there are none.

    `messages_today` counts those since the reader's midnight; `source_counts` are needed only
    where urgent stories break quiet hours.

    The digest that the reader requested comes before all else, then chapters of followed
    storylines. Who wants news at once gets first all that is stale in one message, then what is
    late or was held, as a digest if it is much, then story by story.
    """
    if not pending:
        return None
    timetable = subscriber.timetable
    is_quiet_now = is_quiet(timetable, now=now)
    unheld = _plan_unheld(subscriber, pending, source_counts or {}, is_quiet_now=is_quiet_now)
    if unheld is not None:
        return unheld
    if timetable.per_day is not None and messages_today >= timetable.per_day:
        return HoldUntil(day_ends_at(timetable, now=now))
    oldest_at = min(delivery.queued_at for delivery in pending)
    send_at = next_send_at(timetable, queued_at=oldest_at, now=now)
    if send_at > now:
        return HoldUntil(send_at)
    if timetable.when != "at once":
        return _together(pending, silent=is_quiet_now)
    return _plan_at_once(subscriber, pending, now=now, silent=is_quiet_now)


def still_wanted(subscriber: Subscriber, story: Story) -> bool:
    """Tell whether the chat still wants a story that was queued for it."""
    return match_reason(subscriber, story) is not None


def _plan_unheld(
    subscriber: Subscriber,
    pending: Sequence[Delivery],
    source_counts: Mapping[StoryId, int],
    *,
    is_quiet_now: bool,
) -> MessagePlan | None:
    """Return what goes whatever the timetable says: a requested digest, else an urgent story.

    Or, outside quiet hours, the chapters of a followed storyline.
    """
    requested_at = subscriber.digest_requested_at
    if requested_at is not None:
        requested = [delivery for delivery in pending if delivery.queued_at <= requested_at]
        if requested:
            return _together(requested, silent=False)
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
    # Where messages are limited a single late story joins the others.
    if len(late) > (MAX_ONE_BY_ONE if timetable.per_day is None else 1):
        return _together(late, silent=silent)
    return _chapters(pending, silent=silent)


def _chapters(pending: Sequence[Delivery], *, silent: bool) -> MessagePlan:
    """Plan the first delivery, with those of other chapters of its storyline."""
    first = pending[0]
    others = (each for each in pending[1:] if first.storyline and each.storyline == first.storyline)
    return MessagePlan("story", (first, *others), silent)


def _together(deliveries: Sequence[Delivery], *, silent: bool) -> MessagePlan:
    return MessagePlan("digest" if len(deliveries) > 1 else "story", tuple(deliveries), silent)
