from datetime import timedelta

from bot.model import ChatId, ChatKind, DeliveryId, DeliveryResult, StoryId
from bot.storage.database import Database
from bot.storage.outbox import deliveries, message_edits
from bot.storage.outbox import due as turns
from bot.storage.outbox.message_edits import EDITABLE_TTL, EDIT_DELAY
from bot.storage.subscribers import subscribers
from tests.support.builders import claim, publish, subscribe
from tests.support.fakes import NOON

ANN, GROUP = ChatId(1), ChatId(-5)
HOUR = timedelta(hours=1)


async def sent(db: Database, chat_id: ChatId, *, kind: ChatKind = "private") -> StoryId:
    """Have the chat sent a story of its own, at noon."""
    await subscribe(db, chat_id, kind=kind)
    story_id = await publish(db, f"Bridge {chat_id} opens")
    async with db.transaction() as tx:
        for it in await claim(tx):
            verdict = DeliveryResult(state="sent", message_id=7)
            await deliveries.record(tx, [(it.id, verdict)], now=NOON)
            await message_edits.add(tx, [(it.id, b"gist")], now=NOON)
            await turns.set_next_send(tx, [(it.chat_id, NOON)])
    return story_id


async def grow(db: Database, story_id: StoryId, *, after: timedelta = timedelta(0)) -> None:
    async with db.transaction() as tx:
        await message_edits.mark_story_changed(tx, story_id, now=NOON + after)


async def due(db: Database, after: timedelta, *, is_private: bool = True) -> bool:
    return await message_edits.due(db.reader, is_private=is_private, now=NOON + after) is not None


async def test_a_message_is_due_some_minutes_after_its_story_grew(db: Database) -> None:
    story_id = await sent(db, ANN)
    assert not await due(db, HOUR)
    await grow(db, story_id)
    assert not await due(db, EDIT_DELAY - timedelta(seconds=1))
    assert await due(db, EDIT_DELAY)


async def test_more_growth_does_not_put_it_off(db: Database) -> None:
    story_id = await sent(db, ANN)
    await grow(db, story_id)
    await grow(db, story_id, after=EDIT_DELAY / 2)
    assert await due(db, EDIT_DELAY)


async def test_what_is_old_is_not_edited_and_is_forgotten(db: Database) -> None:
    story_id = await sent(db, ANN)
    await grow(db, story_id)
    assert not await due(db, EDITABLE_TTL + timedelta(seconds=1))
    async with db.transaction() as tx:
        await message_edits.prune(tx, now=NOON + EDITABLE_TTL)
    assert await due(db, EDITABLE_TTL)
    async with db.transaction() as tx:
        await message_edits.prune(tx, now=NOON + EDITABLE_TTL + timedelta(seconds=1))
    assert not await due(db, HOUR)


async def test_a_story_that_grows_too_late_has_no_edits(db: Database) -> None:
    story_id = await sent(db, ANN)
    await grow(db, story_id, after=EDITABLE_TTL + timedelta(seconds=1))
    assert not await due(db, EDITABLE_TTL)


async def test_people_and_others_are_told_apart(db: Database) -> None:
    await grow(db, await sent(db, GROUP, kind="group"))
    assert await due(db, HOUR, is_private=False)
    assert not await due(db, HOUR, is_private=True)


async def test_a_chat_that_must_not_be_written_to_is_passed_over(db: Database) -> None:
    await grow(db, await sent(db, ANN))
    async with db.transaction() as tx:
        await turns.set_next_send(tx, [(ANN, NOON + HOUR)])
    assert not await due(db, HOUR / 2)
    async with db.transaction() as tx:
        await subscribers.pause(tx, ANN, now=NOON)
    assert not await due(db, HOUR)


async def test_what_was_edited_or_put_off_is_not_due(db: Database) -> None:
    await grow(db, await sent(db, ANN))
    found = await message_edits.due(db.reader, is_private=True, now=NOON + HOUR)
    assert found is not None
    chat_id, message = found
    assert (chat_id, message.message_id, message.content_hash, message.sent_at) == (ANN, 7, b"gist", NOON)
    async with db.transaction() as tx:
        await message_edits.postpone(tx, message.delivery_id, until=NOON + 2 * HOUR)
    assert not await due(db, HOUR)
    assert await due(db, 2 * HOUR)
    async with db.transaction() as tx:
        await message_edits.drop(tx, message.delivery_id)
    assert not await due(db, 2 * HOUR)


async def test_a_chat_that_is_forgotten_leaves_no_message_behind(db: Database) -> None:
    await grow(db, await sent(db, ANN))
    async with db.transaction() as tx:
        await subscribers.forget(tx, ANN)
        await message_edits.add(tx, [(DeliveryId(1), b"gist")], now=NOON)
    assert not await due(db, HOUR)
