import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest

from bot.runtime.retention import RetentionResult, RetentionWorker
from bot.storage.database import Database
from bot.stories.analysis import build_analyzer
from bot.stories.article_processor import ArticleProcessor
from tests.feeds.conftest import Publisher
from tests.feeds.conftest import http as http
from tests.feeds.conftest import publisher as publisher
from tests.support.builders import TOPICS, guard_of, publish, subscribe
from tests.support.fakes import FakeClock
from tests.support.poller_setup import follow, item, make_poller, news, rss


@pytest.fixture
def worker(db: Database, clock: FakeClock) -> RetentionWorker:
    return RetentionWorker(db=db, keep=timedelta(days=400), now=clock, pause=timedelta(0))


async def rows(db: Database, table: str) -> int:
    ((found,),) = await db.reader.execute_fetchall(f"SELECT count(*) FROM {table}")
    return int(found)


async def send_all(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE deliveries SET state = 'sent'")


async def test_old_stories_are_deleted_with_all_their_rows(
    db: Database, worker: RetentionWorker, clock: FakeClock
) -> None:
    for chat in (1, 2):
        await subscribe(db, chat)
    for number in range(50):
        await publish(db, f"Bridge {number} opens", now=clock())
    await send_all(db)
    assert await worker.prune() == RetentionResult(stories=0, articles=0, deliveries=0)
    clock.advance(days=401)
    # It is the newest, and was stored at noon like the others.
    await publish(db, "Road closes", now=clock())
    assert await worker.prune() == RetentionResult(stories=50, articles=50, deliveries=100)
    assert {table: await rows(db, table) for table in ("articles", "stories", "story_terms")} == {
        "articles": 1,
        "stories": 1,
        "story_terms": 1,
    }
    assert await rows(db, "deliveries") == 2
    async with db.transaction() as tx:
        assert not list(await tx.execute_fetchall("PRAGMA foreign_key_check"))


async def test_after_an_interruption_anywhere_the_next_run_completes_it(
    db: Database, worker: RetentionWorker, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    for number in range(5):
        await publish(db, f"Bridge {number} opens", now=clock())
    await send_all(db)
    clock.advance(days=401)
    await publish(db, "Road closes", now=clock())
    for switches in range(40):
        task = asyncio.ensure_future(worker.prune())
        for _ in range(switches):
            await asyncio.sleep(0.0005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await worker.prune()
    assert (await rows(db, "articles"), await rows(db, "stories")) == (1, 1)
    assert await rows(db, "deliveries") == 1


@dataclass(frozen=True, slots=True)
class Courier:
    """A newspaper that is polled, edited and sent each time it publishes something."""

    db: Database
    clock: FakeClock
    publisher: Publisher
    http: aiohttp.ClientSession

    async def publishes(self, *items: str) -> list[str]:
        """Return the titles that were news."""
        self.publisher.says(rss(*items, head=f"<lastBuildDate>{self.clock()}</lastBuildDate>"))
        assert await make_poller(self.db, self.http, self.clock).step()
        titles = await news(self.db)
        while await ArticleProcessor(
            db=self.db, guard=guard_of(self.db), analyze=build_analyzer(TOPICS), now=self.clock
        ).step():
            pass
        await send_all(self.db)
        return titles


@pytest.mark.parametrize("dated", [True, False])
async def test_an_item_whose_article_was_deleted_is_never_news_again(
    db: Database,
    worker: RetentionWorker,
    clock: FakeClock,
    publisher: Publisher,
    http: aiohttp.ClientSession,
    dated: bool,
) -> None:
    courier = Courier(db, clock, publisher, http)
    await follow(db, publisher.url())
    assert await courier.publishes(item("All that we see first is backlog", guid="first")) == []
    clock.advance(hours=12)
    at = clock() if dated else None
    titles = [f"Soldiers cross harbour bridge {number}" for number in range(3)]
    old = [item(title, at, guid=title) for title in titles]
    assert len(await courier.publishes(*old)) == 3
    newest = ""
    for _ in range(2):
        clock.advance(days=300)
        newest = item(f"Army of {clock():%A} takes the town", clock(), guid=f"{clock()}")
        assert len(await courier.publishes(newest, *old)) == 1
    assert (await worker.prune()).articles == 4
    # They are edited, and all are read anew, even when their document is forgotten.
    edited = [item(title.upper(), at, guid=title) for title in titles]
    for forget in ("UPDATE documents SET hash = x'00'", "UPDATE documents SET items = x''"):
        clock.advance(hours=12)
        async with db.transaction() as tx:
            await tx.execute(forget)
        assert await courier.publishes(newest, *edited) == []
    assert await rows(db, "articles") == 2


async def test_a_daily_run_is_logged(
    db: Database, worker: RetentionWorker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await publish(db, "Bridge opens", now=clock())
    clock.advance(days=401)
    await publish(db, "Road closes", now=clock())
    task = asyncio.ensure_future(worker.step())
    while not caplog.messages:
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert caplog.messages == ["1 article and 1 story were old and went"]
