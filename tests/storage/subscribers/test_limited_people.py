from datetime import timedelta

from bot.storage.database import Database
from bot.storage.subscribers import limited_people
from tests.support.fakes import NOON


async def test_who_is_limited_stays_so_until_released(db: Database) -> None:
    async with db.transaction() as tx:
        for number, code in enumerate(("aa", "bb", "aa")):
            await limited_people.put(tx, code, now=NOON + timedelta(minutes=number))
    assert await limited_people.codes(db.reader) == ("bb", "aa")
    async with db.transaction() as tx:
        await limited_people.drop(tx, "bb")
    assert await limited_people.codes(db.reader) == ("aa",)
