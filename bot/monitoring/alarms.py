"""Alarm rules with hysteresis, and the texts of an alarm that is raised or cleared.

An active alarm is cleared only when things are clearly better than what raised it, so that it
does not flap.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from babel.dates import format_timedelta

from bot.i18n import Translator
from bot.model import Alarm, BackupStatus, FeedFlow, SilentJoins


class Thresholds(NamedTuple):
    """Limits of the alarms; of a count and a share, the larger applies."""

    failing_feeds: int
    failing_share: float
    lateness: timedelta
    free_bytes: int
    free_share: float
    silent_joins_growth: float


TO_RAISE = Thresholds(
    failing_feeds=3,
    failing_share=0.30,
    lateness=timedelta(minutes=15),
    free_bytes=200_000_000,
    free_share=0.05,
    silent_joins_growth=3.0,
)
TO_CLEAR = Thresholds(
    failing_feeds=2,
    failing_share=0.20,
    lateness=timedelta(minutes=5),
    free_bytes=300_000_000,
    free_share=0.06,
    silent_joins_growth=2.0,
)
# Fewer articles a day that are owed to nobody may treble by chance.
MIN_SILENT_JOINS = 20
# Ten newspapers bring something within hours even at night; a few may bring nothing for a night
# and a morning.
MANY_FEEDS = 10
MAX_SILENCE, MAX_SILENCE_OF_FEW = timedelta(hours=6), timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmInputs:
    """Measurements behind the alarms; `started_at` is the first check of this process.

    `due_since` is when the chat that has waited longest fell due, None if none is due.
    `database_error` is SQLite's message of a recent failure, None without one. `backup` is None
    where backups are off.
    """

    now: datetime
    started_at: datetime
    flow: FeedFlow
    due_since: datetime | None
    free_bytes: int
    disk_bytes: int
    database_error: str | None
    failed_workers: tuple[str, ...] = ()
    dead_letters: int = 0
    backup: BackupStatus | None = None
    silent_joins: tuple[SilentJoins, ...] = ()

    @property
    def silence(self) -> timedelta:
        """Return how long no article has come, counted from `started_at` at the earliest."""
        return self.now - max(self.started_at, self.flow.article_at or self.started_at)

    @property
    def lateness(self) -> timedelta:
        """Return for how long the chat that has waited longest has been due."""
        return max(self.now - (self.due_since or self.now), timedelta(0))


class AlarmChanges(NamedTuple):
    """The alarms to raise and to clear, and those that the next check may raise."""

    raised: frozenset[Alarm]
    cleared: frozenset[Alarm]
    suspected: frozenset[Alarm]

    def texts(self, inputs: AlarmInputs, say: Translator) -> tuple[list[str], list[str]]:
        """Return the texts of those raised and of those cleared, as HTML."""
        return (
            [raised_text(alarm, inputs, say) for alarm in sorted(self.raised)],
            [cleared_text(alarm, inputs, say) for alarm in sorted(self.cleared)],
        )


def alarm_changes(
    inputs: AlarmInputs, *, before: frozenset[Alarm], suspected: frozenset[Alarm]
) -> AlarmChanges:
    """Return what a check changes: an alarm is raised where the last check suspected it too."""
    active = active_alarms(inputs, before)
    # By the time of a check the database has recovered: one check only finds its error.
    raised = active & (suspected | {"database"}) - before
    return AlarmChanges(raised=raised, cleared=before - active, suspected=active)


def active_alarms(inputs: AlarmInputs, before: frozenset[Alarm]) -> frozenset[Alarm]:
    """Return the alarms that are active now; `before` are those active until now."""

    def thresholds(alarm: Alarm) -> Thresholds:
        return TO_CLEAR if alarm in before else TO_RAISE

    flow, backup = inputs.flow, inputs.backup
    feeds, disk = thresholds("feeds"), thresholds("disk")
    max_silence = MAX_SILENCE if flow.polled >= MANY_FEEDS else MAX_SILENCE_OF_FEW
    if "silence" in before:  # only an article ends it: neither a restart nor a lack of readers
        is_silent = flow.article_at is None or inputs.now - flow.article_at > max_silence
    else:
        is_silent = flow.polled > 0 and inputs.silence > max_silence
    is_active: dict[Alarm, bool] = {
        "silence": is_silent,
        "feeds": flow.failing >= max(feeds.failing_feeds, feeds.failing_share * flow.polled),
        "late": inputs.lateness > thresholds("late").lateness,
        "disk": inputs.free_bytes < max(disk.free_bytes, disk.free_share * inputs.disk_bytes),
        "database": inputs.database_error is not None,
        "workers": bool(inputs.failed_workers),
        "dead letters": inputs.dead_letters > 0,
        "backup": backup is not None and (backup.is_late or backup.missing_bytes > 0),
        "swallowed": any(
            joins.recent
            >= max(MIN_SILENT_JOINS, thresholds("swallowed").silent_joins_growth * joins.usual)
            for joins in inputs.silent_joins
        ),
    }
    return frozenset(alarm for alarm, active in is_active.items() if active)


def raised_text(alarm: Alarm, inputs: AlarmInputs, say: Translator) -> str:
    """Return what is wrong and where to look, as HTML."""
    texts: dict[Alarm, str] = {
        "silence": say(
            "🔴 <b>News has stopped.</b> No feed has brought an article for {time}, though"
            " {count} are asked. /admin shows how they are.",
            time=_duration(inputs.silence, say),
            count=say.number(inputs.flow.polled),
        ),
        "feeds": say(
            "🔴 <b>Many feeds fail:</b> {failing} of {polled}. /admin shows them.",
            failing=say.number(inputs.flow.failing),
            polled=say.number(inputs.flow.polled),
        ),
        "late": say(
            "🔴 <b>News is late:</b> somebody has been waiting for it for {time}. Nothing is"
            " lost; the log says why.",
            time=_duration(inputs.lateness, say),
        ),
        "disk": say(
            "🔴 <b>The disk is nearly full:</b> {free} MB are free. Make room before the bot"
            " must stand still.",
            free=say.number(inputs.free_bytes // 1_000_000),
        ),
        "database": say(
            "🔴 <b>The database could not be written:</b> {problem}. All work waited for it,"
            " nothing is lost.",
            problem=inputs.database_error or "",
        ),
        "workers": say(
            "🔴 <b>A part of the bot failed</b> and was started again: {workers}. The log says"
            " why.",
            workers=", ".join(inputs.failed_workers),
        ),
        "dead letters": say(
            "🔴 <b>Set aside after repeated failures:</b> {count}. All else goes on;"
            " <code>readalso dead-letters</code> lists them and tries them again.",
            count=say.number(inputs.dead_letters),
        ),
        "backup": _backup_text(inputs.backup, say),
        "swallowed": say(
            "🔴 <b>News may be swallowed:</b> {count} articles in a day joined stories and were"
            " sent to nobody, thrice the usual number. /admin shows how old the stories are.",
            count=say.number(sum(joins.recent for joins in inputs.silent_joins)),
        ),
    }
    return texts[alarm]


def cleared_text(alarm: Alarm, inputs: AlarmInputs, say: Translator) -> str:
    """Return the all-clear, as HTML."""
    texts: dict[Alarm, str] = {
        "silence": say("🟢 News comes again."),
        "feeds": say(
            "🟢 Feeds answer again: {failing} of {polled} fail.",
            failing=say.number(inputs.flow.failing),
            polled=say.number(inputs.flow.polled),
        ),
        "late": say("🟢 News is on time again."),
        "disk": say(
            "🟢 There is room on the disk again: {free} MB.",
            free=say.number(inputs.free_bytes // 1_000_000),
        ),
        "database": say("🟢 The database can be written again."),
        "workers": say("🟢 All parts of the bot work again."),
        "dead letters": say("🟢 Nothing is set aside any more."),
        "backup": say("🟢 There is a fresh backup again."),
        "swallowed": say("🟢 As few articles as usual are sent to nobody again."),
    }
    return texts[alarm]


def _backup_text(backup: BackupStatus | None, say: Translator) -> str:
    if backup and backup.missing_bytes:
        return say(
            "🔴 <b>No room for a backup:</b> {missing} MB more must be free. Make room, or keep"
            " fewer copies.",
            missing=say.number(-(-backup.missing_bytes // 1_000_000)),
        )
    if backup and backup.exists:
        return say(
            "🔴 <b>The last backup is old:</b> it was made {time} ago. The log says why there is"
            " no newer one.",
            time=_duration(backup.age, say),
        )
    return say("🔴 <b>There is no backup.</b> The log says why.")


def _duration(length: timedelta, say: Translator) -> str:
    return format_timedelta(length, granularity="minute", locale=say.language)
