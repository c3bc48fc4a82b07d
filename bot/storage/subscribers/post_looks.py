"""Table `post_looks`: the look of the posts in a channel, and the draft of the next one."""

from dataclasses import astuple

import aiosqlite

from bot.model import ChatId, PostLook
from bot.storage.subscribers.rows import read_look


async def draft(db: aiosqlite.Connection, chat_id: ChatId) -> PostLook:
    """Return the draft of the channel's next look, else its look."""
    rows = await db.execute_fetchall(
        """
        SELECT summary, source, read_also, buttons, picture, own_line, per_hour, bundles
          FROM post_looks WHERE chat_id = ? ORDER BY is_draft DESC LIMIT 1
        """,
        (chat_id,),
    )
    return next((read_look(row) for row in rows), PostLook())


async def save_draft(tx: aiosqlite.Connection, chat_id: ChatId, look: PostLook) -> None:
    """Keep the look as the draft of the channel's next one; its posts stay as they are."""
    await tx.execute(
        """
        INSERT OR REPLACE INTO post_looks
               (summary, source, read_also, buttons, picture, own_line, per_hour, bundles,
                chat_id, is_draft)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """,
        (*astuple(look), chat_id),
    )


async def use_draft(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Give the posts of the channel the look of its draft, if there is one."""
    await tx.execute(
        "UPDATE OR REPLACE post_looks SET is_draft = 0 WHERE chat_id = ? AND is_draft = 1",
        (chat_id,),
    )
