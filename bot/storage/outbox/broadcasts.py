"""The table `broadcasts`: letters that an admin wrote to all, or to some; first they are drafts.

Of what an admin wrote there is one, by the number of his message: asked for again, pressed twice
or handled twice after a kill, it is sent once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import aiosqlite

from bot.model import LANGUAGES, ChatId, LetterId
from bot.storage.outbox import notices
from bot.storage.times import to_seconds

# All, those whom the bot speaks a language with, or chats of a kind.
Audience = Literal["all", "uk", "ru", "en", "private", "group", "channel"]

_WRITABLE = "gone_at IS NULL AND paused_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """How far it is: a draft, on its way or through, or stopped."""

    is_sent: bool
    is_stopped: bool


async def draft(
    tx: aiosqlite.Connection, html: str, *, author_id: ChatId, message_id: int, now: datetime
) -> LetterId:
    """Keep what the admin wrote in that message; return the letter.

    One that is a draft still takes the new text; one that was sent stays as it is.
    """
    rows = await tx.execute_fetchall(
        "SELECT letter_id, sent_at FROM broadcasts WHERE author_id = ? AND message_id = ?",
        (author_id, message_id),
    )
    for letter_id, sent_at in rows:
        if sent_at is None:
            await tx.execute("UPDATE letters SET html = ? WHERE id = ?", (html, letter_id))
        return LetterId(letter_id)
    letter_id = await notices.write(tx, html, [], now=now)
    await tx.execute(
        "INSERT INTO broadcasts (letter_id, author_id, message_id) VALUES (?, ?, ?)",
        (letter_id, author_id, message_id),
    )
    return letter_id


async def find(db: aiosqlite.Connection, letter_id: LetterId) -> Broadcast | None:
    """Return how far the broadcast is; None: there is no such one any more."""
    rows = await db.execute_fetchall(
        "SELECT sent_at IS NOT NULL, stopped_at IS NOT NULL FROM broadcasts WHERE letter_id = ?",
        (letter_id,),
    )
    return next(
        (Broadcast(is_sent=bool(sent), is_stopped=bool(stopped)) for sent, stopped in rows), None
    )


async def last(db: aiosqlite.Connection) -> LetterId | None:
    """Return the broadcast that was sent last; None: there is none."""
    rows = await db.execute_fetchall(
        "SELECT letter_id FROM broadcasts WHERE sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT 1"
    )
    return next((LetterId(row[0]) for row in rows), None)


async def reach(db: aiosqlite.Connection) -> dict[Audience, int]:
    """Return how many chats each audience has now: those that are not paused and not gone."""
    rows = await db.execute_fetchall(
        f"SELECT kind, language, count(*) FROM subscribers WHERE {_WRITABLE} GROUP BY 1, 2"
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
    """Owe the draft to all of the audience; return whether it was one, and not sent already.

    Owed from now on, not from the beginning of time, as other notices are: these go ahead.
    """
    cursor = await tx.execute(
        "UPDATE broadcasts SET sent_at = ?, audience = ? WHERE letter_id = ? AND sent_at IS NULL",
        (to_seconds(now), audience, letter_id),
    )
    if not cursor.rowcount:
        return False
    await tx.execute(
        f"""
        INSERT INTO notices (letter_id, chat_id, retry_at)
        SELECT :letter_id, chat_id, :now
          FROM subscribers
         WHERE {_WRITABLE} AND :audience IN ('all', kind, language)
         ORDER BY chat_id
        """,
        {"letter_id": letter_id, "audience": audience, "now": to_seconds(now)},
    )
    return True


async def stop(tx: aiosqlite.Connection, letter_id: LetterId, *, now: datetime) -> None:
    """Owe it no more to those who have not had it; what is being sent just now may still come."""
    await tx.execute(
        """
        UPDATE broadcasts SET stopped_at = coalesce(stopped_at, ?)
         WHERE letter_id = ? AND sent_at IS NOT NULL
        """,
        (to_seconds(now), letter_id),
    )
    await notices.withdraw_stopped(tx)
