import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.delivery.outbox import SendResult
from bot.errors import SetupError
from bot.model import Sent, StoryId
from bot.monitoring.monitor import KEPT_SECONDS, MOST_STORIES, Monitor, open_monitor
from bot.runtime.supervisor import Worker
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from tests.monitoring.test_health import Seconds, nothing
from tests.monitoring.test_metrics import shown
from tests.support.builders import claim, publish, subscribe
from tests.support.fakes import NOON, FakeClock

Open = Callable[[], Monitor]


@pytest.fixture
async def watch(db: Database, tmp_path: Path, clock: FakeClock) -> Monitor:
    database = tmp_path / "readalso.db"
    async with open_monitor(db, listen="off", database=database, now=clock) as opened:
        opened.monotonic = Seconds(1.0)
        return opened


def well(watch: Monitor) -> None:
    watch.watched([Worker(step=nothing, name="editor")])
    watch.called("getMe", "ok", timedelta(0))


async def test_metrics_are_those_of_this_moment_or_of_a_few_seconds_ago(
    watch: Monitor, db: Database
) -> None:
    await watch.exposition()
    assert shown(watch.metrics)["readalso_subscribers[reading]"] == 0
    await subscribe(db, 1)
    await watch.exposition()
    assert shown(watch.metrics)["readalso_subscribers[reading]"] == 0
    watch.monotonic = Seconds(1.0 + KEPT_SECONDS)
    await watch.exposition()
    assert shown(watch.metrics)["readalso_subscribers[reading]"] == 1
    assert shown(watch.metrics)["readalso_database_bytes"] > 0


async def test_what_a_reader_got_is_dated_by_its_story(
    watch: Monitor, db: Database, clock: FakeClock
) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens", published_at=NOON - timedelta(minutes=3))
    async with db.transaction() as tx:
        covered = await claim(tx)
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    await watch.answered(SendResult(reader, covered, Sent(1)))
    await watch.answered(SendResult(reader, covered, Sent(2)))
    assert shown(watch.metrics)["readalso_latency_seconds_sum"] == 360


async def test_a_story_that_is_gone_has_no_date_and_does_no_harm(
    watch: Monitor, db: Database
) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        covered = await claim(tx)
        await tx.execute("DELETE FROM stories")
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    await watch.answered(SendResult(reader, covered, Sent(1)))
    assert shown(watch.metrics)["readalso_deliveries_total[sent]"] == 1
    assert shown(watch.metrics)["readalso_latency_seconds_count"] == 0


async def test_the_dates_of_stories_long_sent_are_forgotten(watch: Monitor, db: Database) -> None:
    ann = await subscribe(db, 1)
    story_id = await publish(db, "Bridge opens")
    watch._published.update(dict.fromkeys(map(StoryId, range(-MOST_STORIES, 0)), NOON))
    async with db.transaction() as tx:
        covered = await claim(tx)
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    await watch.answered(SendResult(reader, covered, Sent(1)))
    assert len(watch._published) == MOST_STORIES
    assert story_id in watch._published


async def test_deliveries_cut_off_may_be_repeats(watch: Monitor) -> None:
    watch.cut_off(3)
    assert shown(watch.metrics)["readalso_possible_repeats_total"] == 3


async def test_the_event_loop_is_watched(watch: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.monitoring.monitor.LAG_EVERY_SECONDS", 0)
    *_, lag = watch.watched([])
    assert await lag.step()
    assert shown(watch.metrics)["readalso_loop_lag_seconds_count"] == 1


async def test_only_an_answer_of_telegram_shows_that_it_is_there(watch: Monitor) -> None:
    watch.watched([Worker(step=nothing, name="editor")])
    watch.called("getMe", "unreachable", timedelta(0))
    assert await watch.problems() == ["Telegram has not answered yet"]
    watch.called("getMe", "refused", timedelta(0))
    assert await watch.problems() == []


async def test_a_database_that_cannot_be_read_is_named(
    watch: Monitor, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    well(watch)
    await db.reader.execute("PRAGMA query_only = OFF")
    await db.reader.execute("DROP TABLE updates")
    assert await watch.problems() == ["the database: no such table: updates"]
    await watch.exposition()
    assert "readalso_articles_total" not in shown(watch.metrics)
    assert "the tables cannot be counted: no such table: updates" in caplog.text


async def test_a_database_that_cannot_be_written_is_named(watch: Monitor) -> None:
    well(watch)
    watch.trouble = lambda: "database or disk is full"
    assert await watch.problems() == ["the database: database or disk is full"]


async def test_it_answers_where_it_is_told_to_listen(
    db: Database, tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    database = tmp_path / "readalso.db"
    async with open_monitor(db, listen="127.0.0.1:0", database=database, now=clock) as watch:
        address = caplog.messages[-1].split()[-1].removesuffix("/metrics")
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{address}/healthz") as answer:
                assert (answer.status, (await answer.json())["reasons"]) == (
                    503,
                    ["the bot is still starting"],
                )
            well(watch)
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
