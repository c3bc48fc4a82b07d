from datetime import timedelta

import pytest

from bot.delivery import dead_feed_notifier as module
from bot.delivery.dead_feed_notifier import DeadFeedNotifier
from bot.model import ChatId, FoundFeed, Language
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from tests.support.builders import subscribe
from tests.support.fakes import FakeClock

ANN = ChatId(1)


async def lose_a_feed(db: Database, clock: FakeClock, *, language: Language = "en") -> None:
    await subscribe(db, ANN, language=language)
    found = FoundFeed(
        url="https://own.example/rss?a=1&b=2", domain="own.example", title="<Own>", newest=()
    )
    async with db.transaction() as tx:
        await own_feeds.add(tx, ANN, found, language=language, now=clock())
        await tx.execute("UPDATE feeds SET stopped = 'gone'")


async def letters(db: Database) -> list[str]:
    rows = await db.reader.execute_fetchall("SELECT html FROM letters JOIN notices")
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "its publisher has closed it"),
        ("uk", "видавець її закрив"),
        ("ru", "издатель её закрыл"),
    ],
)
async def test_a_dead_feed_is_reported_to_its_chat_once_with_the_reason(
    db: Database, clock: FakeClock, language: Language, words: str
) -> None:
    await lose_a_feed(db, clock, language=language)
    notifier = DeadFeedNotifier(db=db, now=clock)
    assert [await notifier.notify(), await notifier.notify()] == [1, 0]
    (letter,) = await letters(db)
    assert "https://own.example/rss?a=1&amp;b=2" in letter
    assert "&lt;Own&gt;" in letter
    assert words in letter


async def test_the_worker_checks_again_after_its_interval(
    db: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_INTERVAL", timedelta(0))
    await lose_a_feed(db, clock)
    assert await DeadFeedNotifier(db=db, now=clock).step()
    assert len(await letters(db)) == 1
