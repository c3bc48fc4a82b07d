"""Table `broadcasts`: letters of admins to an audience; drafts first.

There is one broadcast per message of an admin, so that it is sent once even if the button is
pressed twice or an update is handled twice after a crash.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiosqlite

from bot.model import LANGUAGES, ChatId, LetterId
from bot.storage.outbox import notices
from bot.storage.times import to_seconds

# All active chats, those that use a language, or those of a kind.
Audience = Literal["all", "uk", "ru", "en", "private", "group", "channel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """State of a broadcast; neither sent nor stopped: a draft."""

    is_sent: bool
    is_stopped: bool


async def draft(
    tx: aiosqlite.Connection, html: str, *, author_id: ChatId, message_id: int, now: datetime
) -> LetterId:
    """Store a draft of the admin's message; return its letter.

    An existing draft takes the new text; one that was sent stays as it is.
    """
    rows = await tx.execute_fetchall(
        "SELECT letter_id, sent_at FROM broadcasts WHERE author_id = ? AND message_id = ?",
        (author_id, message_id),
    )
    for letter_id, sent_at in rows:
        if sent_at is None:
            await tx.execute("UPDATE letters SET html = ? WHERE id = ?", (html, letter_id))
        return LetterId(letter_id)
    letter_id = await notices.enqueue(tx, html, [], now=now)
    await tx.execute(
        "INSERT INTO broadcasts (letter_id, author_id, message_id) VALUES (?, ?, ?)",
        (letter_id, author_id, message_id),
    )
    return letter_id


async def find(db: aiosqlite.Connection, letter_id: LetterId) -> Broadcast | None:
    """Return the state of the broadcast; None: it does not exist any more."""
    rows = await db.execute_fetchall(
        "SELECT sent_at IS NOT NULL, stopped_at IS NOT NULL FROM broadcasts WHERE letter_id = ?",
        (letter_id,),
    )
    return next(
        (Broadcast(is_sent=bool(sent), is_stopped=bool(stopped)) for sent, stopped in rows), None
    )


async def latest(db: aiosqlite.Connection) -> LetterId | None:
    """Return the letter of the broadcast that was sent last; None: there is none."""
    rows = await db.execute_fetchall(
        "SELECT letter_id FROM broadcasts WHERE sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT 1"
    )
    return next((LetterId(row[0]) for row in rows), None)


async def audience_sizes(db: aiosqlite.Connection) -> dict[Audience, int]:
    """Count the active chats of each audience: those that are not paused and not gone."""
    rows = await db.execute_fetchall(
        """
        SELECT kind, language, count(*) FROM subscribers
         WHERE gone_at IS NULL AND paused_at IS NULL
         GROUP BY 1, 2
        """
    )
    counts: dict[Audience, int] = dict.fromkeys(
        ("all", *LANGUAGES, "private", "group", "channel"), 0
    )
    for kind, language, count in rows:
        for audience in ("all", kind, language):
            counts[audience] += count
    return counts


async def send(
    tx: aiosqlite.Connection, letter_id: LetterId, audience: Audience, *, now: datetime
) -> bool:
    """Add notices of the draft for all of its audience; return False if it was sent already.

    They are due from now on, and other notices from the epoch: those go first.
    """
    cursor = await tx.execute(
        "UPDATE broadcasts SET sent_at = ?, audience = ? WHERE letter_id = ? AND sent_at IS NULL",
        (to_seconds(now), audience, letter_id),
    )
    if not cursor.rowcount:
        return False
    await tx.execute(
        """
        INSERT INTO notices (letter_id, chat_id, retry_at)
        SELECT :letter_id, chat_id, :now
          FROM subscribers
         WHERE gone_at IS NULL AND paused_at IS NULL AND :audience IN ('all', kind, language)
         ORDER BY chat_id
        """,
        {"letter_id": letter_id, "audience": audience, "now": to_seconds(now)},
    )
    return True


async def stop(tx: aiosqlite.Connection, letter_id: LetterId, *, now: datetime) -> None:
    """Withdraw the pending notices of the broadcast; those being sent may still arrive."""
    await tx.execute(
        """
        UPDATE broadcasts SET stopped_at = coalesce(stopped_at, ?)
         WHERE letter_id = ? AND sent_at IS NOT NULL
        """,
        (to_seconds(now), letter_id),
    )
    await notices.withdraw_stopped(tx)
