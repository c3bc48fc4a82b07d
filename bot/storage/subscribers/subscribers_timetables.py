"""The table `timetables`: when each chat wants its news; `subscribers` reads it with the rest."""

import json

import aiosqlite

from bot.model import ChatId, Quiet, Timetable

# Of the subscriber in the row at hand, as `unpack` takes it: null where nothing was chosen.
PACKED = """
        (SELECT json_array(mode, json(digest_at), zone, quiet_since, quiet_until, silently,
                           urgent_from, per_day)
           FROM timetables WHERE timetables.chat_id = subscribers.chat_id)
"""


async def put(tx: aiosqlite.Connection, chat_id: ChatId, timetable: Timetable) -> None:
    """Store the timetable of a subscriber in place of the one it had."""
    quiet = timetable.quiet
    await tx.execute(
        """
        INSERT OR REPLACE INTO timetables
               (chat_id, mode, digest_at, zone, quiet_since, quiet_until, silently, urgent_from,
                per_day)
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


def unpack(packed: str | None) -> Timetable:
    """Return a timetable as `PACKED` selects it; everything at once where nothing was chosen."""
    if packed is None:
        return Timetable()
    when, digest_at, zone, since, until, silently, urgent_from, per_day = json.loads(packed)
    quiet = Quiet(since=since, until=until, silently=bool(silently), urgent_from=urgent_from)
    return Timetable(
        when=when,
        digest_at=tuple(digest_at),
        zone=zone,
        quiet=None if since is None else quiet,
        per_day=per_day,
    )
