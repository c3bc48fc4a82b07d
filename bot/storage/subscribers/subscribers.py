"""The tables `subscribers`, `subscriptions` and `news_languages`: who reads, and what."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import cast

import aiosqlite

from bot.model import (
    ChatId,
    ChatKind,
    Language,
    ManagedChannel,
    Quiet,
    Subscriber,
    Timetable,
    TopicSlug,
)
from bot.storage.subscribers import threads, visibility, words
from bot.storage.times import from_seconds, to_seconds

# Of the subscriber in the row at hand, as `unpack` takes it: null where nothing was chosen.
PACKED_TIMETABLE = """
        (SELECT json_array(mode, json(digest_at), zone, quiet_since, quiet_until, silently,
                           urgent_from, per_day)
           FROM timetables WHERE timetables.chat_id = subscribers.chat_id)
"""


_COLUMNS = f"""
        SELECT chat_id, kind, language, paused_at IS NOT NULL, fresh_hours,
               (SELECT json_group_array(topic) FROM subscriptions
                 WHERE subscriptions.chat_id = subscribers.chat_id),
               (SELECT json_group_array(language) FROM news_languages
                 WHERE news_languages.chat_id = subscribers.chat_id),
               {PACKED_TIMETABLE},
               {threads.PACKED},
               {words.PACKED},
               {visibility.PACKED},
               nullif(asked_at, 0)
          FROM subscribers
"""


async def set_timetable(tx: aiosqlite.Connection, chat_id: ChatId, timetable: Timetable) -> None:
    """Store the timetable of a subscriber in place of the one it had."""
    quiet = timetable.quiet
    await tx.execute(
        """
        INSERT OR REPLACE INTO timetables
               (chat_id, mode, digest_at, zone, quiet_since, quiet_until, silently, urgent_from,
                per_day)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            chat_id,
            timetable.when,
            json.dumps(timetable.digest_at),
            timetable.zone,
            quiet.since if quiet else None,
            quiet.until if quiet else None,
            quiet.silently if quiet else False,
            quiet.urgent_from if quiet else None,
            timetable.per_day,
        ),
    )


def unpack_timetable(packed: str | None) -> Timetable:
    """Return a timetable as `PACKED` selects it; everything at once where nothing was chosen."""
    if packed is None:
        return Timetable()
    when, digest_at, zone, since, until, silently, urgent_from, per_day = json.loads(packed)
    quiet = Quiet(since=since, until=until, silently=bool(silently), urgent_from=urgent_from)
    return Timetable(
        when=when,
        digest_at=tuple(digest_at),
        zone=zone,
        quiet=None if since is None else quiet,
        per_day=per_day,
    )


async def find(db: aiosqlite.Connection, chat_id: ChatId) -> Subscriber | None:
    """Return the subscriber with all it has chosen; None: we know nothing of this chat."""
    rows = await db.execute_fetchall(f"{_COLUMNS} WHERE chat_id = ?", (chat_id,))
    return next((_subscriber(row) for row in rows), None)


async def languages_of(
    db: aiosqlite.Connection, chats: Collection[ChatId]
) -> dict[ChatId, Language]:
    """Return the language of those of the chats that we know and can write to."""
    rows = await db.execute_fetchall(
        """
        SELECT chat_id, language FROM subscribers
         WHERE chat_id IN (SELECT value FROM json_each(?)) AND gone_at IS NULL
        """,
        (json.dumps(sorted(chats)),),
    )
    return {ChatId(row[0]): row[1] for row in rows}


async def due(db: aiosqlite.Connection, *, now: datetime, limit: int) -> tuple[Subscriber, ...]:
    """Return chats to write to, those that have been due for the longest first.

    A chat is passed over while it is paused, gone, or being sent to.
    """
    rows = await db.execute_fetchall(
        f"""
        {_COLUMNS} INDEXED BY subscribers_due
         WHERE due_at <= ? AND paused_at IS NULL AND gone_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM deliveries
                            WHERE deliveries.chat_id = subscribers.chat_id AND state = 'sending')
         ORDER BY due_at
         LIMIT ?
        """,
        (to_seconds(now), limit),
    )
    return tuple(_subscriber(row) for row in rows)


async def is_any_due(db: aiosqlite.Connection, *, now: datetime) -> bool:
    """Return whether some chat may be due: a glance at the index, for those who wait."""
    rows = await db.execute_fetchall(
        """
        SELECT 1 FROM subscribers INDEXED BY subscribers_due
         WHERE due_at <= ? AND paused_at IS NULL AND gone_at IS NULL
         LIMIT 1
        """,
        (to_seconds(now),),
    )
    return bool(list(rows))


async def join(
    tx: aiosqlite.Connection,
    chat_id: ChatId,
    *,
    kind: ChatKind,
    language: Language,
    now: datetime,
) -> None:
    """Add a chat that speaks, and wants news in, `language`.

    One that we know already keeps all its settings; if it was gone, it is back.
    """
    cursor = await tx.execute(
        """
        INSERT INTO subscribers (chat_id, kind, language, joined_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (chat_id) DO NOTHING
        """,
        (chat_id, kind, language, to_seconds(now)),
    )
    if cursor.rowcount:
        await set_news_language(tx, chat_id, language, wanted=True)
    await mark_back(tx, chat_id)


async def set_language(tx: aiosqlite.Connection, chat_id: ChatId, language: Language) -> None:
    """Speak to the chat in `language`.

    News that came only in the language left behind come in the new one from now on.
    """
    await tx.execute(
        """
        UPDATE news_languages
           SET language = :language
         WHERE chat_id = :chat_id
           AND language = (SELECT language FROM subscribers WHERE chat_id = :chat_id)
           AND 1 = (SELECT count(*) FROM news_languages WHERE chat_id = :chat_id)
        """,
        {"chat_id": chat_id, "language": language},
    )
    await tx.execute("UPDATE subscribers SET language = ? WHERE chat_id = ?", (language, chat_id))


async def set_news_language(
    tx: aiosqlite.Connection, chat_id: ChatId, language: Language, *, wanted: bool
) -> None:
    """Begin or end sending news written in `language`."""
    await tx.execute(
        "INSERT OR IGNORE INTO news_languages (chat_id, language) VALUES (?, ?)"
        if wanted
        else "DELETE FROM news_languages WHERE chat_id = ? AND language = ?",
        (chat_id, language),
    )


async def set_topics(
    tx: aiosqlite.Connection, chat_id: ChatId, topics: Collection[TopicSlug], *, wanted: bool
) -> None:
    """Subscribe the chat to the topics, or end its subscriptions to them."""
    await tx.executemany(
        "INSERT OR IGNORE INTO subscriptions (chat_id, topic) VALUES (?, ?)"
        if wanted
        else "DELETE FROM subscriptions WHERE chat_id = ? AND topic = ?",
        [(chat_id, topic) for topic in topics],
    )


async def pause(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """Owe the chat nothing more until it resumes; what it is owed already waits."""
    await tx.execute(
        "UPDATE subscribers SET paused_at = ? WHERE chat_id = ?", (to_seconds(now), chat_id)
    )


async def resume(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """End a pause."""
    await tx.execute("UPDATE subscribers SET paused_at = NULL WHERE chat_id = ?", (chat_id,))


async def mark_gone(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """Note that the chat cannot be written to; its settings stay for the day it returns."""
    await tx.execute(
        "UPDATE subscribers SET gone_at = ?, due_at = NULL WHERE chat_id = ?",
        (to_seconds(now), chat_id),
    )


async def mark_back(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Note that the chat can be written to again."""
    await tx.execute("UPDATE subscribers SET gone_at = NULL WHERE chat_id = ?", (chat_id,))


async def move(tx: aiosqlite.Connection, old: ChatId, new: ChatId) -> None:
    """Give a group that became a supergroup its new id, with all its settings and deliveries.

    Telegram may have told us of the new chat first: what the old one had wins.
    """
    cursor = await tx.execute("SELECT 1 FROM subscribers WHERE chat_id = ?", (old,))
    if await cursor.fetchone():
        # What was sent at the new id need not be sent again.
        await tx.execute(
            """
            DELETE FROM deliveries
             WHERE chat_id = ? AND state = 'pending'
               AND story_id IN (SELECT story_id FROM deliveries
                                 WHERE chat_id = ? AND state = 'sent')
            """,
            (old, new),
        )
        await forget(tx, new)
        await tx.execute("UPDATE subscribers SET chat_id = ? WHERE chat_id = ?", (new, old))


async def forget(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Delete everything known of the chat: settings, subscriptions and deliveries."""
    await tx.execute("DELETE FROM subscribers WHERE chat_id = ?", (chat_id,))


async def readers(
    db: aiosqlite.Connection,
) -> dict[tuple[Language, TopicSlug | None], int]:
    """Return how many can be written to, by news language and topic; None: by language alone."""
    rows = await db.execute_fetchall(
        """
        SELECT news_languages.language, topic, count(*)
          FROM news_languages JOIN subscriptions USING (chat_id) JOIN subscribers USING (chat_id)
         WHERE paused_at IS NULL AND gone_at IS NULL
         GROUP BY news_languages.language, topic
         UNION ALL
        SELECT news_languages.language, NULL, count(*)
          FROM news_languages JOIN subscribers USING (chat_id)
         WHERE paused_at IS NULL AND gone_at IS NULL
         GROUP BY news_languages.language
        """
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _subscriber(row: aiosqlite.Row) -> Subscriber:
    return Subscriber(
        chat_id=ChatId(row[0]),
        kind=cast(ChatKind, row[1]),
        language=cast(Language, row[2]),
        paused=bool(row[3]),
        fresh_for=timedelta(hours=row[4]),
        topics=frozenset(TopicSlug(topic) for topic in json.loads(row[5])),
        news_languages=frozenset(cast(list[Language], json.loads(row[6]))),
        timetable=unpack_timetable(row[7]),
        thread_bindings=threads.unpack(row[8]),
        words=words.unpack(row[9]),
        visibility=visibility.unpack(row[10]),
        digest_requested_at=None if row[11] is None else from_seconds(row[11]),
    )


async def find_managed(db: aiosqlite.Connection, chat_id: ChatId) -> ManagedChannel | None:
    """Return the channel that the private chat speaks of; None: of itself."""
    rows = await db.execute_fetchall(
        "SELECT channel_id, name FROM managing WHERE chat_id = ?", (chat_id,)
    )
    return next((ManagedChannel(channel_id=ChatId(row[0]), name=row[1]) for row in rows), None)


async def start_managing(
    tx: aiosqlite.Connection, chat_id: ChatId, managed: ManagedChannel
) -> None:
    """Have the private chat speak of the channel, and of no other."""
    await tx.execute(
        "INSERT OR REPLACE INTO managing (chat_id, channel_id, name) VALUES (?, ?, ?)",
        (chat_id, managed.channel_id, managed.name),
    )


async def forget_managed(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Leave nothing of a chat that is forgotten: it manages no more, nor is it managed."""
    await tx.execute(
        "DELETE FROM managing WHERE chat_id = :chat_id OR channel_id = :chat_id",
        {"chat_id": chat_id},
    )


async def stop_managing(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Have the private chat speak of itself again."""
    await tx.execute("DELETE FROM managing WHERE chat_id = ?", (chat_id,))
