"""What goes into a chat's next message, and what does it want no more? Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.delivery.timetable import day_ends_at, is_quiet, next_at, was_held
from bot.model import Delivery, HoldUntil, MessagePlan, Story, StoryId, Subscriber
from bot.story_filter import match_reason

# So many that had to wait still come one by one; more are a digest.
FEW = 3
# What waited for so long, since we were away or have too many readers, is told together.
LATE = timedelta(hours=1)


def plan_message(
    reader: Subscriber,
    owed: Sequence[Delivery],
    *,
    now: datetime,
    today: int = 0,
    sources: Mapping[StoryId, int] | None = None,
) -> MessagePlan | HoldUntil | None:
    """Return what the next message covers of what is owed, in order; None: nothing is owed.

    `today` counts the messages that the reader has had since midnight; `sources` are those of
    the stories, where they matter: a story of many may break quiet hours.

    What was owed when its reader asked for a digest goes before all else. For who wants news at
    once, all that has waited for too long comes first, in one message; then, if that is much,
    what his own hours held back or we were late with; all else one by one.
    """
    if not owed:
        return None
    timetable = reader.timetable
    is_rest = is_quiet(timetable, now=now)
    if unheld := _unheld(reader, owed, sources or {}, is_rest=is_rest):
        return unheld
    if timetable.per_day is not None and today >= timetable.per_day:
        return HoldUntil(day_ends_at(timetable, now=now))
    goes_at = next_at(timetable, owed_at=min(it.queued_at for it in owed), now=now)
    if goes_at > now:
        return HoldUntil(goes_at)
    if timetable.when != "at once":
        return _together(owed, silent=is_rest)
    return _one_by_one(reader, owed, now=now, silent=is_rest)


def still_wanted(reader: Subscriber, story: Story) -> bool:
    """Tell whether the chat still wants what it was owed: people change their minds."""
    return match_reason(reader, story) is not None


def _unheld(
    reader: Subscriber,
    owed: Sequence[Delivery],
    sources: Mapping[StoryId, int],
    *,
    is_rest: bool,
) -> MessagePlan | None:
    """Return what goes whatever the timetable says: what was asked for, or else is urgent."""
    if asked := _asked(reader, owed):
        return _together(asked, silent=False)
    urgent = _urgent(reader, owed, sources) if is_rest else None
    return MessagePlan("story", (urgent,)) if urgent else None


def _asked(reader: Subscriber, owed: Sequence[Delivery]) -> Sequence[Delivery]:
    """Return what waits for nothing any more: once it is sent, the wish is fulfilled."""
    asked_at = reader.digest_requested_at
    return [it for it in owed if it.queued_at <= asked_at] if asked_at is not None else ()


def _one_by_one(
    reader: Subscriber, owed: Sequence[Delivery], *, now: datetime, silent: bool
) -> MessagePlan:
    stale = tuple(it for it in owed if it.queued_at <= now - reader.fresh_for)
    if stale:
        return MessagePlan("missed", stale, silent)
    timetable = reader.timetable
    late = now - LATE
    held = [
        it
        for it in owed
        if it.queued_at <= late or was_held(timetable, owed_at=it.queued_at, now=now)
    ]
    # Of a limited number of messages none is wasted.
    if len(held) > (FEW if timetable.per_day is None else 1):
        return _together(held, silent=silent)
    return MessagePlan("story", tuple(owed[:1]), silent)


def _together(owed: Sequence[Delivery], *, silent: bool) -> MessagePlan:
    return MessagePlan("digest" if len(owed) > 1 else "story", tuple(owed), silent)


def _urgent(
    reader: Subscriber, owed: Sequence[Delivery], sources: Mapping[StoryId, int]
) -> Delivery | None:
    quiet = reader.timetable.quiet
    if quiet is None or quiet.urgent_from is None:
        return None
    many = (it for it in owed if sources.get(it.story_id, 0) >= quiet.urgent_from)
    return next(many, None)
