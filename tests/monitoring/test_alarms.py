from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Alarm, BackupStatus, FeedFlow, Language, SilentJoins
from bot.monitoring.alarms import AlarmInputs, active_alarms, cleared_text, raised_text
from tests.support.fakes import NOON

GB = 1_000_000_000
FINE = AlarmInputs(
    now=NOON,
    started_at=NOON - timedelta(days=3),
    flow=FeedFlow(polled=60, failing=2, article_at=NOON - timedelta(minutes=9)),
    due_since=NOON - timedelta(seconds=4),
    free_bytes=40 * GB,
    disk_bytes=50 * GB,
    database_error=None,
    backup=BackupStatus(exists=True, age=timedelta(hours=9), is_late=False, missing_bytes=0),
)
NONE: frozenset[Alarm] = frozenset()


ALARMS: tuple[Alarm, ...] = get_args(Alarm)


def flow(*, polled: int = 60, failing: int = 0, hours: float = 0) -> FeedFlow:
    return FeedFlow(polled=polled, failing=failing, article_at=NOON - timedelta(hours=hours))


def late(**by: float) -> AlarmInputs:
    return replace(FINE, due_since=NOON - timedelta(**by))


def backed_up(*, exists: bool = True, is_late: bool = False, missing: int = 0) -> AlarmInputs:
    status = BackupStatus(
        exists=exists, age=timedelta(days=3), is_late=is_late, missing_bytes=missing
    )
    return replace(FINE, backup=status)


def with_free_space(megabytes: float, *, of: float = 4000) -> AlarmInputs:
    room = int(megabytes * 1_000_000)
    return replace(FINE, free_bytes=room, disk_bytes=int(of * 1_000_000))


def swallowing(*joins: tuple[int, float]) -> AlarmInputs:
    return replace(FINE, silent_joins=tuple(SilentJoins(*each) for each in joins))


def test_without_problems_no_alarm_is_active() -> None:
    assert active_alarms(FINE, NONE) == NONE
    idle = replace(FINE, due_since=None)
    assert active_alarms(idle, NONE) == NONE


@pytest.mark.parametrize(
    ("inputs", "name", "raises", "holds"),
    [
        (replace(FINE, flow=flow(hours=6.1)), "silence", True, True),
        (replace(FINE, flow=flow(hours=5.9)), "silence", False, False),
        (swallowing((60, 20), (5, 5)), "swallowed", True, True),
        (swallowing((59, 20)), "swallowed", False, True),
        (swallowing((39, 20)), "swallowed", False, False),
        # A few more than none is no flood.
        (swallowing((19, 0)), "swallowed", False, False),
        (swallowing((20, 0)), "swallowed", True, True),
        (replace(FINE, flow=flow(polled=3, hours=23)), "silence", False, False),
        (replace(FINE, flow=flow(polled=3, hours=25)), "silence", True, True),
        # Without readers no feed is polled; but only an article ends an active alarm.
        (replace(FINE, flow=flow(polled=0, hours=99)), "silence", False, True),
        # The bot was off, so nothing could come; an active alarm stays.
        (replace(FINE, started_at=NOON, flow=flow(hours=9)), "silence", False, True),
        (replace(FINE, flow=FeedFlow(polled=9, failing=0, article_at=None)), "silence", True, True),
        (replace(FINE, flow=flow(failing=18)), "feeds", True, True),
        (replace(FINE, flow=flow(failing=17)), "feeds", False, True),
        (replace(FINE, flow=flow(failing=11)), "feeds", False, False),
        (replace(FINE, flow=flow(polled=4, failing=2)), "feeds", False, True),
        (replace(FINE, flow=flow(polled=4, failing=3)), "feeds", True, True),
        (replace(FINE, flow=flow(polled=4, failing=1)), "feeds", False, False),
        (late(minutes=16), "late", True, True),
        (late(minutes=14), "late", False, True),
        (late(minutes=4), "late", False, False),
        (late(minutes=-60), "late", False, False),
        (with_free_space(199), "disk", True, True),
        (with_free_space(201), "disk", False, True),
        (with_free_space(301), "disk", False, False),
        (with_free_space(4900, of=100_000), "disk", True, True),
        (with_free_space(5100, of=100_000), "disk", False, True),
        (with_free_space(6100, of=100_000), "disk", False, False),
        (replace(FINE, database_error="disk I/O error"), "database", True, True),
        (replace(FINE, failed_workers=("sender",)), "workers", True, True),
        (replace(FINE, dead_letters=1), "dead letters", True, True),
        (backed_up(), "backup", False, False),
        (backed_up(is_late=True), "backup", True, True),
        (backed_up(missing=1), "backup", True, True),
        (replace(FINE, backup=None), "backup", False, False),
    ],
)
def test_an_active_alarm_is_cleared_only_when_things_are_clearly_better(
    inputs: AlarmInputs, name: Alarm, raises: bool, holds: bool
) -> None:
    assert (name in active_alarms(inputs, NONE)) is raises
    assert (name in active_alarms(inputs, frozenset({name}))) is holds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("alarm", ALARMS)
def test_each_alarm_has_texts_for_its_beginning_and_its_end(
    alarm: Alarm, language: Language
) -> None:
    say = speak(language)
    assert raised_text(alarm, FINE, say).startswith("🔴 <b>")
    assert cleared_text(alarm, FINE, say).startswith("🟢 ")


def test_the_texts_say_how_bad_the_problem_is() -> None:
    inputs = replace(
        FINE,
        flow=flow(failing=20, hours=8),
        due_since=NOON - timedelta(minutes=17),
    )
    assert "20 of 60" in raised_text("feeds", inputs, speak("en"))
    assert "за 8 годин, хоча опитуються 60" in raised_text("silence", inputs, speak("uk"))
    assert "уже 17 минут" in raised_text("late", inputs, speak("ru"))
    assert "150 MB" in raised_text("disk", with_free_space(150), speak("en"))
    assert "3 days ago" in raised_text("backup", backed_up(is_late=True), speak("en"))
    assert "минуло вже 3 дні" in raised_text("backup", backed_up(is_late=True), speak("uk"))
    assert "не хватает 2 МБ" in raised_text("backup", backed_up(missing=1_000_001), speak("ru"))
    never = backed_up(exists=False, is_late=True)
    assert "There is no backup." in raised_text("backup", never, speak("en"))
    faulty = replace(FINE, failed_workers=("inbox", "sender"), dead_letters=1234)
    assert "inbox, sender. The log" in raised_text("workers", faulty, speak("en"))
    assert "<b> 1,234." in raised_text("dead letters", faulty, speak("en")).replace("</b>", "<b>")
    broken = replace(FINE, database_error="<disk> is full")
    assert "&lt;disk&gt; is full" in raised_text("database", broken, speak("en"))
