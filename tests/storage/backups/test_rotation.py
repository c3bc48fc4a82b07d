from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.backups.rotation import (
    PERIODS,
    BackupFolder,
    BackupSchedule,
    is_due,
    kept,
    parse_schedule,
)
from tests.support.fakes import NOON

DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(weeks=1)
DAILY = BackupSchedule({DAY: 3})
schedules = st.builds(
    BackupSchedule,
    st.dictionaries(st.sampled_from(list(PERIODS.values())), st.integers(1, 9), min_size=1),
)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("daily:3", {DAY: 3}),
        ("daily:7,weekly:4", {DAY: 7, WEEK: 4}),
        (" Hourly:24, DAILY:7 weekly:1000 ", {HOUR: 24, DAY: 7, WEEK: 1000}),
    ],
)
def test_a_schedule_says_how_many_copies_are_kept_by_period(
    text: str, counts: dict[timedelta, int]
) -> None:
    assert parse_schedule(text) == BackupSchedule(counts)


@pytest.mark.parametrize("text", ["off", "OFF", " off "])
def test_backups_can_be_off(text: str) -> None:
    assert parse_schedule(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "daily",
        "daily:",
        "daily:0",
        "daily:-1",
        "daily:1001",
        "daily:3x",
        "yearly:3",
        "3",
        "no",
        "daily:3,daily:4",
        "daily:3;weekly:4",
        "daily:٣",
    ],
)
def test_what_is_no_schedule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"should look like daily:3, .* or off"):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("ages", "due"),
    [([], True), ([23], False), ([24], True), ([25, 1], False), ([48, 30], True), ([-5], True)],
)
def test_a_backup_is_due_when_the_newest_is_older_than_the_interval(
    ages: list[int], due: bool
) -> None:
    taken = [NOON - age * HOUR for age in ages]
    assert is_due(DAILY, taken, now=NOON) is due


def test_the_shortest_period_says_how_often_and_the_longest_for_how_long() -> None:
    schedule = BackupSchedule({DAY: 7, WEEK: 4})
    assert (schedule.interval, schedule.lifetime) == (DAY, 5 * WEEK)


def run(schedule: BackupSchedule, hours: int) -> list[datetime]:
    """Back up as the worker does; return what is there in the end."""
    taken: frozenset[datetime] = frozenset()
    for hour in range(hours):
        now = NOON + hour * HOUR
        if is_due(schedule, taken, now=now):
            taken |= {now}
        taken = kept(schedule, taken, now=now)
    return sorted(taken, reverse=True)


def test_after_a_year_the_last_three_days_are_there() -> None:
    end = NOON + (24 * 365 - 24) * HOUR
    assert run(DAILY, 24 * 365) == [end, end - DAY, end - 2 * DAY]


def test_grandfather_father_and_son_are_kept() -> None:
    taken = run(BackupSchedule({HOUR: 24, DAY: 7, WEEK: 4}), 24 * 60)
    ages = [(taken[0] - at) / HOUR for at in taken]
    assert ages[:24] == list(range(24))
    assert 14 * 24 <= max(ages) < 28 * 24
    assert len(taken) <= 24 + 7 + 4


@given(schedules, st.sets(st.integers(-1000, 3000), min_size=1))
def test_the_newest_is_kept_and_no_more_than_asked_for(
    schedule: BackupSchedule, ages: set[int]
) -> None:
    taken = [NOON - age * HOUR for age in ages]
    left = kept(schedule, taken, now=NOON)
    past = [at for at in taken if at <= NOON]
    assert left <= set(taken)
    assert not past or max(past) in left
    assert len([at for at in left if at <= NOON]) <= sum(schedule.counts.values())
    assert kept(schedule, left, now=NOON) == left


def test_copies_from_the_future_go_once_as_many_others_are_there() -> None:
    future = {NOON + n * 365 * DAY for n in range(3)} - {NOON}
    assert kept(DAILY, {NOON, *future}, now=NOON) == {NOON, *future}
    past = {NOON, NOON - DAY, NOON - 2 * DAY}
    assert kept(DAILY, {*past, *future}, now=NOON) == past


def test_a_copy_is_found_by_its_name_and_other_files_are_left_alone(tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path / "readalso.db")
    assert folder.copies() == {}
    folder.path.mkdir()
    for name in ("monday.db", "other-20260302T120000Z.db", "readalso-20260302T120000Z.db.part"):
        (folder.path / name).touch()
    folder.file(NOON).touch()
    folder.file(NOON + DAY).touch()
    assert folder.copies() == {at: folder.file(at) for at in (NOON, NOON + DAY)}
    assert folder.newest_at(now=NOON) == NOON
    assert folder.newest_at(now=NOON - DAY) is None
    assert [part.name for part in folder.unfinished()] == ["readalso-20260302T120000Z.db.part"]
