"""When is it each chat's turn? The columns `due_at`, `ready_at` and `held_until` of `subscribers`.

Telegram's wishes stand in `ready_at`, the reader's own in `held_until`; `due_at` is what comes
of both, and null where nothing is owed.
"""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId
from bot.storage.times import to_seconds, to_seconds_after


async def set_next_send(tx: aiosqlite.Connection, chats: Iterable[tuple[ChatId, datetime]]) -> None:
    """Write nothing to each of the chats before its instant, and then only if it is owed more.

    An earlier promise of a later time holds.
    """
    await tx.executemany(
        """
        UPDATE subscribers
           SET ready_at = max(ready_at, :at),
               -- Nothing owed: the inner minimum is null, and so is the whole.
               due_at = max(ready_at, held_until, :at,
                            (SELECT min(retry_at) FROM deliveries
                              WHERE deliveries.chat_id = subscribers.chat_id
                                AND state = 'pending'))
         WHERE chat_id = :chat_id
        """,
        [{"chat_id": chat_id, "at": to_seconds_after(at)} for chat_id, at in chats],
    )


async def hold_until(tx: aiosqlite.Connection, chats: Iterable[tuple[ChatId, datetime]]) -> None:
    """Hold what the chats are owed until their own timetables let it go."""
    await tx.executemany(
        """
        UPDATE subscribers
           SET held_until = :until, due_at = max(ready_at, :until)
         WHERE chat_id = :chat_id
        """,
        [{"chat_id": chat_id, "until": to_seconds_after(until)} for chat_id, until in chats],
    )


async def recheck(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """Look anew at what the chat is owed, for its timetable has changed."""
    await tx.execute(
        """
        UPDATE subscribers
           SET held_until = 0, due_at = iif(due_at IS NULL, NULL, max(ready_at, :now))
         WHERE chat_id = :chat_id
        """,
        {"chat_id": chat_id, "now": to_seconds_after(now)},
    )


async def request_digest(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> bool:
    """Let all that the chat is owed go at once, in a digest; return whether there is any.

    What was put off alone makes no digest.
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
