import socket
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.delivery.outbox import SendResult
from bot.errors import SetupError
from bot.model import Sent, StoryId
from bot.monitoring.health import DatabaseFailing, TelegramSilent
from bot.monitoring.monitor import MAX_CACHED_STORIES, TABLE_COUNTS_TTL, Monitor, open_monitor
from bot.runtime.supervisor import Worker
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from tests.monitoring.test_health import Seconds, nothing
from tests.monitoring.test_metrics import shown
from tests.support.builders import claim, publish, subscribe
from tests.support.fakes import NOON, FakeClock


@pytest.fixture
async def monitor(db: Database, tmp_path: Path, clock: FakeClock) -> Monitor:
    database = tmp_path / "readalso.db"
    async with open_monitor(db, listen="off", database=database, now=clock) as opened:
        opened.monotonic = Seconds(1.0)
        return opened


def make_ready(monitor: Monitor) -> None:
    monitor.watched([Worker(step=nothing, name="sender")])
    monitor.record_api_call("getMe", "ok", timedelta(0))


async def test_metrics_are_those_of_this_moment_or_of_a_few_seconds_ago(
    monitor: Monitor, db: Database
) -> None:
    await monitor.exposition()
    assert shown(monitor.metrics)["readalso_subscribers[reading]"] == 0
    await subscribe(db, 1)
    await monitor.exposition()
    assert shown(monitor.metrics)["readalso_subscribers[reading]"] == 0
    monitor.monotonic = Seconds(1.0 + TABLE_COUNTS_TTL.total_seconds())
    await monitor.exposition()
    assert shown(monitor.metrics)["readalso_subscribers[reading]"] == 1
    assert shown(monitor.metrics)["readalso_database_bytes"] > 0


async def test_latency_is_measured_from_the_publication_of_the_story(
    monitor: Monitor, db: Database, clock: FakeClock
) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens", published_at=NOON - timedelta(minutes=3))
    async with db.transaction() as tx:
        covered = await claim(tx)
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    await monitor.record_send(SendResult(reader, covered, Sent(1)))
    await monitor.record_send(SendResult(reader, covered, Sent(2)))
    assert shown(monitor.metrics)["readalso_latency_seconds_sum"] == 360


async def test_a_story_that_was_deleted_is_counted_without_a_latency(
    monitor: Monitor, db: Database
) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        covered = await claim(tx)
        await tx.execute("DELETE FROM stories")
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    await monitor.record_send(SendResult(reader, covered, Sent(1)))
    assert shown(monitor.metrics)["readalso_deliveries_total[sent]"] == 1
    assert shown(monitor.metrics)["readalso_latency_seconds_count"] == 0


async def test_publication_times_of_stories_long_sent_make_room(
    monitor: Monitor, db: Database
) -> None:
    ann = await subscribe(db, 1)
    story_id = await publish(db, "Bridge opens")
    monitor._published_at.update(dict.fromkeys(map(StoryId, range(-MAX_CACHED_STORIES, 0)), NOON))
    async with db.transaction() as tx:
        covered = await claim(tx)
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    await monitor.record_send(SendResult(reader, covered, Sent(1)))
    assert len(monitor._published_at) == MAX_CACHED_STORIES
    assert story_id in monitor._published_at


async def test_interrupted_deliveries_may_be_repeats(monitor: Monitor) -> None:
    monitor.record_interrupted(3)
    assert shown(monitor.metrics)["readalso_possible_repeats_total"] == 3


async def test_a_restarted_worker_is_counted_and_named_for_a_while(monitor: Monitor) -> None:
    elapsed = 0.0
    monitor.monotonic = lambda: elapsed
    monitor.record_restart("sender")
    monitor.record_restart("sender")
    assert monitor.restarted_workers(timedelta(minutes=1)) == ("sender",)
    assert (
        'readalso_worker_restarts_total{worker="sender"} 2.0'
        in (await monitor.exposition()).decode()
    )
    elapsed = 61.0
    assert monitor.restarted_workers(timedelta(minutes=1)) == ()


async def test_the_event_loop_is_watched(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.monitoring.monitor.LAG_INTERVAL", timedelta(0))
    lag, _ = monitor.watched([])
    assert await lag.step()
    assert shown(monitor.metrics)["readalso_loop_lag_seconds_count"] == 1


async def test_only_an_answer_of_telegram_counts_as_a_sign_of_life(monitor: Monitor) -> None:
    monitor.watched([Worker(step=nothing, name="sender")])
    monitor.record_api_call("getMe", "unreachable", timedelta(0))
    assert await monitor.problems() == [TelegramSilent(None)]
    monitor.record_api_call("getMe", "refused", timedelta(0))
    assert await monitor.problems() == []


async def test_a_database_that_cannot_be_read_is_named(
    monitor: Monitor, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    make_ready(monitor)
    await db.reader.execute("PRAGMA query_only = OFF")
    await db.reader.execute("DROP TABLE updates")
    assert await monitor.problems() == [DatabaseFailing("no such table: updates")]
    await monitor.exposition()
    assert "readalso_articles_total" not in shown(monitor.metrics)
    assert "the tables cannot be counted: no such table: updates" in caplog.text


async def test_a_database_that_cannot_be_written_is_named(monitor: Monitor) -> None:
    make_ready(monitor)
    monitor.database_error = lambda: "database or disk is full"
    assert await monitor.problems() == [DatabaseFailing("database or disk is full")]


async def test_the_endpoints_are_served_at_the_address_of_the_setting(
    db: Database, tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    database = tmp_path / "readalso.db"
    async with open_monitor(db, listen="127.0.0.1:0", database=database, now=clock) as monitor:
        address = caplog.messages[-1].split()[-1].removesuffix("/metrics")
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{address}/healthz") as answer:
                assert (answer.status, (await answer.json())["reasons"]) == (
                    503,
                    ["the bot is still starting"],
                )
            make_ready(monitor)
            async with http.get(f"{address}/healthz") as answer:
                assert answer.status == 200
            async with http.get(f"{address}/metrics") as answer:
                assert "readalso_subscribers" in await answer.text()


async def test_a_port_in_use_is_a_plain_sentence(
    db: Database, tmp_path: Path, clock: FakeClock
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SetupError, match="HTTP_LISTEN"):
            async with open_monitor(db, listen=listen, database=tmp_path, now=clock):
                pass
