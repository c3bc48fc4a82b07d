from datetime import timedelta

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import absences, gone_chats, subscribers
from bot.storage.subscribers.gone_chats import CHECK_DELAYS
from tests.support.fakes import NOON

DAY = timedelta(days=1)


async def join(db: Database, *chats: int) -> None:
    async with db.transaction() as tx:
        for chat_id in chats:
            await subscribers.join(tx, ChatId(chat_id), kind="private", language="en", now=NOON)


async def test_the_chat_that_has_been_due_for_the_longest_comes_first(db: Database) -> None:
    await join(db, 1, 2)
    async with db.transaction() as tx:
        await absences.mark_gone(tx, ChatId(1), now=NOON + DAY)
        await absences.mark_gone(tx, ChatId(2), now=NOON)
    assert await gone_chats.next_due(db.reader, now=NOON + DAY - timedelta(seconds=1)) is None
    due = await gone_chats.next_due(db.reader, now=NOON + 2 * DAY)
    assert due == (2, "private", NOON)


async def test_a_chat_found_gone_anew_is_checked_from_the_start(db: Database) -> None:
    await join(db, 1)
    async with db.transaction() as tx:
        await absences.mark_gone(tx, ChatId(1), now=NOON - 100 * DAY)
        await absences.mark_gone(tx, ChatId(1), now=NOON)
    assert await gone_chats.next_due(db.reader, now=NOON) is None
    assert await gone_chats.next_due(db.reader, now=NOON + CHECK_DELAYS[0]) is not None
