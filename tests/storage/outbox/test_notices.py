from datetime import timedelta

from bot.model import ChatId, DeliveryResult, Notice
from bot.storage.database import Database
from bot.storage.outbox import notices
from bot.storage.subscribers import absences
from tests.support.builders import subscribe
from tests.support.fakes import NOON

ANN, BOB, EVE = ChatId(1), ChatId(2), ChatId(3)
SENT = DeliveryResult(state="sent", message_id=7)


async def write(db: Database, *chats: ChatId, html: str = "Hello") -> None:
    async with db.transaction() as tx:
        await notices.enqueue(tx, html, chats, now=NOON)


async def claim(db: Database, *, after: timedelta = timedelta(0)) -> Notice | None:
    async with db.transaction() as tx:
        return await notices.claim(tx, now=NOON + after)


async def test_each_chat_gets_a_letter_once_in_the_order_of_writing(db: Database) -> None:
    for chat_id in (ANN, BOB):
        await subscribe(db, chat_id)
    await write(db, ANN, BOB, ANN, EVE)
    first, second = await claim(db), await claim(db)
    assert first is not None
    assert second is not None
    assert (first.chat_id, first.html, first.kind, first.attempts) == (ANN, "Hello", "private", 1)
    assert second.chat_id == BOB
    assert await claim(db) is None


async def test_a_gone_chat_gets_no_notice(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await absences.mark_gone(tx, ANN, now=NOON)
    await write(db, ANN)
    assert await claim(db) is None


async def test_a_postponed_notice_is_due_in_its_time(db: Database) -> None:
    await subscribe(db, ANN)
    await write(db, ANN)
    notice = await claim(db)
    assert notice is not None
    later = DeliveryResult(state="pending", reason="busy", is_counted=False, is_doubtful=True)
    async with db.transaction() as tx:
        await notices.record(tx, notice.id, later, retry_at=NOON + timedelta(minutes=1))
    assert await claim(db) is None
    again = await claim(db, after=timedelta(minutes=1))
    assert again is not None
    assert again.attempts == 1


async def test_an_interrupted_notice_is_pending_again_and_counted(db: Database) -> None:
    await subscribe(db, ANN)
    await write(db, ANN)
    await claim(db)
    async with db.transaction() as tx:
        assert await notices.recover(tx) == 1
        assert await notices.recover(tx) == 0
    assert await claim(db) is not None


async def test_progress_is_counted_by_state_and_old_letters_are_pruned_when_done(
    db: Database,
) -> None:
    for chat_id in (ANN, BOB):
        await subscribe(db, chat_id)
    await write(db, ANN, BOB)
    notice = await claim(db)
    assert notice is not None
    async with db.transaction() as tx:
        await notices.record(tx, notice.id, SENT, retry_at=NOON)
    assert await notices.progress(db.reader, notice.letter_id) == {"pending": 1, "sent": 1}
    for left in (1, 0):
        async with db.transaction() as tx:
            await notices.prune(tx, before=NOON + timedelta(days=1))
        rows = list(await db.reader.execute_fetchall("SELECT 1 FROM letters"))
        assert len(rows) == left
        if other := await claim(db):
            async with db.transaction() as tx:
                await notices.record(tx, other.id, SENT, retry_at=NOON)
