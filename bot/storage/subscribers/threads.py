"""The table `threads`: which thread of a forum each topic goes to; `subscribers` reads it too."""

import json
from collections.abc import Collection

import aiosqlite

from bot.model import ChatId, ThreadBinding, ThreadId, TopicSlug

# Of the subscriber in the row at hand, as `unpack` takes it.
PACKED = """
        (SELECT json_group_array(json_array(topic, thread_id, state))
           FROM threads WHERE threads.chat_id = subscribers.chat_id)
"""


async def bind(
    tx: aiosqlite.Connection, chat_id: ChatId, topics: Collection[TopicSlug], thread_id: ThreadId
) -> None:
    """Send the topics' stories to the thread from now on, wherever they went before."""
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
    """Forget a thread that is no more: what went there goes to General."""
    await tx.execute(
        "DELETE FROM threads WHERE chat_id = ? AND thread_id = ?", (chat_id, thread_id)
    )


async def close(tx: aiosqlite.Connection, chat_id: ChatId, thread_id: ThreadId) -> None:
    """Note that the thread takes no messages for now."""
    await tx.execute(
        """
        UPDATE threads SET state = 'closed'
         WHERE chat_id = ? AND thread_id = ? AND state = 'open'
        """,
        (chat_id, thread_id),
    )


async def mark_told(tx: aiosqlite.Connection, chat_id: ChatId, thread_id: ThreadId) -> None:
    """Note that the chat knows of the closed thread."""
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
    """Try the thread anew, or all of the chat: they may take messages again."""
    await tx.execute(
        "UPDATE threads SET state = 'open' WHERE chat_id = ? AND thread_id = ifnull(?, thread_id)",
        (chat_id, thread_id),
    )


def unpack(packed: str) -> tuple[ThreadBinding, ...]:
    """Return the bindings as `PACKED` selects them."""
    return tuple(
        ThreadBinding(topic=TopicSlug(topic), thread_id=ThreadId(thread_id), state=state)
        for topic, thread_id, state in json.loads(packed)
    )
