from datetime import UTC, datetime, timedelta

from bot.storage.times import from_seconds, to_seconds, to_seconds_after

HALF_PAST = datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=UTC)


def test_an_instant_is_stored_as_the_whole_second_it_lies_in() -> None:
    assert from_seconds(to_seconds(HALF_PAST)) == HALF_PAST.replace(microsecond=0)


def test_not_before_is_stored_as_the_next_whole_second() -> None:
    assert from_seconds(to_seconds_after(HALF_PAST)) == HALF_PAST + timedelta(seconds=0.5)
