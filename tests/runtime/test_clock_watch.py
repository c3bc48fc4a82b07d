from datetime import timedelta

import pytest

from bot.runtime import clock_watch
from bot.runtime.clock_watch import ClockWatch
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.outbox import due
from bot.storage.subscribers import subscribers
from tests.support.builders import add_feed, publish, subscribe
from tests.support.fakes import NOON, FakeClock

LATER = NOON + timedelta(hours=20)


@pytest.fixture
def seconds() -> list[float]:
    return [1000.0]


@pytest.fixture
def watch(
    db: Database, clock: FakeClock, seconds: list[float], monkeypatch: pytest.MonkeyPatch
) -> ClockWatch:
    monkeypatch.setattr(clock_watch, "CHECK_INTERVAL", timedelta(0))
    return ClockWatch(db=db, now=clock, monotonic=lambda: seconds[0], polls_per_second=20)


async def wait_until_later(db: Database) -> None:
    """Make a chat and a feed wait until then, by a clock that is ahead."""
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens")
    await add_feed(db)
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ann, LATER + timedelta(minutes=5))])
        await tx.execute(
            "UPDATE feeds SET checked_at = ?, due_at = ? + 300",
            (int(LATER.timestamp()), int(LATER.timestamp())),
        )


async def waits(db: Database) -> bool:
    is_chat_due = await subscribers.due(db.reader, now=NOON, limit=1)
    is_feed_due = await feeds.due(db.reader, now=NOON + timedelta(minutes=6), limit=1)
    assert bool(is_chat_due) == bool(is_feed_due)
    return not is_chat_due


async def test_when_the_clock_is_set_back_the_waits_are_reset(
    watch: ClockWatch, db: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.at = LATER
    assert await watch.step()
    await wait_until_later(db)
    clock.at = NOON
    assert await watch.step()
    assert not await waits(db)
    assert "the clock was set back by 20:00:00" in caplog.text


async def test_time_that_passes_is_not_a_clock_change(
    watch: ClockWatch,
    db: Database,
    clock: FakeClock,
    seconds: list[float],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await watch.step()
    await wait_until_later(db)
    clock.advance(seconds=36030)
    seconds[0] += 36000
    await watch.step()
    clock.at = NOON
    seconds[0] = 1000
    await watch.step()
    assert await waits(db)
    assert not caplog.text


async def test_a_clock_set_forward_is_only_logged(
    watch: ClockWatch, db: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    await watch.step()
    await wait_until_later(db)
    clock.advance(hours=3)
    await watch.step()
    assert await waits(db)
    assert "the clock was set forward by 3:00:00" in caplog.text


async def test_at_the_start_the_tables_show_whether_the_clock_was_set_back(
    watch: ClockWatch, db: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    await wait_until_later(db)
    clock.at = LATER
    await watch.check_at_start()
    assert await waits(db)
    clock.at = NOON
    await watch.check_at_start()
    assert not await waits(db)
    assert caplog.text.count("the clock was set back") == 1
