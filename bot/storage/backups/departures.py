"""Departures: hashes of the chats that asked to be forgotten, in a file beside the backups.

A backup still holds what was deleted after it was made. Before a bot sends anything, it deletes
from its database every chat that left after it had joined, so that a restored copy forgets too.

The file is only ever appended to: a line a departure, with its time and the hash of the chat's
id. A hash names nobody to a reader, but whoever has the file may test an id: it is private.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiosqlite

from bot.errors import SetupError
from bot.model import ChatId
from bot.storage.backups.rotation import BackupFolder
from bot.storage.feeds import channels
from bot.storage.subscribers import subscribers
from bot.storage.times import to_seconds

_LINE = re.compile(r"(\d+) ([0-9a-f]{32})")
_HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class DepartureList:
    """The list in a folder of backups; there is none before the first departure."""

    folder: Path

    @property
    def path(self) -> Path:
        """Return the path of the file."""
        return self.folder / "departures.txt"

    def add(self, chat_id: ChatId, *, now: datetime) -> None:
        """Append a departure, and sync the file.

        Raises:
            OSError: if it cannot be written.
        """
        self._append([f"{to_seconds(now)} {_hash(chat_id)}"])

    def merge(self, other: "DepartureList") -> None:
        """Append what the other list holds and this one does not.

        Raises:
            OSError: if it cannot be written.
        """
        if new := [line for line in other.lines() if line not in set(self.lines())]:
            self._append(new)

    def lines(self) -> list[str]:
        """Return the lines that are whole, the oldest first.

        Raises:
            SetupError: if the file is there and cannot be read.
        """
        if not self.path.exists():
            return []
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise SetupError(
                f"{self.path}: cannot be read, so that the bot does not know whom to forget:"
                f" {error.strerror}"
            ) from None
        return [line for line in text.splitlines() if _LINE.fullmatch(line)]

    def left_at(self) -> dict[str, int]:
        """Return when each hash was last added, in seconds."""
        pairs = (line.split() for line in self.lines())
        left_at: dict[str, int] = {}
        for seconds, digest in pairs:
            left_at[digest] = max(int(seconds), left_at.get(digest, 0))
        return left_at

    def _append(self, lines: list[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # Unlike os.write, a file writes all or fails: a disk may have room for a part only.
        with os.fdopen(descriptor, "ab") as file:
            # A line break first: a line that a crash has cut off must not spoil this one.
            file.write("".join(f"\n{line}\n" for line in lines).encode("ascii"))
            file.flush()
            os.fsync(descriptor)


def merge_lists(file: Path, database: Path) -> None:
    """Add what is known of departures beside a backup to what is known beside its new database.

    Raises:
        SetupError: if the list cannot be read or written.
    """
    departures = DepartureList(BackupFolder(database).path)
    try:
        departures.merge(DepartureList(file.absolute().parent))
    except OSError as error:
        raise SetupError(f"{departures.path}: cannot be written: {error.strerror}") from None


async def forget_departed(
    tx: aiosqlite.Connection, departures: DepartureList, *, now: datetime
) -> int:
    """Delete all data of the chats that left after they had joined; return how many subscribed.

    Departures later than now, of a clock that was wrong, are ignored.
    """
    left_at = {
        digest: seconds
        for digest, seconds in departures.left_at().items()
        if seconds <= to_seconds(now)
    }
    if not left_at:
        return 0
    rows = await tx.execute_fetchall(
        """
        SELECT chat_id, joined_at, 1 FROM subscribers
         UNION ALL
        SELECT chat_id, min(received_at), 0 FROM updates WHERE chat_id <> 0 GROUP BY chat_id
         UNION ALL
        SELECT chat_id, 0, 0 FROM managing
         UNION ALL
        SELECT channel_id, 0, 0 FROM managing
        """
    )
    present = {row[0] for row in rows if row[2]}
    n_subscribers = 0
    for chat_id, since, subscribed in rows:
        until = left_at.get(_hash(chat_id))
        if until is None or since >= until:
            continue
        n_subscribers += subscribed
        if subscribed or chat_id not in present:
            await subscribers.forget(tx, chat_id)
            await subscribers.forget_managed(tx, chat_id)
            await channels.forget(tx, chat_id)
        # What it wrote before it left is not handled any more: its /start would join again.
        await tx.execute(
            """
            UPDATE updates
               SET chat_id = NULL, person_id = NULL, content = NULL, problem = NULL,
                   handled_at = coalesce(handled_at, :now)
             WHERE chat_id = :chat_id AND received_at <= :until
            """,
            {"chat_id": chat_id, "until": until, "now": to_seconds(now)},
        )
    return n_subscribers


def _hash(chat_id: int) -> str:
    return hashlib.blake2b(str(chat_id).encode("ascii"), digest_size=_HASH_BYTES).hexdigest()
