import pytest

from bot.model import ChatId
from bot.model.feeds import BusyDomains
from bot.model.ids import FeedId
from bot.storage.database import Database
from bot.storage.feeds import feeds, hosts
from tests.support.builders import add_feed, subscribe
from tests.support.fakes import NOON

DOMAIN = "courier.example"
ANN, BOB = ChatId(1), ChatId(2)


@pytest.mark.parametrize(
    ("busy", "private", "is_free"),
    [
        (BusyDomains(), False, True),
        (BusyDomains(), True, True),
        (BusyDomains(all=frozenset({DOMAIN}), private=frozenset({DOMAIN})), False, False),
        (BusyDomains(private=frozenset({DOMAIN})), False, True),
        (BusyDomains(private=frozenset({DOMAIN})), True, False),
        (BusyDomains(admits_private=False), False, True),
        (BusyDomains(admits_private=False), True, False),
    ],
)
async def test_a_domain_is_free_for_public_feeds_before_it_is_for_private_ones(
    db: Database, busy: BusyDomains, private: bool, is_free: bool
) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET domain = ?, private = ?", (DOMAIN, private))
        condition = hosts.is_free("feeds.domain", busy, now=NOON)
        rows = await tx.execute_fetchall(
            "SELECT 1 FROM feeds LEFT JOIN hosts ON hosts.domain = feeds.domain"
            f" WHERE {condition.sql}",
            condition.params,
        )
        assert bool(list(rows)) == is_free


async def test_of_the_lanes_for_private_feeds_few_work_for_one_chat(db: Database) -> None:
    ids = [await add_feed(db, url=f"https://courier{number}.example/rss") for number in range(5)]
    await subscribe(db, ANN)
    await subscribe(db, BOB)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET private = 1")
        await tx.executemany(
            "INSERT INTO own_feeds (chat_id, feed_id, added_at) VALUES (?, ?, 0)",
            [(ANN, feed_id) for feed_id in ids[:4]] + [(BOB, feed_id) for feed_id in ids[3:]],
        )

    async def free(in_hand: list[FeedId]) -> list[FeedId]:
        condition = hosts.is_free(
            "feeds.domain", BusyDomains(private_feeds=tuple(in_hand)), now=NOON
        )
        rows = await db.reader.execute_fetchall(
            "SELECT feeds.id FROM feeds LEFT JOIN hosts ON hosts.domain = feeds.domain"
            f" WHERE {condition.sql} ORDER BY feeds.id",
            condition.params,
        )
        return [row[0] for row in rows]

    assert await free(ids[:1]) == ids
    # What Bob has added too is free for him.
    assert await free(ids[:2]) == ids[3:]
    assert await free([ids[0], ids[3], ids[4]]) == []


async def test_a_block_for_private_feeds_leaves_the_public_ones_free(db: Database) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET domain = ?", (DOMAIN,))
        await feeds.block_host(tx, DOMAIN, until=NOON.replace(hour=13), private=True)
        condition = hosts.is_free("feeds.domain", hosts.NONE_BUSY, now=NOON)
        for private in (False, True):
            await tx.execute("UPDATE feeds SET private = ?", (private,))
            rows = await tx.execute_fetchall(
                "SELECT 1 FROM feeds LEFT JOIN hosts ON hosts.domain = feeds.domain"
                f" WHERE {condition.sql}",
                condition.params,
            )
            assert bool(list(rows)) != private
