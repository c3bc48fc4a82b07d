"""Let old stories and articles go, a little at a time; what feeds brought stays known.

The rows of `aliases` outlive their articles: an item that comes again is no news. The newest story
and the newest article stay, however old they are: SQLite would give their ids again.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from bot.model import ArticleId, StoryId
from bot.storage.times import to_seconds

# What goes with its story or article; any other table that refers to one holds it back.
_GO_WITH_IT = (
    "articles", "stories", "aliases", "deliveries", "own_links", "pages", "story_topics",
    "tellings",
)  # fmt: skip

# Nobody is owed it, and all of its articles are old and read.
_IS_DONE = """
    stories.id < (SELECT max(id) FROM stories)
    AND NOT EXISTS (SELECT 1 FROM articles
                     WHERE story_id = stories.id
                       AND (stored_at >= :before OR edited_at IS NULL
                            OR articles.id = (SELECT max(id) FROM articles)))
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_story
                     WHERE story_id = stories.id AND state = 'pending')
    AND stories.id NOT IN (SELECT story_id FROM deliveries INDEXED BY deliveries_sending
                            WHERE state = 'sending')
"""
# Of no story, read, and old; what was stored before the first story opened since was stored first.
_IS_LEFT_OVER = """
    articles.story_id IS NULL AND edited_at IS NOT NULL AND stored_at < :before
    AND articles.id < coalesce((SELECT lead_id FROM stories WHERE opened_at >= :before
                                 ORDER BY opened_at, id LIMIT 1),
                               (SELECT max(id) FROM articles))
    AND NOT EXISTS (SELECT 1 FROM stories WHERE lead_id = articles.id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """What is older goes: what was stored before this moment, unless it is `held` elsewhere.

    `held` are pairs of a table, of stories or articles, and a query for what needs the row at hand.
    """

    before: datetime
    held: tuple[tuple[str, str], ...]

    def unless_held(self, table: str) -> str:
        """Return the condition, for rows of this table."""
        return "".join(f" AND NOT EXISTS ({needs})" for of, needs in self.held if of == table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The stories that go, of those looked at; where to look on, None: all were looked at."""

    ids: tuple[StoryId, ...]
    next: tuple[int, int] | None


async def cutoff(db: aiosqlite.Connection, *, before: datetime) -> Cutoff:
    """Return what goes, as far as the tables that there are admit."""
    rows = await db.execute_fetchall(
        """
        SELECT name, "from", "table"
          FROM sqlite_schema JOIN pragma_foreign_key_list(name)
         WHERE type = 'table' AND "table" IN ('stories', 'articles')
           AND name NOT IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(_GO_WITH_IT),),
    )
    held: list[tuple[str, str]] = []
    for name, column, table in rows:
        of = f'FROM "{name}" AS needs'
        held.append((table, f'SELECT 1 {of} WHERE needs."{column}" = {table}.id'))
        if table == "articles":  # and with an article all of its story
            told = f'{of} JOIN articles AS told ON told.id = needs."{column}"'
            held.append(("stories", f"SELECT 1 {told} WHERE told.story_id = stories.id"))
    return Cutoff(before=before, held=tuple(held))


async def count(db: aiosqlite.Connection, age: Cutoff) -> tuple[int, int]:
    """Return how many stories and articles would go."""
    ((stories, told, left_over),) = await db.execute_fetchall(
        f"""
        WITH done AS MATERIALIZED (
             SELECT id FROM stories
              WHERE opened_at < :before AND {_IS_DONE}{age.unless_held("stories")})
        SELECT (SELECT count(*) FROM done),
               (SELECT count(*) FROM articles WHERE story_id IN (SELECT id FROM done)),
               (SELECT count(*) FROM articles
                 WHERE {_IS_LEFT_OVER}{age.unless_held("articles")})
        """,
        {"before": to_seconds(age.before)},
    )
    return stories, told + left_over


async def take_stories(
    tx: aiosqlite.Connection, age: Cutoff, *, after: tuple[int, int], limit: int
) -> Chunk:
    """Let the next old stories be found no more, so that nothing joins them, and return them.

    Their articles are left over then. Cut off from here on, the stories are taken again.
    """
    rows = list(
        await tx.execute_fetchall(
            f"""
            SELECT id, opened_at, {_IS_DONE}{age.unless_held("stories")}
              FROM stories
             WHERE opened_at < :before AND (opened_at, id) > (:opened_at, :id)
             ORDER BY opened_at, id
             LIMIT :limit
            """,
            {
                "before": to_seconds(age.before),
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
    return Chunk(ids=ids, next=(rows[-1][1], rows[-1][0]) if len(rows) == limit else None)


async def delete_deliveries(
    tx: aiosqlite.Connection, ids: Collection[StoryId], *, limit: int
) -> int:
    """Delete so many deliveries of stories that go, at most; return how many those were."""
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
    """Delete stories that have no deliveries left, with their leads; return how many those were."""
    cursor = await tx.execute(
        """
        DELETE FROM articles
         WHERE id IN (SELECT lead_id FROM stories
                       WHERE id IN (SELECT value FROM json_each(?)))
        """,
        (json.dumps(list(ids)),),
    )
    return cursor.rowcount


async def delete_left_over(
    tx: aiosqlite.Connection, age: Cutoff, *, after: ArticleId, limit: int
) -> tuple[ArticleId, ...]:
    """Delete the next old articles of no story; return them, none where there are no more."""
    rows = await tx.execute_fetchall(
        f"""
        SELECT id FROM articles
         WHERE id > :after AND {_IS_LEFT_OVER}{age.unless_held("articles")}
         ORDER BY id
         LIMIT :limit
        """,
        {"before": to_seconds(age.before), "after": after, "limit": limit},
    )
    ids = tuple(ArticleId(row[0]) for row in rows)
    await tx.execute(
        "DELETE FROM articles WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
    )
    return ids


async def stale_keys(
    db: aiosqlite.Connection, *, after: tuple[str, int], limit: int
) -> tuple[tuple[tuple[str, int], ...], tuple[str, int] | None]:
    """Return the keys whose tellings are gone, of the next so many, and where to look on.

    None: all were looked at. Nothing cascades to them, for they are stored by their words.
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
    """Delete these keys of tellings."""
    await tx.executemany("DELETE FROM telling_keys WHERE key = ? AND article_id = ?", stale)


async def delete_polls(tx: aiosqlite.Connection, age: Cutoff) -> None:
    """Delete what is noted of old polls: of each feed there are a few only."""
    await tx.execute(
        """
        DELETE FROM polls
         WHERE id < coalesce((SELECT id FROM polls WHERE ended_at >= :before ORDER BY id LIMIT 1),
                             (SELECT max(id) FROM polls))
        """,
        {"before": to_seconds(age.before)},
    )
