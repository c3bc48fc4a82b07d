"""Table `subscribers`, columns `due_at`, `ready_at` and `held_until`: the send schedule of a chat.

Telegram's rate limits set `ready_at`, the reader's timetable sets `held_until`; `due_at` is the
later of both, and null where no delivery is pending.
"""

import json
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId, StoryId
from bot.storage.times import to_seconds, to_seconds_after


async def make_chat_due(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """Let the chat be written to as soon as its rate limit and its timetable allow."""
    await tx.execute(
        """
        UPDATE subscribers SET due_at = max(ready_at, held_until, :now)
         WHERE (due_at IS NULL OR due_at > max(ready_at, held_until, :now))
           AND chat_id = :chat_id
        """,
        {"chat_id": chat_id, "now": to_seconds(now)},
    )


async def make_story_due(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Let all chats with a pending delivery of the story be written to as soon as they may be."""
    await tx.execute(
        """
        UPDATE subscribers SET due_at = max(ready_at, held_until, :now)
         WHERE (due_at IS NULL OR due_at > max(ready_at, held_until, :now))
           AND chat_id IN (SELECT chat_id FROM deliveries INDEXED BY deliveries_story
                            WHERE story_id = :story_id AND state = 'pending')
        """,
        {"story_id": story_id, "now": to_seconds(now)},
    )


async def set_next_send(tx: aiosqlite.Connection, chats: Iterable[tuple[ChatId, datetime]]) -> None:
    """Send nothing to each chat before its instant, and then only if a delivery is pending.

    A later `ready_at` that is set already stays.
    """
    rows = [(chat_id, to_seconds_after(at)) for chat_id, at in chats]
    await tx.execute(
        """
        UPDATE subscribers
           SET ready_at = max(ready_at, next.at),
               -- Nothing pending: the inner minimum is null, and so is the outer maximum.
               due_at = max(ready_at, held_until, next.at,
                            (SELECT min(retry_at) FROM deliveries
                              WHERE deliveries.chat_id = subscribers.chat_id
                                AND state = 'pending'))
          FROM (SELECT json_extract(value, '$[0]') AS chat_id,
                       max(json_extract(value, '$[1]')) AS at
                  FROM json_each(?) GROUP BY 1) AS next
         WHERE subscribers.chat_id = next.chat_id
        """,
        (json.dumps(rows),),
    )


async def mark_bundled(tx: aiosqlite.Connection, chats: Iterable[ChatId], *, now: datetime) -> None:
    """Record that each chat gets a bundle now: the next one waits for its hour."""
    await tx.executemany(
        "UPDATE subscribers SET bundled_at = ? WHERE chat_id = ?",
        [(to_seconds(now), chat_id) for chat_id in chats],
    )


async def hold_until(tx: aiosqlite.Connection, chats: Iterable[tuple[ChatId, datetime]]) -> None:
    """Hold the pending deliveries of each chat until the instant that its timetable names."""
    await tx.executemany(
        """
        UPDATE subscribers
           SET held_until = :until, due_at = max(ready_at, :until)
         WHERE chat_id = :chat_id
        """,
        [{"chat_id": chat_id, "until": to_seconds_after(until)} for chat_id, until in chats],
    )


async def recheck(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """Release what the timetable holds, for it has changed: the sender applies the new one."""
    await tx.execute(
        """
        UPDATE subscribers
           SET held_until = 0, due_at = iif(due_at IS NULL, NULL, max(ready_at, :now))
         WHERE chat_id = :chat_id
        """,
        {"chat_id": chat_id, "now": to_seconds_after(now)},
    )


async def release_chapters(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Let the chapters that wait for their hour go now; what has failed keeps its wait."""
    await tx.execute(
        """
        UPDATE deliveries SET retry_at = 0
         WHERE chat_id = ? AND state = 'pending' AND attempts = 0
        """,
        (chat_id,),
    )


async def request_digest(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> bool:
    """Make the chat due now for a digest of all that is pending; return whether there is any.

    Deliveries that wait for a retry do not count.
    """
    cursor = await tx.execute(
        """
        UPDATE subscribers
           SET asked_at = :now, held_until = 0, due_at = max(ready_at, :now)
         WHERE chat_id = :chat_id AND paused_at IS NULL
           AND EXISTS (SELECT 1
                         FROM deliveries
                        WHERE deliveries.chat_id = :chat_id AND state = 'pending'
                          AND retry_at <= :now)
        """,
        {"chat_id": chat_id, "now": to_seconds(now)},
    )
    return bool(cursor.rowcount)
