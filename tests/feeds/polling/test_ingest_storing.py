"""What is written of an article beside its text; each test publishes and looks at the tables."""

import aiohttp
import pytest

from bot.feeds.polling.poller import Poller
from bot.storage.database import Database
from tests.fakes import FakeClock
from tests.feeds.conftest import Publisher
from tests.feeds.pressroom import follow, item, make_poller, poll_all, rss

READ_ALSO = '&lt;p&gt;Read also: &lt;a href="/old/{}"&gt;The {} bridge closes&lt;/a&gt;&lt;/p&gt;'


async def linked(db: Database) -> list[tuple[str, str]]:
    rows = await db.reader.execute_fetchall("SELECT title, canonical_url FROM own_links")
    return [(row[0], row[1]) for row in rows]


@pytest.fixture
def poller(db: Database, http: aiohttp.ClientSession, clock: FakeClock) -> Poller:
    return make_poller(db, http, clock)


async def test_the_editors_links_in_a_feeds_text_are_kept_and_change_with_it(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    async def publish(written: str) -> None:
        clock.advance(hours=12)
        publisher.says(rss(written))
        await poll_all(poller)

    await follow(db, publisher.url())
    await publish(item("Bridge", guid="1", text=READ_ALSO.format(1, "old")))
    assert await linked(db) == [("The old bridge closes", "courier.example/old/1")]
    await publish(item("Bridge", guid="1", text="It opened." + READ_ALSO.format(2, "second")))
    assert await linked(db) == [("The second bridge closes", "courier.example/old/2")]
    await publish(item("Bridge", guid="1", text="It opened, and nothing more is said of it."))
    assert await linked(db) == [("The second bridge closes", "courier.example/old/2")]


async def test_pages_are_asked_for_where_the_feed_says_little_and_they_are_wanted(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())  # whose pages are not
    publisher.says(rss(item("Bridge")))
    await poll_all(poller)
    assert list(await db.reader.execute_fetchall("SELECT * FROM pages")) == []
