"""Table `polls`: the outcomes of the last polls of each feed; and the health of the feeds."""

import json
from datetime import datetime, timedelta

import aiosqlite

from bot.model import FeedHealth, FeedId, PageBackoff, Poll
from bot.storage.feeds import demand
from bot.storage.times import from_seconds, to_seconds

# The problem of a feed whose news is told all the same.
MISDATED = "dates its news wrongly: what is new seems days old"
# Some hours of a busy feed, some weeks of one that fails.
MAX_PER_FEED = 20

_SELECT_HEALTH = f"""
        SELECT id, url, moved_to, source, feeds.failures,
               max(due_at, coalesce(iif(private, private_ready_at, hosts.ready_at), 0)), read_at,
               coalesce(feeds.problem, iif(misdated, '{MISDATED}', NULL), feeds.dropped),
               iif(disabled_at IS NULL, stopped, 'disabled'),
               {demand.has_readers().sql},
               (SELECT json_group_array(json_array(outcome, ended_at, took_ms, status, received,
                                                   conditional, news, problem))
                  FROM (SELECT * FROM polls WHERE feed_id = feeds.id ORDER BY id DESC)),
               feed_pages.problem, feed_pages.failures, feed_pages.ready_at
          FROM feeds LEFT JOIN feed_pages ON feed_id = feeds.id
          LEFT JOIN hosts USING (domain)
"""
_IS_UNHEALTHY = """
       listed = 1 AND private = 0
       AND (stopped IS NOT NULL OR disabled_at IS NOT NULL OR feeds.problem IS NOT NULL
            OR feeds.dropped IS NOT NULL OR misdated = 1)
"""
_IS_NEVER_READ = """
       listed = 1 AND private = 0 AND disabled_at IS NULL
       AND feeds.read_at IS NULL AND feeds.problem IS NOT NULL
       AND EXISTS (SELECT 1 FROM polls WHERE polls.feed_id = feeds.id AND ended_at <= :since)
"""
# Feeds that an admin has disabled come last: the admin knows.
_LONGEST_FAILING_FIRST = "disabled_at IS NOT NULL, stopped IS NULL, feeds.failures DESC, source, id"


async def add(tx: aiosqlite.Connection, feed_id: FeedId, poll: Poll) -> None:
    """Store the outcome of a poll, and delete all but the last `MAX_PER_FEED` of the feed."""
    await tx.execute(
        """
        INSERT INTO polls (feed_id, outcome, ended_at, took_ms, status, received, conditional,
                           news, problem)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            feed_id,
            poll.outcome,
            to_seconds(poll.ended_at),
            poll.took // timedelta(milliseconds=1),
            poll.status,
            poll.received,
            poll.conditional,
            poll.news,
            poll.problem,
        ),
    )
    await tx.execute(
        """
        DELETE FROM polls
         WHERE feed_id = :feed_id
           AND id <= (SELECT id FROM polls WHERE feed_id = :feed_id
                       ORDER BY id DESC LIMIT 1 OFFSET :max_per_feed)
        """,
        {"feed_id": feed_id, "max_per_feed": MAX_PER_FEED},
    )


async def health(db: aiosqlite.Connection, *, limit: int) -> tuple[FeedHealth, ...]:
    """Return the health of the listed feeds: stopped first, then the longest failing."""
    rows = await db.execute_fetchall(
        f"""
        {_SELECT_HEALTH}
         WHERE listed = 1
         ORDER BY stopped IS NULL, feeds.failures DESC, feed_pages.failures DESC, source, url
         LIMIT ?
        """,
        (limit,),
    )
    return tuple(_health(row) for row in rows)


async def unhealthy(
    db: aiosqlite.Connection, *, limit: int, skipped: int = 0
) -> tuple[FeedHealth, ...]:
    """Return the public feeds that fail or are stopped, the longest failing first."""
    rows = await db.execute_fetchall(
        f"""
        {_SELECT_HEALTH}
         WHERE id IN (SELECT id FROM feeds WHERE {_IS_UNHEALTHY}
                       ORDER BY {_LONGEST_FAILING_FIRST} LIMIT ? OFFSET ?)
         ORDER BY {_LONGEST_FAILING_FIRST}
        """,
        (limit, skipped),
    )
    return tuple(_health(row) for row in rows)


async def never_read(db: aiosqlite.Connection, *, since: datetime) -> tuple[FeedHealth, ...]:
    """Return the public feeds that were polled before `since`, and that no poll could read."""
    rows = await db.execute_fetchall(
        f"{_SELECT_HEALTH} WHERE {_IS_NEVER_READ} ORDER BY source, url",
        {"since": to_seconds(since)},
    )
    return tuple(_health(row) for row in rows)


async def disable_never_read(tx: aiosqlite.Connection, *, since: datetime, now: datetime) -> int:
    """Stop polling the feeds of `never_read` until `feeds.poll_soon`; return their number."""
    cursor = await tx.execute(
        f"UPDATE feeds SET disabled_at = :now WHERE {_IS_NEVER_READ}",
        {"since": to_seconds(since), "now": to_seconds(now)},
    )
    return cursor.rowcount


async def count_unhealthy(db: aiosqlite.Connection) -> int:
    """Count the public feeds that fail or are stopped."""
    ((count,),) = await db.execute_fetchall(f"SELECT count(*) FROM feeds WHERE {_IS_UNHEALTHY}")
    return int(count)


def _health(row: aiosqlite.Row) -> FeedHealth:
    return FeedHealth(
        id=FeedId(row[0]),
        url=row[1],
        moved_to=row[2],
        source=row[3],
        failures=row[4],
        due_at=from_seconds(row[5]),
        read_at=None if row[6] is None else from_seconds(row[6]),
        problem=row[7],
        stop_reason=row[8],
        has_readers=bool(row[9]),
        polls=tuple(
            Poll(
                outcome=outcome,
                ended_at=from_seconds(ended_at),
                took=timedelta(milliseconds=took_ms),
                status=status,
                received=received,
                conditional=bool(conditional),
                news=news,
                problem=problem,
            )
            for outcome, ended_at, took_ms, status, received, conditional, news, problem in (
                json.loads(row[10])
            )
        ),
        pages=(
            PageBackoff(problem=row[11], failures=row[12], until=from_seconds(row[13]))
            if row[11] and row[13]
            else None
        ),
    )
