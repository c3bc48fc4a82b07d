"""Tables `pages` and `feed_pages`: the queue of article pages to fetch, and the backoff per feed.

The article processor waits for a page that has a `due_at`, until its `give_up_at`.
"""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import ArticleId, FeedId, ListedFeed, PageJob
from bot.model.feeds import BusyDomains
from bot.storage.feeds import hosts
from bot.storage.times import from_seconds, to_seconds, to_seconds_after
from bot.text.safe import storable

# The values of `problem` that are set here.
HOST_BLOCKED = "its server asks for silence"
IN_BACKOFF = "the pages of its feed are left in peace"
TIMED_OUT = "did not come in time"


async def set_wanted(tx: aiosqlite.Connection, listed: Iterable[ListedFeed]) -> None:
    """Store for these feeds whether the pages of their articles are wanted."""
    await tx.executemany(
        """
        INSERT INTO feed_pages (feed_id, wanted) SELECT id, ? FROM feeds WHERE url = ?
            ON CONFLICT (feed_id) DO UPDATE SET wanted = excluded.wanted
        """,
        [(feed.pages, feed.url) for feed in listed],
    )


async def enqueue(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    *,
    domain: str,
    now: datetime,
    give_up_at: datetime,
) -> None:
    """Queue the article's page to be fetched and awaited until `give_up_at`.

    Not if its feed's pages are not wanted or in backoff, nor if the host is blocked until then.
    """
    await tx.execute(
        """
        INSERT INTO pages (article_id, domain, due_at, give_up_at)
        SELECT articles.id, :domain, :now, :give_up_at
          FROM articles JOIN feed_pages USING (feed_id) JOIN feeds ON feeds.id = feed_id
         WHERE articles.id = :article_id AND wanted = 1 AND ready_at <= :now
           AND NOT EXISTS (SELECT 1 FROM hosts
                            WHERE domain = :domain
                              AND iif(private, private_ready_at, ready_at) >= :give_up_at)
        """,
        {
            "article_id": article_id,
            "domain": domain,
            "now": to_seconds(now),
            "give_up_at": to_seconds_after(give_up_at),
        },
    )


async def due(
    db: aiosqlite.Connection, *, now: datetime, limit: int, busy: BusyDomains = hosts.NONE_BUSY
) -> tuple[PageJob, ...]:
    """Return pages to fetch now, the longest due first; none of a `busy` or blocked domain."""
    is_free = hosts.is_free("pages.domain", busy, now=now)
    rows = await db.execute_fetchall(
        f"""
        SELECT article_id, feeds.id, articles.url, pages.domain, articles.title, articles.text,
               attempts, give_up_at, feed_pages.failures, private
          FROM pages
          JOIN articles ON articles.id = article_id
          JOIN feeds ON feeds.id = articles.feed_id
          JOIN feed_pages ON feed_pages.feed_id = feeds.id
          LEFT JOIN hosts ON hosts.domain = pages.domain
         WHERE pages.due_at <= :now AND give_up_at > :now
           AND {is_free.sql}
         ORDER BY pages.due_at, article_id
         LIMIT :limit
        """,
        {**is_free.params, "limit": limit},
    )
    return tuple(
        PageJob(
            article_id=ArticleId(row[0]),
            feed_id=FeedId(row[1]),
            url=row[2],
            domain=row[3],
            title=row[4],
            text=row[5],
            attempts=row[6],
            give_up_at=from_seconds(row[7]),
            failures=row[8],
            private=bool(row[9]),
        )
        for row in rows
    )


async def record(
    tx: aiosqlite.Connection, article_id: ArticleId, *, text: str, problem: str | None
) -> None:
    """Store the text of the page, or the problem, and stop waiting for it."""
    await tx.execute(
        """
        UPDATE pages SET due_at = NULL, attempts = attempts + 1, text = ?, problem = ?
         WHERE article_id = ?
        """,
        (storable(text), problem and storable(problem), article_id),
    )


async def retry(
    tx: aiosqlite.Connection, article_id: ArticleId, *, at: datetime, problem: str
) -> None:
    """Fetch the page again at that time, if it is still awaited."""
    await tx.execute(
        """
        UPDATE pages SET due_at = ?, attempts = attempts + 1, problem = ?
         WHERE article_id = ? AND due_at IS NOT NULL
        """,
        (to_seconds_after(at), storable(problem), article_id),
    )


async def give_up(tx: aiosqlite.Connection, article_id: ArticleId) -> None:
    """Stop waiting for the page: the article is processed without it."""
    await tx.execute(
        """
        UPDATE pages SET due_at = NULL, problem = coalesce(problem, ?)
         WHERE article_id = ? AND due_at IS NOT NULL
        """,
        (TIMED_OUT, article_id),
    )


async def give_up_blocked(tx: aiosqlite.Connection, domain: str) -> None:
    """Stop waiting for pages of a domain that is blocked beyond their `give_up_at`."""
    await tx.execute(
        """
        UPDATE pages SET due_at = NULL, problem = ?
         WHERE domain = ? AND due_at IS NOT NULL
           AND give_up_at <= (SELECT iif(private, private_ready_at, ready_at)
                                FROM hosts
                                JOIN articles ON articles.id = article_id
                                JOIN feeds ON feeds.id = feed_id
                               WHERE hosts.domain = pages.domain)
        """,
        (HOST_BLOCKED, domain),
    )


async def mark_success(tx: aiosqlite.Connection, feed_id: FeedId) -> None:
    """Record that a page had more text than the feed, and end the backoff."""
    await tx.execute(
        "UPDATE feed_pages SET failures = 0, problem = NULL, ready_at = 0 WHERE feed_id = ?",
        (feed_id,),
    )


async def mark_failure(
    tx: aiosqlite.Connection,
    feed_id: FeedId,
    *,
    problem: str | None,
    backoff_until: datetime | None,
) -> None:
    """Record that a page gave no text; a backoff fetches no page of the feed until it ends.

    A `problem` of None: the page is fine, but says no more than the feed.
    """
    await tx.execute(
        "UPDATE feed_pages SET failures = failures + 1, problem = ? WHERE feed_id = ?",
        (problem and storable(problem), feed_id),
    )
    if backoff_until is not None:
        await tx.execute(
            "UPDATE feed_pages SET ready_at = ? WHERE feed_id = ?",
            (to_seconds_after(backoff_until), feed_id),
        )
        await tx.execute(
            """
            UPDATE pages SET due_at = NULL, problem = ?
             WHERE due_at IS NOT NULL
               AND article_id IN (SELECT id FROM articles WHERE feed_id = ?)
            """,
            (IN_BACKOFF, feed_id),
        )
