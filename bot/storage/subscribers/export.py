"""All that is stored of a chat, whatever the tables: each with a column `chat_id` is asked.

So a table that comes later is exported as well, and nobody must think of it.
"""

import json
from collections.abc import Collection, Iterable

import aiosqlite

from bot.model import ChatId
from bot.storage.times import from_seconds

Row = dict[str, object]

# Of a table, the newest: a reader of fifty stories a day comes so far in five years, and more
# would not fit into a document of Telegram's.
MOST_ROWS = 100_000
_JSON = frozenset({"digest_at", "content"})


async def tables(db: aiosqlite.Connection) -> tuple[str, ...]:
    """Return the names of all tables that hold something of chats."""
    rows = await db.execute_fetchall(
        """
        SELECT name
          FROM sqlite_schema AS it
         WHERE type = 'table'
           AND EXISTS (SELECT 1 FROM pragma_table_info(it.name) WHERE name = 'chat_id')
         ORDER BY name
        """
    )
    return tuple(row[0] for row in rows)


async def stored(db: aiosqlite.Connection, chat_id: ChatId) -> dict[str, list[Row]]:
    """Return what each table holds of the chat, as people read it and JSON can hold it.

    Times are in ISO 8601; beside its number a story is named by its headline and address, and a
    feed by its source and address.
    """
    found = {name: await _rows(db, name, chat_id) for name in await tables(db)}
    told = {row["story_id"] for rows in found.values() for row in rows if "story_id" in row}
    stories, feeds = await _stories(db, told, chat_id), await _feeds(db, chat_id)
    return {
        name: [
            row | stories.get(row.get("story_id"), {}) | feeds.get(row.get("feed_id"), {})
            for row in rows
        ]
        for name, rows in found.items()
    }


async def _rows(db: aiosqlite.Connection, table: str, chat_id: ChatId) -> list[Row]:
    # The name is the schema's own; a name cannot be a parameter.
    cursor = await db.execute(
        f'SELECT * FROM "{table}" WHERE chat_id = ? ORDER BY 1 DESC LIMIT ?', (chat_id, MOST_ROWS)
    )
    names = [column[0] for column in cursor.description]
    rows: Iterable[aiosqlite.Row] = await cursor.fetchall()
    return [
        {name: _readable(name, value) for name, value in zip(names, row, strict=True)}
        for row in rows
    ]


def _readable(name: str, value: object) -> object:
    match value:
        case int() if name.endswith("_at"):
            return from_seconds(value).isoformat() if value else None
        case str() if name in _JSON:
            return json.loads(value)
        case bytes():
            return value.hex()
        case _:
            return value


async def _stories(
    db: aiosqlite.Connection, ids: Collection[object], chat_id: ChatId
) -> dict[object, Row]:
    """Return the headline and the address of each story, as told in a language of the chat."""
    rows = await db.execute_fetchall(
        """
        SELECT stories.id, title, url
          FROM json_each(:ids) AS asked
          JOIN stories ON stories.id = asked.value
          JOIN articles
            ON articles.id = coalesce((SELECT min(told.id)
                                         FROM articles AS told JOIN news_languages USING (language)
                                        WHERE told.story_id = stories.id
                                          AND news_languages.chat_id = :chat_id),
                                      lead_id)
        """,
        {"ids": json.dumps(list(ids)), "chat_id": chat_id},
    )
    return {row[0]: {"title": row[1], "url": row[2]} for row in rows}


async def _feeds(db: aiosqlite.Connection, chat_id: ChatId) -> dict[object, Row]:
    """Return the source and the address of each feed that the chat has chosen or refused."""
    rows = await db.execute_fetchall(
        """
        SELECT id, source, url FROM feeds
         WHERE id IN (SELECT feed_id FROM own_feeds WHERE chat_id = :chat_id
                       UNION SELECT feed_id FROM refusals WHERE chat_id = :chat_id)
        """,
        {"chat_id": chat_id},
    )
    return {row[0]: {"source": row[1], "url": row[2]} for row in rows}
