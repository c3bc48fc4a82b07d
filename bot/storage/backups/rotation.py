"""Rotation of backups, grandfather-father-son: when the next one is due, and which are kept.

A schedule is written `daily:3` or `daily:7,weekly:4`: of each of the last 7 days and 4 weeks that
have any, the newest copy is kept. The name of a copy holds its time.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
}
OFF = "off"
_PART = re.compile(r"(hourly|daily|weekly):([1-9]\d{0,2}|1000)")
_STAMP = "%Y%m%dT%H%M%SZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BackupSchedule:
    """Number of copies that are kept, by period; there is at least one."""

    counts: Mapping[timedelta, int]

    @property
    def interval(self) -> timedelta:
        """Return the time between two backups."""
        return min(self.counts)

    @property
    def lifetime(self) -> timedelta:
        """Return how long a copy is kept at the most, while backups succeed."""
        return max(period * (count + 1) for period, count in self.counts.items())


def parse_schedule(text: str) -> BackupSchedule | None:
    """Return the schedule; None if it is "off".

    Raises:
        ValueError: if it is no schedule; the message shows what one looks like.
    """
    if text.strip().lower() == OFF:
        return None
    counts: dict[timedelta, int] = {}
    for part in text.lower().replace(",", " ").split():
        match = _PART.fullmatch(part)
        if match is None or PERIODS[match[1]] in counts:
            counts = {}
            break
        counts[PERIODS[match[1]]] = int(match[2])
    if not counts:
        raise ValueError("should look like daily:3, or hourly:24,daily:7,weekly:4, or off")
    return BackupSchedule(counts)


def is_due(schedule: BackupSchedule, taken: Collection[datetime], *, now: datetime) -> bool:
    """Return whether the newest copy is older than the interval; one from the future is ignored."""
    newest_at = max((taken_at for taken_at in taken if taken_at <= now), default=None)
    return newest_at is None or now - newest_at >= schedule.interval


def kept(
    schedule: BackupSchedule, taken: Collection[datetime], *, now: datetime
) -> frozenset[datetime]:
    """Return the times of the copies to keep, the newest of each of the last periods.

    The newest copy is always among them. Copies from the future, of a clock that was wrong, are
    kept until as many others are there.
    """
    past = sorted((taken_at for taken_at in taken if taken_at <= now), reverse=True)
    chosen: set[datetime] = set()
    for period, count in schedule.counts.items():
        newest: dict[int, datetime] = {}
        for taken_at in past:
            newest.setdefault((taken_at - _EPOCH) // period, taken_at)
        chosen.update(sorted(newest.values(), reverse=True)[:count])
    if len(chosen) < max(schedule.counts.values()):
        chosen.update(taken_at for taken_at in taken if taken_at > now)
    return frozenset(chosen)


@dataclass(frozen=True, slots=True)
class BackupFolder:
    """The folder `backups` beside a database; files of other names are left alone."""

    database: Path

    @property
    def path(self) -> Path:
        """Return the folder, which need not exist."""
        return self.database.parent / "backups"

    def file(self, taken_at: datetime) -> Path:
        """Return the path of the copy that is made at this time."""
        return self.path / f"{self.database.stem}-{taken_at.strftime(_STAMP)}.db"

    def copies(self) -> dict[datetime, Path]:
        """Return the copies by their times; each was verified before it got its name."""
        name = re.compile(rf"{re.escape(self.database.stem)}-(\d{{8}}T\d{{6}}Z)\.db")
        copies = {}
        for path in self.path.glob("*.db"):
            if match := name.fullmatch(path.name):
                copies[datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)] = path
        return copies

    def newest_at(self, *, now: datetime) -> datetime | None:
        """Return when the newest copy was made; None if there is none."""
        return max((taken_at for taken_at in self.copies() if taken_at <= now), default=None)

    def unfinished(self) -> list[Path]:
        """Return what a killed process left of copies."""
        return list(self.path.glob(f"{self.database.stem}-*.db.part*"))
