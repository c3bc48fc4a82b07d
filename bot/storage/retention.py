"""Retention: deletion of old stories, articles and polls, in chunks.

The rows of `aliases` outlive their articles: an item that comes again is not new. The newest story
and the newest article stay, however old they are: SQLite would assign their ids again.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from bot.model import ArticleId, StoryId
from bot.storage.database import Condition
from bot.storage.times import to_seconds

# What is deleted with its story or article; any other table that refers to one protects it.
_DELETED_WITH_IT = (
    "articles", "stories", "aliases", "deliveries", "own_links", "pages", "story_topics",
    "tellings",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """The age limit: what was stored before this instant expires, unless it is protected.

    `protected` are pairs of a table, stories or articles, and a query for what needs its row.
    """

    before: datetime
    protected: tuple[tuple[str, str], ...]

    def expired_stories(self) -> Condition:
        """Return the condition, without the age, for a row of `stories`.

        No delivery of it is open, and all of its articles are old and processed.
        """
        return Condition(
            sql=f"""
    stories.id < (SELECT max(id) FROM stories)
    AND NOT EXISTS (SELECT 1 FROM articles
                     WHERE story_id = stories.id
                       AND (stored_at >= :before OR edited_at IS NULL
                            OR articles.id = (SELECT max(id) FROM articles)))
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_story
                     WHERE story_id = stories.id AND state = 'pending')
    AND stories.id NOT IN (SELECT story_id FROM deliveries INDEXED BY deliveries_sending
                            WHERE state = 'sending')
    AND NOT EXISTS (SELECT 1 FROM stories AS kept WHERE kept.id = stories.same_as)
    {self._unless_protected("stories")}
            """,
            params={"before": to_seconds(self.before)},
        )

    def orphaned_articles(self) -> Condition:
        """Return the condition for a row of `articles`: processed, old, and of no story.

        What was stored before the first story opened since then is older than it.
        """
        return Condition(
            sql=f"""
    articles.story_id IS NULL AND edited_at IS NOT NULL AND stored_at < :before
    AND articles.id < coalesce((SELECT lead_id FROM stories WHERE opened_at >= :before
                                 ORDER BY opened_at, id LIMIT 1),
                               (SELECT max(id) FROM articles))
    AND NOT EXISTS (SELECT 1 FROM stories WHERE lead_id = articles.id)
    {self._unless_protected("articles")}
            """,
            params={"before": to_seconds(self.before)},
        )

    def _unless_protected(self, table: str) -> str:
        return "".join(
            f" AND NOT EXISTS ({query})" for name, query in self.protected if name == table
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChunk:
    """The expired stories of those that were read; where to continue, None: all were read."""

    ids: tuple[StoryId, ...]
    next: tuple[int, int] | None


async def find_cutoff(db: aiosqlite.Connection, *, before: datetime) -> Cutoff:
    """Return the cutoff, with what the other tables of the schema protect."""
    rows = await db.execute_fetchall(
        """
        SELECT name, "from", "table"
          FROM sqlite_schema JOIN pragma_foreign_key_list(name)
         WHERE type = 'table' AND "table" IN ('stories', 'articles')
           AND name NOT IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(_DELETED_WITH_IT),),
    )
    protected: list[tuple[str, str]] = []
    for name, column, table in rows:
        of_row = f'SELECT 1 FROM "{name}" AS needs WHERE needs."{column}" = {table}.id'
        protected.append((table, of_row))
        if table == "articles":  # an article protects its story too
            of_story = f"""
                SELECT 1 FROM "{name}" AS needs
                  JOIN articles AS needed ON needed.id = needs."{column}"
                 WHERE needed.story_id = stories.id
            """
            protected.append(("stories", of_story))
    return Cutoff(before=before, protected=tuple(protected))


async def count_expired(db: aiosqlite.Connection, cutoff: Cutoff) -> tuple[int, int]:
    """Count the stories and articles that have expired."""
    expired, orphaned = cutoff.expired_stories(), cutoff.orphaned_articles()
    ((stories, of_stories, orphans),) = await db.execute_fetchall(
        f"""
        WITH expired AS MATERIALIZED (
             SELECT id FROM stories
              WHERE opened_at < :before AND {expired.sql})
        SELECT (SELECT count(*) FROM expired),
               (SELECT count(*) FROM articles WHERE story_id IN (SELECT id FROM expired)),
               (SELECT count(*) FROM articles WHERE {orphaned.sql})
        """,
        {**expired.params, **orphaned.params, "before": to_seconds(cutoff.before)},
    )
    return stories, of_stories + orphans


async def detach_stories(
    tx: aiosqlite.Connection, cutoff: Cutoff, *, after: tuple[int, int], limit: int
) -> StoryChunk:
    """Detach the next expired stories from articles and search, so that nothing joins them.

    Their articles are orphans then. Return the stories; if the process is interrupted before they
    are deleted, the next run detaches them again.
    """
    expired = cutoff.expired_stories()
    rows = list(
        await tx.execute_fetchall(
            f"""
            SELECT id, opened_at, {expired.sql}
              FROM stories
             WHERE opened_at < :before AND (opened_at, id) > (:opened_at, :id)
             ORDER BY opened_at, id
             LIMIT :limit
            """,
            {
                **expired.params,
                "before": to_seconds(cutoff.before),
                "opened_at": after[0],
                "id": after[1],
                "limit": limit,
            },
        )
    )
    ids = tuple(StoryId(row[0]) for row in rows if row[2])
    for statement in (
        "UPDATE articles SET story_id = NULL WHERE story_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM story_topics WHERE story_id IN (SELECT value FROM json_each(?))",
        "DELETE FROM story_terms WHERE rowid IN (SELECT value FROM json_each(?))",
    ):
        await tx.execute(statement, (json.dumps(ids),))
    return StoryChunk(ids=ids, next=(rows[-1][1], rows[-1][0]) if len(rows) == limit else None)


async def delete_deliveries(
    tx: aiosqlite.Connection, ids: Collection[StoryId], *, limit: int
) -> int:
    """Delete at most `limit` deliveries of detached stories; return how many were deleted."""
    cursor = await tx.execute(
        """
        DELETE FROM deliveries
         WHERE id IN (SELECT id FROM deliveries
                       WHERE story_id IN (SELECT value FROM json_each(?)) LIMIT ?)
        """,
        (json.dumps(list(ids)), limit),
    )
    return cursor.rowcount


async def delete_stories(tx: aiosqlite.Connection, ids: Collection[StoryId]) -> int:
    """Delete stories without deliveries, with their leads; return how many were deleted."""
    cursor = await tx.execute(
        """
        DELETE FROM articles
         WHERE id IN (SELECT lead_id FROM stories
                       WHERE id IN (SELECT value FROM json_each(?)))
        """,
        (json.dumps(list(ids)),),
    )
    return cursor.rowcount


async def delete_orphans(
    tx: aiosqlite.Connection, cutoff: Cutoff, *, after: ArticleId, limit: int
) -> tuple[ArticleId, ...]:
    """Delete the next expired articles of no story; return them, none if there are no more."""
    orphaned = cutoff.orphaned_articles()
    rows = await tx.execute_fetchall(
        f"""
        SELECT id FROM articles
         WHERE id > :after AND {orphaned.sql}
         ORDER BY id
         LIMIT :limit
        """,
        {**orphaned.params, "after": after, "limit": limit},
    )
    ids = tuple(ArticleId(row[0]) for row in rows)
    await tx.execute(
        "DELETE FROM articles WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
    )
    return ids


async def stale_keys(
    db: aiosqlite.Connection, *, after: tuple[str, int], limit: int
) -> tuple[tuple[tuple[str, int], ...], tuple[str, int] | None]:
    """Return the keys of the next `limit` whose signatures are gone, and where to continue.

    None: all were read. No foreign key deletes them: the table is stored in order of its keys.
    """
    rows = list(
        await db.execute_fetchall(
            """
            SELECT key, article_id,
                   EXISTS (SELECT 1 FROM tellings
                            WHERE tellings.article_id = telling_keys.article_id)
              FROM telling_keys
             WHERE (key, article_id) > (?, ?)
             ORDER BY key, article_id
             LIMIT ?
            """,
            (*after, limit),
        )
    )
    stale = tuple((row[0], row[1]) for row in rows if not row[2])
    return stale, (rows[-1][0], rows[-1][1]) if len(rows) == limit else None


async def delete_keys(tx: aiosqlite.Connection, stale: Iterable[tuple[str, int]]) -> None:
    """Delete these keys of signatures."""
    await tx.executemany("DELETE FROM telling_keys WHERE key = ? AND article_id = ?", stale)


async def delete_polls(tx: aiosqlite.Connection, cutoff: Cutoff) -> None:
    """Delete old polls, except the newest one."""
    await tx.execute(
        """
        DELETE FROM polls
         WHERE id < coalesce((SELECT id FROM polls WHERE ended_at >= :before ORDER BY id LIMIT 1),
                             (SELECT max(id) FROM polls))
        """,
        {"before": to_seconds(cutoff.before)},
    )
