"""Reset of waits after the clock was set back: what waits for a time in the far future is due.

Due too early is harmless: timetables and rate limits are applied again before anything is sent.
"""

from datetime import datetime, timedelta

import aiosqlite

from bot.storage.times import to_seconds, to_seconds_after

# A page is awaited so long at most, from now on.
_MAX_PAGE_WAIT = timedelta(minutes=2)
# A feed waits no longer for its next poll.
_MAX_FEED_WAIT = timedelta(minutes=10)

STATEMENTS = (
    """
    UPDATE subscribers
       SET ready_at = min(ready_at, :now), held_until = 0, due_at = min(due_at, :now)
     WHERE due_at > :now OR ready_at > :now OR held_until > :now
    """,
    """
    UPDATE subscribers
       SET away_since = min(away_since, :now), back_at = min(back_at, :now),
           choosing_until = min(choosing_until, :now), bundled_at = min(bundled_at, :now)
     WHERE max(away_since, back_at, choosing_until, bundled_at) > :now
    """,
    "UPDATE deliveries SET retry_at = 0 WHERE state = 'pending' AND retry_at > :now",
    # Else a digest that is asked for now would leave out what was owed before.
    "UPDATE deliveries SET owed_at = :now WHERE state = 'pending' AND owed_at > :now",
    "UPDATE notices SET retry_at = :now WHERE state = 'pending' AND retry_at > :now",
    "UPDATE updates SET due_at = :now WHERE handled_at IS NULL AND due_at > :now",
    "UPDATE editable SET edit_at = :now WHERE edit_at > :now",
    "UPDATE feed_searches SET due_at = :now WHERE due_at > :now",
    "UPDATE feed_pages SET ready_at = 0 WHERE ready_at > :now",
    # Nobody knows by which clock they wait: they are polled early once, and not all together.
    """
    UPDATE feeds SET due_at = min(due_at, :now + (random() & 0x7FFFFFFF) % :max_feed_wait)
     WHERE due_at > :now
    """,
    """
    UPDATE pages SET due_at = min(due_at, :now), give_up_at = min(give_up_at, :give_up_at)
     WHERE due_at IS NOT NULL
    """,
)


async def was_set_back(db: aiosqlite.Connection, *, now: datetime) -> bool:
    """Return whether a feed was polled later than now: the clock was set back since."""
    rows = await db.execute_fetchall("SELECT max(checked_at) FROM feeds")
    return any(row[0] is not None and row[0] > to_seconds_after(now) for row in rows)


async def reset_waits(tx: aiosqlite.Connection, *, now: datetime) -> None:
    """End all waits of chats, deliveries, notices, updates, edits and pages; shorten feeds'."""
    values = {
        "now": to_seconds(now),
        "give_up_at": to_seconds(now + _MAX_PAGE_WAIT),
        "max_feed_wait": int(_MAX_FEED_WAIT.total_seconds()),
    }
    for statement in STATEMENTS:
        await tx.execute(statement, values)
