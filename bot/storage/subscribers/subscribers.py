"""Tables `subscribers`, `subscriptions`, `news_languages`, `timetables` and `managing`.

A subscriber is a chat: a private chat, a group or a channel; with all its settings.
"""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import aiosqlite

from bot.model import (
    ChatId,
    ChatKind,
    Language,
    ManagedChannel,
    Pictures,
    Subscriber,
    Timetable,
    TopicSlug,
)
from bot.storage.outbox import second_mentions
from bot.storage.subscribers import absences
from bot.storage.subscribers.rows import SELECT_SUBSCRIBER, read_subscriber
from bot.storage.times import from_seconds, to_seconds


async def find(db: aiosqlite.Connection, chat_id: ChatId) -> Subscriber | None:
    """Return the subscriber with all its settings; None: the chat is unknown."""
    rows = await db.execute_fetchall(f"{SELECT_SUBSCRIBER} WHERE chat_id = ?", (chat_id,))
    return next((read_subscriber(row) for row in rows), None)


async def languages_of(
    db: aiosqlite.Connection, chats: Collection[ChatId]
) -> dict[ChatId, Language]:
    """Return the languages of those of the chats that are subscribers and can be written to."""
    rows = await db.execute_fetchall(
        """
        SELECT chat_id, language FROM subscribers
         WHERE chat_id IN (SELECT value FROM json_each(?)) AND gone_at IS NULL
        """,
        (json.dumps(sorted(chats)),),
    )
    return {ChatId(row[0]): row[1] for row in rows}


async def due(db: aiosqlite.Connection, *, now: datetime, limit: int) -> tuple[Subscriber, ...]:
    """Return the chats that may be written to now, the longest due first.

    A chat is skipped while it is paused, gone, or being sent to, and until what it missed is owed.
    """
    rows = await db.execute_fetchall(
        f"""
        {SELECT_SUBSCRIBER} INDEXED BY subscribers_due
         WHERE due_at <= ? AND paused_at IS NULL AND gone_at IS NULL AND away_since = 0
           AND NOT EXISTS (SELECT 1 FROM deliveries
                            WHERE deliveries.chat_id = subscribers.chat_id AND state = 'sending')
         ORDER BY due_at
         LIMIT ?
        """,
        (to_seconds(now), limit),
    )
    return tuple(read_subscriber(row) for row in rows)


async def is_any_due(db: aiosqlite.Connection, *, now: datetime) -> bool:
    """Return whether some chat may be due; reads one row of an index."""
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
    """Add a chat with `language` as its language and its only news language.

    A chat that is known already keeps all its settings; if it was gone, it is back.
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
    await absences.mark_back(tx, chat_id, now=now)


async def joined_at(db: aiosqlite.Connection, chat_id: ChatId) -> datetime | None:
    """Return when the chat was first seen; None: it is unknown, or has gone since."""
    rows = await db.execute_fetchall(
        "SELECT joined_at FROM subscribers WHERE chat_id = ? AND gone_at IS NULL", (chat_id,)
    )
    return next((from_seconds(row[0]) for row in rows), None)


async def set_language(tx: aiosqlite.Connection, chat_id: ChatId, language: Language) -> None:
    """Set the language that the bot speaks to the chat; the news languages stay."""
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


async def begin_choice(tx: aiosqlite.Connection, chat_id: ChatId, *, until: datetime) -> None:
    """Owe the chat nothing until then, or until `end_choice`; a choice that goes on stays."""
    await tx.execute(
        "UPDATE subscribers SET choosing_until = ? WHERE chat_id = ? AND choosing_until = 0",
        (to_seconds(until), chat_id),
    )


async def end_choice(tx: aiosqlite.Connection, chat_id: ChatId) -> bool:
    """Owe the chat news from now on; return whether it was choosing its topics."""
    cursor = await tx.execute(
        "UPDATE subscribers SET choosing_until = 0 WHERE chat_id = ? AND choosing_until > 0",
        (chat_id,),
    )
    return bool(cursor.rowcount)


async def overdue_choice(db: aiosqlite.Connection, *, now: datetime) -> Subscriber | None:
    """Return a chat with topics whose choice has taken too long; None: there is none."""
    rows = await db.execute_fetchall(
        f"""
        {SELECT_SUBSCRIBER} INDEXED BY subscribers_choosing
         WHERE choosing_until > 0 AND choosing_until <= ?
           AND paused_at IS NULL AND gone_at IS NULL
           AND EXISTS (SELECT 1 FROM subscriptions
                        WHERE subscriptions.chat_id = subscribers.chat_id)
         LIMIT 1
        """,
        (to_seconds(now),),
    )
    return next((read_subscriber(row) for row in rows), None)


async def set_timetable(tx: aiosqlite.Connection, chat_id: ChatId, timetable: Timetable) -> None:
    """Replace the timetable of the chat."""
    quiet = timetable.quiet
    await tx.execute(
        """
        INSERT OR REPLACE INTO timetables
               (chat_id, mode, digest_at, zone, quiet_since, quiet_until, silently, urgent_from,
                per_day, weekday)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
            timetable.weekday,
        ),
    )
    if timetable.when != "calm":
        await second_mentions.end(tx, chat_id)


async def mark_asked_when(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Record that the chat was asked how its news should come, or has chosen it."""
    await tx.execute(
        "UPDATE subscribers SET asked_when = 1, calm_at = 0 WHERE chat_id = ?", (chat_id,)
    )


async def become_calm_at(tx: aiosqlite.Connection, chat_id: ChatId, *, at: datetime) -> None:
    """Record that the chat was asked how its news should come, and that it is calm from then on."""
    await tx.execute(
        "UPDATE subscribers SET asked_when = 1, calm_at = ? WHERE chat_id = ?",
        (to_seconds(at), chat_id),
    )


async def become_calm(tx: aiosqlite.Connection, *, now: datetime) -> None:
    """Make the news calm of those who were asked and have not answered in time."""
    rows = await tx.execute_fetchall(
        f"""
        {SELECT_SUBSCRIBER}
         WHERE calm_at > 0 AND calm_at <= ?
        """,
        (to_seconds(now),),
    )
    for subscriber in map(read_subscriber, list(rows)):
        calm = replace(subscriber.timetable, when="calm")
        await set_timetable(tx, subscriber.chat_id, calm)
        await mark_asked_when(tx, subscriber.chat_id)


async def is_any_to_become_calm(db: aiosqlite.Connection, *, now: datetime) -> bool:
    """Return whether `become_calm` changes anything."""
    rows = await db.execute_fetchall(
        "SELECT 1 FROM subscribers WHERE calm_at > 0 AND calm_at <= ? LIMIT 1", (to_seconds(now),)
    )
    return bool(list(rows))


async def never_asked_when(
    db: aiosqlite.Connection, *, joined_before: datetime, limit: int
) -> tuple[Subscriber, ...]:
    """Return people who read news and were never asked how it should come, the first ones first."""
    rows = await db.execute_fetchall(
        f"""
        {SELECT_SUBSCRIBER}
         WHERE asked_when = 0 AND kind = 'private' AND joined_at < ? AND choosing_until = 0
           AND paused_at IS NULL AND gone_at IS NULL
           AND EXISTS (SELECT 1 FROM deliveries
                        WHERE deliveries.chat_id = subscribers.chat_id AND state = 'sent')
         ORDER BY joined_at, chat_id
         LIMIT ?
        """,
        (to_seconds(joined_before), limit),
    )
    return tuple(read_subscriber(row) for row in rows)


async def set_pictures(tx: aiosqlite.Connection, chat_id: ChatId, pictures: Pictures) -> None:
    """Set which stories come with a picture."""
    await tx.execute("UPDATE subscribers SET pictures = ? WHERE chat_id = ?", (pictures, chat_id))


async def move(tx: aiosqlite.Connection, old: ChatId, new: ChatId) -> None:
    """Give a group that became a supergroup its new id, with all its settings and deliveries.

    The new chat may have joined already: the settings of the old one replace its own.
    """
    cursor = await tx.execute("SELECT 1 FROM subscribers WHERE chat_id = ?", (old,))
    if await cursor.fetchone():
        # What was sent to the new id is not sent again.
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
    """Delete all data of the chat: settings, subscriptions and deliveries.

    Its private feeds are not polled any more, unless others have them; `leftovers` deletes them.
    """
    await tx.execute("DELETE FROM subscribers WHERE chat_id = ?", (chat_id,))
    await tx.execute(
        """
        UPDATE feeds SET listed = 0
         WHERE private = 1 AND listed = 1 AND id NOT IN (SELECT feed_id FROM own_feeds)
        """
    )


async def count_readers(
    db: aiosqlite.Connection,
) -> dict[tuple[Language, TopicSlug | None], int]:
    """Count the active subscribers by news language and topic; None: by language alone."""
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


async def find_managed(db: aiosqlite.Connection, chat_id: ChatId) -> ManagedChannel | None:
    """Return the channel that the private chat manages; None: it manages itself."""
    rows = await db.execute_fetchall(
        "SELECT channel_id, name FROM managing WHERE chat_id = ?", (chat_id,)
    )
    return next((ManagedChannel(channel_id=ChatId(row[0]), name=row[1]) for row in rows), None)


async def start_managing(
    tx: aiosqlite.Connection, chat_id: ChatId, managed: ManagedChannel
) -> None:
    """Apply what the private chat chooses from now on to the channel."""
    await tx.execute(
        "INSERT OR REPLACE INTO managing (chat_id, channel_id, name) VALUES (?, ?, ?)",
        (chat_id, managed.channel_id, managed.name),
    )


async def stop_managing(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Apply what the private chat chooses from now on to itself."""
    await tx.execute("DELETE FROM managing WHERE chat_id = ?", (chat_id,))


async def forget_managed(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Delete the rows in which the chat manages a channel or is managed."""
    await tx.execute(
        "DELETE FROM managing WHERE chat_id = :chat_id OR channel_id = :chat_id",
        {"chat_id": chat_id},
    )
