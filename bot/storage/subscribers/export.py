"""Export of all rows of a chat, from every table with a column `chat_id`.

The tables are read from the schema, so that a new one is exported without a change here.
"""

import json
from collections.abc import Collection, Iterable, Mapping

import aiosqlite

from bot.model import ChatId
from bot.storage.times import from_seconds

Row = dict[str, object]

# Per table, the newest: fifty stories a day for five years, and more would not fit into a
# document that Telegram accepts.
MAX_ROWS = 100_000
_JSON = frozenset({"digest_at", "content"})


async def tables(db: aiosqlite.Connection) -> tuple[str, ...]:
    """Return the names of all tables with a column `chat_id`."""
    rows = await db.execute_fetchall(
        """
        SELECT name
          FROM sqlite_schema AS tables
         WHERE type = 'table'
           AND EXISTS (SELECT 1 FROM pragma_table_info(tables.name) WHERE name = 'chat_id')
         ORDER BY name
        """
    )
    return tuple(row[0] for row in rows)


async def rows_of_chat(db: aiosqlite.Connection, chat_id: ChatId) -> dict[str, list[Row]]:
    """Return the rows of the chat by table, with values that JSON can hold.

    Times are in ISO 8601; a row with a story also has its headline and address, and a row with a
    feed its source and address.
    """
    by_table = {
        # The name comes from the schema; a name cannot be a parameter.
        name: await _rows(
            db,
            f'SELECT * FROM "{name}" WHERE chat_id = :chat_id ORDER BY 1 DESC LIMIT :max_rows',
            {"chat_id": chat_id, "max_rows": MAX_ROWS},
        )
        for name in await tables(db)
    }
    rows_of_stories = [row for rows in by_table.values() for row in rows if _story_of(row)]
    story_ids = {_story_of(row) for row in rows_of_stories}
    stories, feeds = await _stories(db, story_ids, chat_id), await _feeds(db, chat_id)
    return {
        name: [
            row | stories.get(_story_of(row), {}) | feeds.get(row.get("feed_id"), {})
            for row in rows
        ]
        for name, rows in by_table.items()
    }


def _story_of(row: Row) -> object:
    """Return the story, or the first one of the storyline, that a row is about; None: none."""
    return row.get("story_id", row.get("storyline"))


async def _rows(db: aiosqlite.Connection, sql: str, parameters: Mapping[str, object]) -> list[Row]:
    cursor = await db.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    rows: Iterable[aiosqlite.Row] = await cursor.fetchall()
    return [
        {name: _readable(name, value) for name, value in zip(names, row, strict=True)}
        for row in rows
    ]


def _readable(name: str, value: object) -> object:
    """Return the value as JSON can hold it; one that cannot be read, as it is stored."""
    try:
        match value:
            case int() if name.endswith("_at"):
                return from_seconds(value).isoformat() if value else None
            case str() if name in _JSON:
                return json.loads(value)
            case bytes():
                return value.hex()
            case _:
                return value
    except (ArithmeticError, OSError, RecursionError, ValueError):
        return value


async def _stories(
    db: aiosqlite.Connection, ids: Collection[object], chat_id: ChatId
) -> dict[object, Row]:
    """Return headline and address of each story, by its first article in a language of the chat."""
    rows = await _rows(
        db,
        """
        SELECT stories.id AS story_id, title, url
          FROM json_each(:ids) AS ids
          JOIN stories ON stories.id = ids.value
          JOIN articles
            ON articles.id = coalesce((SELECT min(a.id)
                                         FROM articles AS a JOIN news_languages USING (language)
                                        WHERE a.story_id = stories.id
                                          AND news_languages.chat_id = :chat_id),
                                      lead_id)
        """,
        {"ids": json.dumps(list(ids)), "chat_id": chat_id},
    )
    return {row["story_id"]: row for row in rows}


async def _feeds(db: aiosqlite.Connection, chat_id: ChatId) -> dict[object, Row]:
    """Return source and address of each feed that the chat has added or refused."""
    rows = await _rows(
        db,
        """
        SELECT id AS feed_id, iif(private AND title <> '', title, source) AS source, url
          FROM feeds LEFT JOIN own_feeds ON feed_id = id AND chat_id = :chat_id
         WHERE chat_id IS NOT NULL
            OR id IN (SELECT feed_id FROM refusals WHERE chat_id = :chat_id)
        """,
        {"chat_id": chat_id},
    )
    return {row["feed_id"]: row for row in rows}
