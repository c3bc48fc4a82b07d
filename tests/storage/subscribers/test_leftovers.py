from datetime import timedelta

from bot.model import ChatId, Phrase, Word
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.subscribers import leftovers, words
from tests.support.builders import add_feed, subscribe
from tests.support.fakes import NOON

ANN = ChatId(1)
HOUR = timedelta(hours=1)


async def left(db: Database, query: str, *, after: timedelta = timedelta(0)) -> list[str]:
    async with db.transaction() as tx:
        await leftovers.delete(tx, now=NOON + after)
    return [str(row[0]) for row in await db.reader.execute_fetchall(query)]


async def test_a_phrase_goes_once_nobody_follows_or_mutes_it(db: Database) -> None:
    await subscribe(db, ANN)
    tram, ferry = Phrase(stems=" tram "), Phrase(stems=" ferry ")
    async with db.transaction() as tx:
        for phrase in (tram, ferry):
            await words.put(tx, ANN, Word(text="x", phrase=phrase))
        await words.drop(tx, ANN, tram)
    assert await left(db, "SELECT stems FROM phrases") == [" ferry "]


async def test_a_host_stays_while_it_is_blocked_and_known(db: Database) -> None:
    await add_feed(db, "https://paper.example/rss")
    async with db.transaction() as tx:
        for domain, private in (
            ("paper.example", True),
            ("gone.example", True),
            ("far.example", 0),
        ):
            await feeds.block_host(tx, domain, until=NOON + HOUR, private=bool(private))
    query = "SELECT domain FROM hosts ORDER BY domain"
    assert await left(db, query) == ["far.example", "paper.example"]
    assert await left(db, query, after=HOUR) == []
