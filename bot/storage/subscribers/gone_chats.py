"""Table `subscribers`: when a chat that cannot be written to is asked again whether it can.

Until then `ready_at` of such a chat is the time of its next check.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import aiosqlite

from bot.model import ChatId, ChatKind
from bot.storage.times import from_seconds, to_seconds

# After the chat was found gone: a block by mistake, rights that an admin gives back.
CHECK_DELAYS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))


class GoneChat(NamedTuple):
    """A chat that is due for a check."""

    chat_id: ChatId
    kind: ChatKind
    gone_at: datetime


async def next_due(db: aiosqlite.Connection, *, now: datetime) -> GoneChat | None:
    """Return the chat whose check has been due for the longest; None: there is none."""
    rows = await db.execute_fetchall(
        """
        SELECT chat_id, kind, gone_at
          FROM subscribers
         WHERE gone_at IS NOT NULL AND ready_at <= ? AND ready_at <= gone_at + ?
         ORDER BY ready_at
         LIMIT 1
        """,
        (to_seconds(now), int(CHECK_DELAYS[-1].total_seconds())),
    )
    return next((GoneChat(ChatId(row[0]), row[1], from_seconds(row[2])) for row in rows), None)


async def postpone(tx: aiosqlite.Connection, chat: GoneChat, *, now: datetime) -> None:
    """Record that the chat is still gone; a check after the longest delay is the last."""
    checks = (chat.gone_at + delay for delay in CHECK_DELAYS)
    later = next((check for check in checks if check > now), now + timedelta(seconds=1))
    await tx.execute(
        "UPDATE subscribers SET ready_at = ? WHERE chat_id = ? AND gone_at IS NOT NULL",
        (to_seconds(later), chat.chat_id),
    )
