"""Tables `feeds` and `hosts`: the feeds, their poll schedule, and the hosts that are blocked."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

import aiosqlite

from bot.model import (
    ClockSkew,
    Feed,
    FeedId,
    Language,
    ListedFeed,
    PermanentRedirect,
    StopReason,
    TopicSlug,
    UpdatePeriod,
)
from bot.model.feeds import BusyDomains
from bot.storage.feeds import demand, hosts, pages
from bot.storage.times import from_seconds, to_seconds, to_seconds_after
from bot.text.safe import storable
from bot.web.domains import domain_of
from bot.web.sources import source_of

_COLUMNS = """
       id, url, coalesce(moved_to, url), feeds.domain, source, language, topic, etag, last_modified,
       document_url, read_at, failures, kills, every_seconds, skip_hours, skip_days,
       move_url, move_since, move_sightings, clock_hours, clock_sightings, private,
       recheck_at, false_304
"""
# No host is blocked for longer, whatever it asks for.
_MAX_BLOCK = timedelta(days=1)


async def source_at(db: aiosqlite.Connection, url: str) -> str:
    """Return the source of an article at the address: that of its site's public feed, if listed."""
    rows = await db.execute_fetchall(
        """
        SELECT source FROM feeds WHERE domain = ? AND private = 0
         ORDER BY listed DESC, id
         LIMIT 1
        """,
        (domain_of(url),),
    )
    return next((str(row[0]) for row in rows), source_of(url))


async def sync(tx: aiosqlite.Connection, listed: Iterable[ListedFeed], *, now: datetime) -> int:
    """Make the table match the catalogue; return how many feeds it lists.

    A new feed is due at once. One that left the catalogue keeps its articles and is no longer
    polled, unless a chat has added it (its source is then that of its address); when it returns
    it continues where it stopped. One that was merged with another is polled on its own again
    when the other is no longer listed.
    """
    catalogue, at = tuple(listed), to_seconds(now)
    rows = [
        (feed.url, feed.source, feed.language, feed.topic, feed.domain, at) for feed in catalogue
    ]
    # A feed that left the catalogue and that some chats have added becomes private.
    of_catalogue = "id NOT IN (SELECT feed_id FROM channel_sources)"
    await tx.execute(
        f"UPDATE feeds SET listed = id IN (SELECT feed_id FROM own_feeds) WHERE {of_catalogue}"
    )
    await tx.execute(f"UPDATE feeds SET private = 1 WHERE listed = 1 AND {of_catalogue}")
    private = await tx.execute_fetchall("SELECT id, url FROM feeds WHERE private = 1")
    await tx.executemany(
        "UPDATE feeds SET source = :source WHERE id = :id AND source <> :source",
        [{"id": feed_id, "source": source_of(url)} for feed_id, url in private],
    )
    await tx.executemany(
        """
        INSERT INTO feeds (url, source, language, topic, domain, due_at)
        VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (url) DO UPDATE
           SET source = excluded.source, language = excluded.language, topic = excluded.topic,
               domain = iif(moved_to IS NULL, excluded.domain, domain), listed = 1, private = 0
        """,
        rows,
    )
    await tx.execute(
        """
        UPDATE feeds SET stopped = NULL
         WHERE stopped = 'merged'
           AND NOT EXISTS (SELECT 1 FROM feeds AS other
                            WHERE other.listed = 1 AND other.id <> feeds.id
                              AND feeds.moved_to IN (other.url, other.moved_to))
        """
    )
    await pages.set_wanted(tx, catalogue)
    return len({row[0] for row in rows})


async def spread_overdue(tx: aiosqlite.Connection, *, now: datetime, per_second: int) -> None:
    """Schedule the overdue feeds in random order, about `per_second` a second.

    Times that were stored before the clock was set back are moved back too.
    """
    at = {"now": to_seconds(now), "last": to_seconds_after(now + _MAX_BLOCK)}
    await tx.execute("DELETE FROM hosts WHERE max(ready_at, private_ready_at) > :last", at)
    await tx.execute(
        "UPDATE feeds SET due_at = due_at - checked_at + :now, checked_at = :now"
        " WHERE checked_at > :now",
        at,
    )
    due = demand.is_due(now)
    ((overdue,),) = await tx.execute_fetchall(
        f"{due.ctes} SELECT count(*) FROM feeds WHERE {due.sql}", due.params
    )
    await tx.execute(
        f"""
        {due.ctes}
        UPDATE feeds
           SET due_at = :now + (random() & 0x7FFFFFFF) % (1 + :overdue / :per_second)
         -- Few feeds keep their times: one that the clock has not reached, should it be set back
         -- before they are polled, would keep them waiting.
         WHERE {due.sql} AND :overdue > :per_second
        """,
        {**due.params, "overdue": overdue, "per_second": per_second},
    )


async def due(
    db: aiosqlite.Connection, *, now: datetime, limit: int, busy: BusyDomains = hosts.NONE_BUSY
) -> tuple[Feed, ...]:
    """Return the feeds to poll now, the longest due first; none of a `busy` or blocked domain."""
    is_due, is_free = demand.is_due(now), hosts.is_free("feeds.domain", busy, now=now)
    rows = await db.execute_fetchall(
        f"""
        {is_due.ctes}
        SELECT {_COLUMNS}
          FROM feeds LEFT JOIN hosts ON hosts.domain = feeds.domain
         WHERE {is_due.sql} AND {is_free.sql}
         ORDER BY due_at, id
         LIMIT :limit
        """,
        {**is_due.params, **is_free.params, "limit": limit},
    )
    return tuple(
        Feed(
            id=FeedId(row[0]),
            listed_url=row[1],
            url=row[2],
            domain=row[3],
            source=row[4],
            language=cast(Language, row[5]),
            topic=row[6] and TopicSlug(row[6]),
            etag=row[7],
            last_modified=row[8],
            document_url=row[9],
            read_at=None if row[10] is None else from_seconds(row[10]),
            failures=row[11],
            parser_kills=row[12],
            update_period=UpdatePeriod(
                every=None if row[13] is None else timedelta(seconds=row[13]),
                skip_hours=frozenset(json.loads(row[14])),
                skip_days=frozenset(json.loads(row[15])),
            ),
            redirect=row[16]
            and PermanentRedirect(url=row[16], since=from_seconds(row[17]), sightings=row[18]),
            clock_skew=ClockSkew(hours=row[19], sightings=row[20]),
            private=bool(row[21]),
            recheck_at=None if row[22] is None else from_seconds(row[22]),
            false_304=bool(row[23]),
        )
        for row in rows
    )


async def save(
    tx: aiosqlite.Connection,
    feed: Feed,
    *,
    checked_at: datetime,
    due_at: datetime,
    problem: str | None,
    stop: StopReason | None = None,
) -> None:
    """Store all that a poll may have changed of the feed, except its address."""
    redirect, period = feed.redirect, feed.update_period
    await tx.execute(
        """
        UPDATE feeds
           SET etag = ?, last_modified = ?, document_url = ?, read_at = ?, failures = ?, kills = ?,
               every_seconds = ?, skip_hours = ?, skip_days = ?,
               move_url = ?, move_since = ?, move_sightings = ?,
               clock_hours = ?, clock_sightings = ?, recheck_at = ?, false_304 = ?,
               checked_at = ?, due_at = ?, problem = ?, stopped = ?
         WHERE id = ?
        """,
        (
            feed.etag,
            feed.last_modified,
            feed.document_url,
            feed.read_at and to_seconds(feed.read_at),
            feed.failures,
            feed.parser_kills,
            period.every and int(period.every.total_seconds()),
            json.dumps(sorted(period.skip_hours)),
            json.dumps(sorted(period.skip_days)),
            redirect and redirect.url,
            redirect and to_seconds(redirect.since),
            redirect.sightings if redirect else 0,
            feed.clock_skew.hours,
            feed.clock_skew.sightings,
            feed.recheck_at and to_seconds(feed.recheck_at),
            feed.false_304,
            to_seconds(checked_at),
            to_seconds_after(due_at),
            problem and storable(problem),
            stop,
            feed.id,
        ),
    )


async def note_dropped(tx: aiosqlite.Connection, feed_id: FeedId, dropped: str | None) -> None:
    """Store what of the feed's last document was no entry, in words; None: all was."""
    await tx.execute("UPDATE feeds SET dropped = ? WHERE id = ?", (dropped, feed_id))


async def note_misdated(tx: aiosqlite.Connection, feed_id: FeedId, *, misdated: bool) -> None:
    """Store whether the feed's last news was dated as if it were old."""
    await tx.execute("UPDATE feeds SET misdated = ? WHERE id = ?", (misdated, feed_id))


async def block_host(
    tx: aiosqlite.Connection, domain: str, *, until: datetime, private: bool = False
) -> None:
    """Send no request to the domain before `until`; a later block that is set already stays.

    One for `private` feeds holds up private feeds alone: whoever adds one chooses what it answers.
    """
    at = to_seconds_after(until)
    await tx.execute(
        """
        INSERT INTO hosts (domain, ready_at, private_ready_at) VALUES (?, ?, ?)
            ON CONFLICT (domain) DO UPDATE
           SET ready_at = max(ready_at, excluded.ready_at),
               private_ready_at = max(private_ready_at, excluded.private_ready_at)
        """,
        (domain, 0 if private else at, at),
    )


async def relocate(tx: aiosqlite.Connection, feed: Feed, url: str, *, domain: str) -> FeedId | None:
    """Move the feed to `url`; return the feed that is polled there already, if any.

    Then this one is merged into that one: it is no longer polled, and its readers get that one.
    """
    cursor = await tx.execute(
        """
        SELECT id FROM feeds
         WHERE coalesce(moved_to, url) = ? AND id <> ? AND listed = 1 AND stopped IS NULL LIMIT 1
        """,
        (url, feed.id),
    )
    row = await cursor.fetchone()
    await tx.execute(
        """
        UPDATE feeds
           SET moved_to = nullif(?, url), domain = ?, stopped = ?,
               move_url = NULL, move_since = NULL, move_sightings = 0,
               recheck_at = NULL, false_304 = 0
         WHERE id = ?
        """,
        (url, domain, "merged" if row else None, feed.id),
    )
    if row is None:
        return None
    await tx.execute(
        "UPDATE OR REPLACE own_feeds SET feed_id = ? WHERE feed_id = ?", (row[0], feed.id)
    )
    return FeedId(row[0])


async def poll_soon(
    tx: aiosqlite.Connection, url: str, *, now: datetime, floor: timedelta
) -> datetime | None:
    """Poll the feed that the catalogue lists at `url` as soon as possible; return when.

    Not before `floor` has passed since the last poll. A feed that is gone or disabled is polled
    again; one that was merged stays so. None: there is no such feed.
    """
    rows = await tx.execute_fetchall(
        """
        UPDATE feeds
           SET due_at = min(due_at, max(:now, coalesce(min(checked_at, :now) + :floor, 0))),
               stopped = nullif(stopped, 'gone'), disabled_at = NULL, kills = 0
         WHERE url = :url AND listed = 1
        RETURNING due_at
        """,
        {"url": url, "now": to_seconds(now), "floor": int(floor.total_seconds())},
    )
    return next((from_seconds(row[0]) for row in rows), None)


async def listed_url(db: aiosqlite.Connection, feed_id: FeedId) -> str | None:
    """Return the URL of the public feed in the catalogue; None: it lists no such feed."""
    rows = await db.execute_fetchall(
        "SELECT url FROM feeds WHERE id = ? AND listed = 1 AND private = 0", (feed_id,)
    )
    return next((row[0] for row in rows), None)


async def disable(tx: aiosqlite.Connection, feed_id: FeedId, *, now: datetime) -> bool:
    """Stop polling the public feed until `poll_soon`; return whether there is such a feed."""
    cursor = await tx.execute(
        """
        UPDATE feeds SET disabled_at = coalesce(disabled_at, ?)
         WHERE id = ? AND listed = 1 AND private = 0
        """,
        (to_seconds(now), feed_id),
    )
    return cursor.rowcount > 0
