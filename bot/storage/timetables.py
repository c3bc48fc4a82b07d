"""The table `timetables`: when each chat wants its news."""

import json

import aiosqlite

from bot.model import ChatId, Quiet, Timetable

_COLUMNS = "mode, digest_at, zone, quiet_since, quiet_until, silently, urgent_from, per_day"


async def find(db: aiosqlite.Connection, chat_id: ChatId) -> Timetable:
    """Return the chat's timetable: everything at once where it has chosen nothing."""
    rows = await db.execute_fetchall(
        f"SELECT {_COLUMNS} FROM timetables WHERE chat_id = ?", (chat_id,)
    )
    return next((_timetable(row) for row in rows), Timetable())


async def put(tx: aiosqlite.Connection, chat_id: ChatId, timetable: Timetable) -> None:
    """Store the timetable of a subscriber in place of the one it had."""
    quiet = timetable.quiet
    await tx.execute(
        f"""
        INSERT OR REPLACE INTO timetables (chat_id, {_COLUMNS})
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            chat_id,
            timetable.when,
            json.dumps(timetable.digest_at),
            timetable.zone,
            quiet.since if quiet else None,
            quiet.until if quiet else None,
            quiet.silently if quiet else False,
            quiet.urgent_from if quiet else None,
            timetable.per_day,
        ),
    )


def _timetable(row: aiosqlite.Row) -> Timetable:
    when, digest_at, zone, since, until, silently, urgent_from, per_day = row
    return Timetable(
        when=when,
        digest_at=tuple(json.loads(digest_at)),
        zone=zone,
        quiet=None
        if since is None
        else Quiet(since=since, until=until, silently=bool(silently), urgent_from=urgent_from),
        per_day=per_day,
    )
