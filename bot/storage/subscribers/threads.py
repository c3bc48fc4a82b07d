"""Table `threads`: the forum thread that the stories of a topic are sent to."""

from collections.abc import Collection

import aiosqlite

from bot.model import ChatId, ThreadId, TopicSlug


async def bind(
    tx: aiosqlite.Connection, chat_id: ChatId, topics: Collection[TopicSlug], thread_id: ThreadId
) -> None:
    """Send the topics' stories to the thread from now on, instead of to any other."""
    await tx.executemany(
        "INSERT OR REPLACE INTO threads (chat_id, topic, thread_id) VALUES (?, ?, ?)",
        [(chat_id, topic, thread_id) for topic in topics],
    )


async def unbind(tx: aiosqlite.Connection, chat_id: ChatId, topics: Collection[TopicSlug]) -> None:
    """Send the topics' stories to General from now on."""
    await tx.executemany(
        "DELETE FROM threads WHERE chat_id = ? AND topic = ?",
        [(chat_id, topic) for topic in topics],
    )


async def drop(tx: aiosqlite.Connection, chat_id: ChatId, thread_id: ThreadId) -> None:
    """Delete the bindings of a thread that no longer exists: its stories go to General."""
    await tx.execute(
        "DELETE FROM threads WHERE chat_id = ? AND thread_id = ?", (chat_id, thread_id)
    )


async def close(tx: aiosqlite.Connection, chat_id: ChatId, thread_id: ThreadId) -> None:
    """Mark the thread as closed."""
    await tx.execute(
        """
        UPDATE threads SET state = 'closed'
         WHERE chat_id = ? AND thread_id = ? AND state = 'open'
        """,
        (chat_id, thread_id),
    )


async def mark_notified(tx: aiosqlite.Connection, chat_id: ChatId, thread_id: ThreadId) -> None:
    """Record that the chat was notified of the closed thread."""
    await tx.execute(
        """
        UPDATE threads SET state = 'told'
         WHERE chat_id = ? AND thread_id = ? AND state = 'closed'
        """,
        (chat_id, thread_id),
    )


async def reopen(
    tx: aiosqlite.Connection, chat_id: ChatId, thread_id: ThreadId | None = None
) -> None:
    """Mark the thread as open again; None: all threads of the chat."""
    await tx.execute(
        "UPDATE threads SET state = 'open' WHERE chat_id = ? AND thread_id = ifnull(?, thread_id)",
        (chat_id, thread_id),
    )
