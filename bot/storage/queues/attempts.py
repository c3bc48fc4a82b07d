"""Table `attempts`: rows of all queues that are in hand, that have failed, or are dead letters.

An attempt is written before the work; the transaction that marks the row as done deletes it. One
found when the bot starts is of a row that was in hand when the process ended. A dead letter is a
row that failed `MAX_ATTEMPTS` times: its queue skips it until it is retried by a command.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple, get_args

import aiosqlite

from bot.storage.times import from_seconds, to_seconds
from bot.text.safe import storable

Queue = Literal[
    "polls", "pages", "articles", "chats", "deliveries", "notices", "edits", "updates"
]  # fmt: skip
QUEUES: tuple[Queue, ...] = get_args(Queue)

MAX_ATTEMPTS = 3
# A server's words, or a traceback, may be of any length.
MAX_REASON_CHARS = 1000


class QueueRow(NamedTuple):
    """A row of a queue, by the key of its table."""

    queue: Queue
    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A row that is set aside; `reason` is that of the last failure."""

    row: QueueRow
    attempts: int
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statements:
    """The table and key of a queue, and what sets a row aside and puts it back.

    Parameters are `:key`, `:reason` and `:now`.
    """

    table: str
    key: str
    set_aside: tuple[str, ...]
    put_back: tuple[str, ...]


# A chat is held until then, or until its settings change.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)

# When its deliveries change, a chat is due as in `due.set_next_send`.
_SCHEDULE_CHAT = """
    UPDATE subscribers
       SET due_at = max(ready_at, held_until, :now,
                        (SELECT min(retry_at) FROM deliveries
                          WHERE deliveries.chat_id = subscribers.chat_id AND state = 'pending'))
     WHERE chat_id = (SELECT chat_id FROM deliveries WHERE id = :key)
"""

_STATEMENTS: Mapping[Queue, _Statements] = {
    "polls": _Statements(
        table="feeds",
        key="id",
        set_aside=("UPDATE feeds SET disabled_at = :now, problem = :reason WHERE id = :key",),
        put_back=("UPDATE feeds SET disabled_at = NULL, due_at = :now WHERE id = :key",),
    ),
    "pages": _Statements(
        table="pages",
        key="article_id",
        set_aside=("UPDATE pages SET due_at = NULL, problem = :reason WHERE article_id = :key",),
        # The article waits for its page again, and is processed with it.
        put_back=(
            """
            UPDATE pages SET due_at = :now, give_up_at = :now + 120, problem = NULL
             WHERE article_id = :key
            """,
            "UPDATE articles SET edited_at = NULL WHERE id = :key AND problem IS NULL",
        ),
    ),
    "articles": _Statements(
        table="articles",
        key="id",
        set_aside=(
            "UPDATE articles SET edited_at = :now, problem = :reason WHERE id = :key",
            "UPDATE pages SET due_at = NULL WHERE article_id = :key",
        ),
        put_back=("UPDATE articles SET edited_at = NULL, problem = NULL WHERE id = :key",),
    ),
    "chats": _Statements(
        table="subscribers",
        key="chat_id",
        set_aside=(
            f"""
            UPDATE subscribers SET held_until = {to_seconds(NEVER)}, due_at = {to_seconds(NEVER)}
             WHERE chat_id = :key
            """,
        ),
        put_back=(
            """
            UPDATE subscribers
               SET held_until = 0, due_at = iif(due_at IS NULL, NULL, max(ready_at, :now))
             WHERE chat_id = :key
            """,
        ),
    ),
    "deliveries": _Statements(
        table="deliveries",
        key="id",
        set_aside=(
            """
            UPDATE deliveries SET state = 'rejected', reason = :reason, done_at = :now
             WHERE id = :key AND state IN ('pending', 'sending')
            """,
            _SCHEDULE_CHAT,
        ),
        put_back=(
            """
            UPDATE deliveries
               SET state = 'pending', reason = NULL, done_at = NULL, attempts = 0, retry_at = 0
             WHERE id = :key AND state = 'rejected'
            """,
            _SCHEDULE_CHAT,
        ),
    ),
    "notices": _Statements(
        table="notices",
        key="id",
        set_aside=(
            """
            UPDATE notices SET state = 'rejected', reason = :reason, done_at = :now
             WHERE id = :key AND state IN ('pending', 'sending')
            """,
        ),
        put_back=(
            """
            UPDATE notices
               SET state = 'pending', reason = NULL, done_at = NULL, attempts = 0, retry_at = :now
             WHERE id = :key AND state = 'rejected'
            """,
        ),
    ),
    "edits": _Statements(
        table="editable",
        key="delivery_id",
        set_aside=("UPDATE editable SET edit_at = NULL WHERE delivery_id = :key",),
        put_back=("UPDATE editable SET edit_at = :now WHERE delivery_id = :key",),
    ),
    "updates": _Statements(
        table="updates",
        key="update_id",
        set_aside=(
            """
            UPDATE updates SET handled_at = :now, problem = coalesce(problem, :reason)
             WHERE update_id = :key AND handled_at IS NULL
            """,
        ),
        put_back=(
            """
            UPDATE updates SET handled_at = NULL, problem = NULL, attempts = 0, due_at = :now
             WHERE update_id = :key AND content IS NOT NULL
            """,
        ),
    ),
}


async def begin(tx: aiosqlite.Connection, rows: Iterable[QueueRow]) -> None:
    """Count an attempt at each row before it is made."""
    await tx.executemany(
        """
        INSERT INTO attempts (queue, key, count) VALUES (?, ?, 1)
            ON CONFLICT (queue, key) DO UPDATE SET count = count + 1, dead_at = NULL
        """,
        rows,
    )


async def forgive(tx: aiosqlite.Connection, rows: Iterable[QueueRow]) -> None:
    """Take back the last attempt at each row: it was cut off by no fault of the row."""
    known = list(rows)
    await tx.executemany("UPDATE attempts SET count = count - 1 WHERE queue = ? AND key = ?", known)
    await tx.executemany("DELETE FROM attempts WHERE queue = ? AND key = ? AND count < 1", known)


async def finish(tx: aiosqlite.Connection, rows: Iterable[QueueRow]) -> None:
    """Forget the attempts at rows whose processing has ended, well or in a known failure."""
    await tx.executemany("DELETE FROM attempts WHERE queue = ? AND key = ?", rows)


async def record_failure(tx: aiosqlite.Connection, row: QueueRow, *, reason: str) -> int:
    """Store why the last attempt failed; return the number of attempts."""
    counts = await tx.execute_fetchall(
        """
        INSERT INTO attempts (queue, key, count, reason) VALUES (?, ?, 1, ?)
            ON CONFLICT (queue, key) DO UPDATE SET reason = excluded.reason
        RETURNING count
        """,
        (*row, storable(reason)[:MAX_REASON_CHARS]),
    )
    return next(int(count) for (count,) in counts)


async def dead_letter(
    tx: aiosqlite.Connection, row: QueueRow, *, reason: str, now: datetime
) -> None:
    """Set the row aside: its queue skips it until `retry`."""
    reason = storable(reason)[:MAX_REASON_CHARS]
    await tx.execute(
        """
        INSERT INTO attempts (queue, key, count, reason, dead_at) VALUES (?1, ?2, 1, ?3, ?4)
            ON CONFLICT (queue, key) DO UPDATE SET reason = ?3, dead_at = ?4
        """,
        (*row, reason, to_seconds(now)),
    )
    for statement in _STATEMENTS[row.queue].set_aside:
        await tx.execute(statement, {"key": row.key, "reason": reason, "now": to_seconds(now)})


async def retry(tx: aiosqlite.Connection, rows: Iterable[QueueRow], *, now: datetime) -> None:
    """Put dead letters back into their queues, with no attempt counted."""
    for row in rows:
        for statement in _STATEMENTS[row.queue].put_back:
            await tx.execute(statement, {"key": row.key, "now": to_seconds(now)})
        await finish(tx, [row])


async def add_interrupted(tx: aiosqlite.Connection) -> None:
    """Add the deliveries and notices that were in hand: their own state says so on the disk."""
    for queue in ("deliveries", "notices"):
        await tx.execute(
            f"""
            INSERT OR IGNORE INTO attempts (queue, key, count)
            SELECT '{queue}', id, 1 FROM {queue} WHERE state = 'sending'
            """
        )


async def delete_orphans(tx: aiosqlite.Connection) -> None:
    """Delete attempts at rows that exist no more."""
    for queue, statements in _STATEMENTS.items():
        await tx.execute(
            f"""
            DELETE FROM attempts
             WHERE queue = ?
               AND NOT EXISTS (SELECT 1 FROM {statements.table}
                                WHERE {statements.key} = attempts.key)
            """,
            (queue,),
        )


async def counts(db: aiosqlite.Connection) -> dict[QueueRow, int]:
    """Return the number of attempts at each row, of dead letters too."""
    rows = await db.execute_fetchall("SELECT queue, key, count FROM attempts")
    return {QueueRow(queue, key): count for queue, key, count in rows}


async def exhausted(db: aiosqlite.Connection) -> tuple[tuple[QueueRow, str | None], ...]:
    """Return rows with `MAX_ATTEMPTS` attempts that are no dead letters, and why the last failed.

    A reason of None: the process ended in each of them.
    """
    rows = await db.execute_fetchall(
        "SELECT queue, key, reason FROM attempts WHERE count >= ? AND dead_at IS NULL",
        (MAX_ATTEMPTS,),
    )
    return tuple((QueueRow(queue, key), reason) for queue, key, reason in rows)


async def dead_letters(
    db: aiosqlite.Connection, *, queue: Queue | None = None
) -> tuple[DeadLetter, ...]:
    """Return the dead letters of the queue, or of all, the oldest first."""
    rows = await db.execute_fetchall(
        """
        SELECT queue, key, count, coalesce(reason, ''), dead_at
          FROM attempts
         WHERE dead_at IS NOT NULL AND queue = coalesce(?, queue)
         ORDER BY dead_at, queue, key
        """,
        (queue,),
    )
    return tuple(
        DeadLetter(
            row=QueueRow(row[0], row[1]), attempts=row[2], reason=row[3], since=from_seconds(row[4])
        )
        for row in rows
    )


async def count_dead_letters(db: aiosqlite.Connection) -> dict[str, int]:
    """Return the number of dead letters by queue, with zeros."""
    rows = await db.execute_fetchall(
        "SELECT queue, count(*) FROM attempts WHERE dead_at IS NOT NULL GROUP BY queue"
    )
    return dict.fromkeys(QUEUES, 0) | {row[0]: row[1] for row in rows}
