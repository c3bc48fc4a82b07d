"""Tables `channel_sources` and `channel_lines`: channels whose posts are articles.

A channel is a feed that is never polled: its posts arrive as updates. Its articles are those of
any other feed.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta

import aiosqlite

from bot.model import ChannelSource, ChatId, FeedId, Language, ManagedChannel
from bot.storage.times import from_seconds, to_seconds
from bot.web.channel_posts import channel_address
from bot.web.sources import source_of

# A line that has not stood below a post for so long is forgotten.
LINE_TTL = timedelta(days=30)
# The row that counts the posts of a channel; no key of a line is 0.
_POSTS = 0
_DOMAIN = "t.me"

_SELECT = """
        SELECT feed_id, channel_id, owner_id, username, feeds.private, asked_at, added_at,
               listed = 1 AND stopped IS NULL AND disabled_at IS NULL
          FROM channel_sources JOIN feeds ON feeds.id = feed_id
"""


async def find(db: aiosqlite.Connection, channel_id: ChatId) -> ChannelSource | None:
    """Return the channel as a source, also one that has ended; None: it never was one."""
    rows = await db.execute_fetchall(f"{_SELECT} WHERE channel_id = ?", (channel_id,))
    return next(map(_read, rows), None)


async def of_feed(db: aiosqlite.Connection, feed_id: FeedId) -> ChannelSource | None:
    """Return the channel whose posts are the articles of the feed; None: the feed is none."""
    rows = await db.execute_fetchall(f"{_SELECT} WHERE feed_id = ?", (feed_id,))
    return next(map(_read, rows), None)


async def find_named(db: aiosqlite.Connection, username: str) -> ChannelSource | None:
    """Return the active source of that username; None: there is none."""
    rows = await db.execute_fetchall(
        f"""
        {_SELECT}
         WHERE username = ? COLLATE NOCASE AND username <> '' AND listed = 1 AND stopped IS NULL
        """,
        (username,),
    )
    return next(map(_read, rows), None)


async def newest_post(db: aiosqlite.Connection, url: str) -> int:
    """Return the number of the newest post stored of the channel's preview; 0: there is none."""
    rows = await db.execute_fetchall(
        """
        SELECT max(CAST(guid AS INTEGER)) FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE ? IN (feeds.url, feeds.moved_to)
        """,
        (url,),
    )
    return next(int(row[0] or 0) for row in rows)


async def bring(
    tx: aiosqlite.Connection,
    channel: ManagedChannel,
    *,
    owner_id: ChatId,
    username: str | None,
    language: Language,
    now: datetime,
) -> FeedId:
    """Make the channel a source, private to the owner and to whoever adds it, or begin it again.

    `language` is that of posts whose language is not detected.
    """
    channel_id, at = channel.channel_id, to_seconds(now)
    known = await find(tx, channel_id)
    if known is None:
        url = channel_address(channel_id, username)
        # A channel may have the name that another one had.
        taken = await tx.execute_fetchall("SELECT 1 FROM feeds WHERE url = ?", (url,))
        if taken:
            url = channel_address(channel_id, None)
        cursor = await tx.execute(
            """
            INSERT INTO feeds (url, source, language, domain, due_at, read_at, private)
            VALUES (:url, :source, :language, :domain, :at, :at, 1)
            RETURNING id
            """,
            {
                "url": url,
                "source": source_of(url),
                "language": language,
                "domain": _DOMAIN,
                "at": at,
            },
        )
        ((feed_id,),) = await cursor.fetchall()
    else:
        feed_id = known.feed_id
    await tx.execute(
        """
        INSERT INTO channel_sources (feed_id, channel_id, owner_id, username, added_at)
        VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (channel_id) DO UPDATE
           SET owner_id = excluded.owner_id, username = excluded.username,
               added_at = excluded.added_at, asked_at = NULL
        """,
        (feed_id, channel_id, owner_id, username or "", at),
    )
    await tx.execute(
        "UPDATE feeds SET listed = 1, stopped = NULL, private = 1 WHERE id = ?", (feed_id,)
    )
    await add_reader(tx, FeedId(feed_id), owner_id, title=channel.name, now=now)
    return FeedId(feed_id)


async def add_reader(
    tx: aiosqlite.Connection, feed_id: FeedId, chat_id: ChatId, *, title: str, now: datetime
) -> None:
    """Add the channel to the chat's own feeds, under that title."""
    await tx.execute(
        "INSERT OR IGNORE INTO own_feeds (chat_id, feed_id, added_at, title) VALUES (?, ?, ?, ?)",
        (chat_id, feed_id, to_seconds(now), title),
    )


async def ask_public(tx: aiosqlite.Connection, feed_id: FeedId, *, now: datetime) -> None:
    """Record that the owner wants the source to be public."""
    await tx.execute(
        "UPDATE channel_sources SET asked_at = ? WHERE feed_id = ?", (to_seconds(now), feed_id)
    )


async def answer_public(tx: aiosqlite.Connection, feed_id: FeedId, *, agreed: bool) -> bool:
    """Make the source that was asked for public, or leave it private; False: it was not asked."""
    cursor = await tx.execute(
        "UPDATE channel_sources SET asked_at = NULL WHERE feed_id = ? AND asked_at IS NOT NULL",
        (feed_id,),
    )
    if cursor.rowcount and agreed:
        await tx.execute("UPDATE feeds SET private = 0 WHERE id = ?", (feed_id,))
    return bool(cursor.rowcount)


async def end(tx: aiosqlite.Connection, channel_id: ChatId) -> None:
    """End the source: its posts are no articles any more, and those who added it are told."""
    await tx.execute(
        """
        UPDATE feeds SET stopped = 'gone'
         WHERE id IN (SELECT feed_id FROM channel_sources WHERE channel_id = ?)
        """,
        (channel_id,),
    )


async def withdraw(tx: aiosqlite.Connection, channel_id: ChatId) -> None:
    """End the source because its owner says so; nobody has it any more."""
    parameters = (channel_id,)
    await tx.execute(
        """
        DELETE FROM own_feeds
         WHERE feed_id IN (SELECT feed_id FROM channel_sources WHERE channel_id = ?)
        """,
        parameters,
    )
    await tx.execute(
        """
        UPDATE feeds SET listed = 0, private = 1
         WHERE id IN (SELECT feed_id FROM channel_sources WHERE channel_id = ?)
        """,
        parameters,
    )


async def forget(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """End the source that the chat is, and leave it out as the owner of others."""
    await withdraw(tx, chat_id)
    await tx.execute("UPDATE channel_sources SET owner_id = 0 WHERE owner_id = ?", (chat_id,))


async def is_written_to(db: aiosqlite.Connection, channel_id: ChatId) -> bool:
    """Return whether the bot posts news in the channel: its posts would come back to it."""
    rows = await db.execute_fetchall(
        """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM subscriptions WHERE chat_id = :chat_id)
                    OR EXISTS (SELECT 1 FROM words WHERE chat_id = :chat_id AND muted = 0)
                    OR EXISTS (SELECT 1 FROM own_feeds WHERE chat_id = :chat_id)
                    OR EXISTS (SELECT 1 FROM followed_storylines WHERE chat_id = :chat_id)
                    OR EXISTS (SELECT 1 FROM deliveries
                                WHERE chat_id = :chat_id AND state IN ('pending', 'sending'))
        """,
        {"chat_id": channel_id},
    )
    return bool(list(rows))


async def note_post(
    tx: aiosqlite.Connection, source: ChannelSource, *, username: str | None, now: datetime
) -> None:
    """Record that the channel posts, and the name that it has by now."""
    await tx.execute(
        "UPDATE feeds SET read_at = ?, checked_at = ? WHERE id = ?",
        (to_seconds(now), to_seconds(now), source.feed_id),
    )
    await tx.execute(
        "UPDATE channel_sources SET username = ? WHERE feed_id = ? AND username <> ?",
        (username or "", source.feed_id, username or ""),
    )


async def count_news(db: aiosqlite.Connection, feed_id: FeedId, *, since: datetime) -> int:
    """Count the articles of the channel that were stored as news since then."""
    rows = await db.execute_fetchall(
        "SELECT count(*) FROM articles WHERE feed_id = ? AND stored_at > ? AND backlog = 0",
        (feed_id, to_seconds(since)),
    )
    return next(int(row[0]) for row in rows)


async def repeats(
    db: aiosqlite.Connection, feed_id: FeedId, keys: Collection[int]
) -> tuple[dict[int, int], int]:
    """Return below how many posts of the channel each of the lines stood, and of how many."""
    rows = await db.execute_fetchall(
        """
        SELECT line, posts FROM channel_lines
         WHERE feed_id = ? AND line IN (SELECT value FROM json_each(?))
        """,
        (feed_id, json.dumps([*keys, _POSTS])),
    )
    counts = {int(row[0]): int(row[1]) for row in rows}
    return counts, counts.pop(_POSTS, 0)


async def count_lines(
    tx: aiosqlite.Connection, feed_id: FeedId, keys: Collection[int], *, now: datetime
) -> None:
    """Count the closing lines of a post, and the post; forget lines of long ago."""
    await tx.executemany(
        """
        INSERT INTO channel_lines (feed_id, line, posts, seen_at) VALUES (?, ?, 1, ?)
            ON CONFLICT (feed_id, line) DO UPDATE SET posts = posts + 1, seen_at = excluded.seen_at
        """,
        [(feed_id, key, to_seconds(now)) for key in {*keys, _POSTS}],
    )
    await tx.execute(
        "DELETE FROM channel_lines WHERE feed_id = ? AND seen_at < ?",
        (feed_id, to_seconds(now - LINE_TTL)),
    )


def _read(row: aiosqlite.Row) -> ChannelSource:
    return ChannelSource(
        feed_id=FeedId(row[0]),
        channel_id=ChatId(row[1]),
        owner_id=ChatId(row[2]),
        username=row[3],
        is_public=not row[4],
        is_asked=row[5] is not None,
        added_at=from_seconds(row[6]),
        is_active=bool(row[7]),
    )
