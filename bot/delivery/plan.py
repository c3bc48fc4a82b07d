"""What goes into a chat's next message, and what does it want no more? Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.model import Delivery, Portion, Story, Subscriber


def next_portion(reader: Subscriber, owed: Sequence[Delivery], *, now: datetime) -> Portion | None:
    """Return what the next message covers of what is owed, in order; None: nothing is owed.

    All that has waited for too long comes first, in one message; all else one by one.
    """
    stale = tuple(it for it in owed if it.owed_at <= now - reader.fresh_for)
    if stale:
        return Portion("missed", stale)
    return Portion("story", tuple(owed[:1])) if owed else None


def wants(reader: Subscriber, story: Story) -> bool:
    """Tell whether the chat still wants what it was owed: people change their minds."""
    return not reader.topics.isdisjoint({story.topic, *story.others})
