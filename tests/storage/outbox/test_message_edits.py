from datetime import timedelta

from bot.model import ChatId, ChatKind, DeliveryId, DeliveryResult, OutgoingMessage, StoryId
from bot.storage.database import Database
from bot.storage.outbox import deliveries, message_edits
from bot.storage.outbox import due as schedule
from bot.storage.outbox.message_edits import EDIT_DELAY, EDITABLE_TTL
from bot.storage.subscribers import absences, subscribers
from tests.support.builders import claim, publish, subscribe
from tests.support.fakes import NOON

ANN, GROUP = ChatId(1), ChatId(-5)
HOUR = timedelta(hours=1)

GIST = OutgoingMessage(text="Bridge", preview="https://a.example/", content_hash=b"gist")


async def sent(db: Database, chat_id: ChatId, *, kind: ChatKind = "private") -> StoryId:
    """Have the chat sent a story of its own, at noon."""
    await subscribe(db, chat_id, kind=kind)
    story_id = await publish(db, f"Bridge {chat_id} opens")
    async with db.transaction() as tx:
        for it in await claim(tx):
            verdict = DeliveryResult(state="sent", message_id=7)
            await deliveries.record(tx, [(it.id, verdict)], now=NOON)
            await message_edits.add(tx, [(it.id, GIST)], now=NOON)
            await schedule.set_next_send(tx, [(it.chat_id, NOON)])
    return story_id


async def grow(db: Database, story_id: StoryId, *, after: timedelta = timedelta(0)) -> None:
    async with db.transaction() as tx:
        await message_edits.mark_story_changed(tx, story_id, now=NOON + after)


async def due(db: Database, after: timedelta, *, is_private: bool = True) -> bool:
    return await message_edits.due(db.reader, is_private=is_private, now=NOON + after) is not None


async def test_an_edit_is_due_some_minutes_after_the_story_changed(db: Database) -> None:
    story_id = await sent(db, ANN)
    assert not await due(db, HOUR)
    await grow(db, story_id)
    assert not await due(db, EDIT_DELAY - timedelta(seconds=1))
    assert await due(db, EDIT_DELAY)


async def test_further_changes_do_not_postpone_an_edit(db: Database) -> None:
    story_id = await sent(db, ANN)
    await grow(db, story_id)
    await grow(db, story_id, after=EDIT_DELAY / 2)
    assert await due(db, EDIT_DELAY)


async def test_an_old_message_is_not_edited_and_is_pruned(db: Database) -> None:
    story_id = await sent(db, ANN)
    await grow(db, story_id)
    assert not await due(db, EDITABLE_TTL + timedelta(seconds=1))
    async with db.transaction() as tx:
        await message_edits.prune(tx, now=NOON + EDITABLE_TTL)
    assert await due(db, EDITABLE_TTL)
    async with db.transaction() as tx:
        await message_edits.prune(tx, now=NOON + EDITABLE_TTL + timedelta(seconds=1))
    assert not await due(db, HOUR)


async def test_a_story_that_changes_too_late_has_no_edits(db: Database) -> None:
    story_id = await sent(db, ANN)
    await grow(db, story_id, after=EDITABLE_TTL + timedelta(seconds=1))
    assert not await due(db, EDITABLE_TTL)


async def test_private_chats_and_others_are_edited_separately(db: Database) -> None:
    await grow(db, await sent(db, GROUP, kind="group"))
    assert await due(db, HOUR, is_private=False)
    assert not await due(db, HOUR, is_private=True)


async def test_a_chat_that_must_not_be_written_to_is_skipped(db: Database) -> None:
    await grow(db, await sent(db, ANN))
    async with db.transaction() as tx:
        await schedule.set_next_send(tx, [(ANN, NOON + HOUR)])
    assert not await due(db, HOUR / 2)
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
    assert not await due(db, HOUR)


async def test_an_edited_or_postponed_message_is_not_due(db: Database) -> None:
    await grow(db, await sent(db, ANN))
    found = await message_edits.due(db.reader, is_private=True, now=NOON + HOUR)
    assert found is not None
    chat_id, message = found
    assert (chat_id, message.message_id, message.content_hash, message.sent_at) == (
        ANN,
        7,
        b"gist",
        NOON,
    )
    async with db.transaction() as tx:
        await message_edits.postpone(tx, message.delivery_id, until=NOON + 2 * HOUR)
    assert not await due(db, HOUR)
    assert await due(db, 2 * HOUR)
    async with db.transaction() as tx:
        await message_edits.drop(tx, message.delivery_id)
    assert not await due(db, 2 * HOUR)


async def test_a_forgotten_chat_has_no_editable_messages(db: Database) -> None:
    await grow(db, await sent(db, ANN))
    async with db.transaction() as tx:
        await subscribers.forget(tx, ANN)
        await message_edits.add(tx, [(DeliveryId(1), GIST)], now=NOON)
    assert not await due(db, HOUR)
