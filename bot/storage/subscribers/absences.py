"""Absences of a chat: `paused_at`, `gone_at`, `away_since` and `back_at` of table `subscribers`.

A chat is away while it is paused or cannot be written to.
"""

from datetime import datetime

import aiosqlite

from bot.model import ChatId
from bot.storage.subscribers.gone_chats import CHECK_DELAYS
from bot.storage.times import to_seconds

# People alone are owed what they missed; of two absences in a row the first one counts. What comes
# from now on is news again, even before what was missed is owed.
_END_OF_PAUSE = """
    away_since = iif(kind = 'private', min(paused_at, ifnull(nullif(away_since, 0), paused_at)), 0),
    back_at = iif(kind = 'private', :now, 0),
    paused_at = NULL, resume_at = NULL"""


async def pause(
    tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime, until: datetime | None = None
) -> None:
    """Fan nothing out to the chat until then, or until it resumes; what is pending waits."""
    await tx.execute(
        "UPDATE subscribers SET paused_at = ?, resume_at = ? WHERE chat_id = ?",
        (to_seconds(now), to_seconds(until) if until else None, chat_id),
    )


async def resume(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """End a pause, if there is one; what came since it began is owed by `returns.owe_missed`."""
    await tx.execute(
        f"""
        UPDATE subscribers SET {_END_OF_PAUSE}
         WHERE chat_id = :chat_id AND paused_at IS NOT NULL
        """,
        {"chat_id": chat_id, "now": to_seconds(now)},
    )


async def end_pauses(tx: aiosqlite.Connection, *, now: datetime) -> int:
    """End the pauses whose time is over; return how many."""
    ended = await tx.execute(
        f"""
        UPDATE subscribers SET {_END_OF_PAUSE}
         WHERE resume_at <= :now AND paused_at IS NOT NULL
        """,
        {"now": to_seconds(now)},
    )
    return ended.rowcount


async def mark_gone(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """Record that the chat cannot be written to; its settings stay in case it returns."""
    await tx.execute(
        "UPDATE subscribers SET gone_at = ?, due_at = NULL, ready_at = ? WHERE chat_id = ?",
        (to_seconds(now), to_seconds(now + CHECK_DELAYS[0]), chat_id),
    )


async def mark_back(tx: aiosqlite.Connection, chat_id: ChatId, *, now: datetime) -> None:
    """Record that the chat can be written to again, at once; see `resume` for what it missed."""
    await tx.execute(
        """
        UPDATE subscribers
           SET gone_at = NULL, ready_at = 0, back_at = iif(kind = 'private', :now, 0),
               away_since = iif(kind = 'private',
                                min(gone_at, ifnull(nullif(away_since, 0), gone_at)), 0)
         WHERE chat_id = :chat_id AND gone_at IS NOT NULL
        """,
        {"chat_id": chat_id, "now": to_seconds(now)},
    )
