"""The table `managing`: which channel a person manages from the private chat with us."""

import aiosqlite

from bot.model import ChatId, Managed


async def find(db: aiosqlite.Connection, chat_id: ChatId) -> Managed | None:
    """Return the channel that the private chat speaks of; None: of itself."""
    rows = await db.execute_fetchall(
        "SELECT channel_id, name FROM managing WHERE chat_id = ?", (chat_id,)
    )
    return next((Managed(channel_id=ChatId(row[0]), name=row[1]) for row in rows), None)


async def begin(tx: aiosqlite.Connection, chat_id: ChatId, managed: Managed) -> None:
    """Have the private chat speak of the channel, and of no other."""
    await tx.execute(
        "INSERT OR REPLACE INTO managing (chat_id, channel_id, name) VALUES (?, ?, ?)",
        (chat_id, managed.channel_id, managed.name),
    )


async def forget(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Leave nothing of a chat that is forgotten: it manages no more, nor is it managed."""
    await tx.execute(
        "DELETE FROM managing WHERE chat_id = :chat_id OR channel_id = :chat_id",
        {"chat_id": chat_id},
    )


async def end(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Have the private chat speak of itself again."""
    await tx.execute("DELETE FROM managing WHERE chat_id = ?", (chat_id,))
