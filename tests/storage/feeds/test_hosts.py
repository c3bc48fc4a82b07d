import pytest

from bot.model.feeds import BusyDomains
from bot.storage.database import Database
from bot.storage.feeds import feeds, hosts
from tests.support.builders import add_feed
from tests.support.fakes import NOON

DOMAIN = "courier.example"


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
