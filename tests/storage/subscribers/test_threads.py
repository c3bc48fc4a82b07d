import pytest

from bot.model import ChatId, ThreadBinding, ThreadId
from bot.storage.database import Database
from bot.storage.subscribers import subscribers, threads
from tests.support.builders import SCIENCE, SPORT, WAR, subscribe

FIVE, SIX = ThreadId(5), ThreadId(6)


@pytest.fixture
async def forum(db: Database) -> ChatId:
    chat_id = await subscribe(db, -1005, WAR, SPORT, kind="group")
    async with db.transaction() as tx:
        await threads.bind(tx, chat_id, [WAR, SPORT], FIVE)
    return chat_id


async def bindings(db: Database, chat_id: ChatId) -> set[ThreadBinding]:
    found = await subscribers.find(db.reader, chat_id)
    assert found is not None
    return set(found.thread_bindings)


async def test_a_topic_has_one_thread_the_last_that_was_bound(db: Database, forum: ChatId) -> None:
    async with db.transaction() as tx:
        await threads.bind(tx, forum, [WAR, SCIENCE], SIX)
        await threads.unbind(tx, forum, [SPORT])
    assert await bindings(db, forum) == {
        ThreadBinding(topic=WAR, thread_id=SIX),
        ThreadBinding(topic=SCIENCE, thread_id=SIX),
    }


async def test_a_chat_is_notified_of_a_closed_thread_once_until_it_opens_again(
    db: Database, forum: ChatId
) -> None:
    async def states() -> set[str]:
        return {it.state for it in await bindings(db, forum)}

    async with db.transaction() as tx:
        await threads.mark_notified(tx, forum, FIVE)
    assert await states() == {"open"}
    async with db.transaction() as tx:
        await threads.close(tx, forum, FIVE)
    assert await states() == {"closed"}
    async with db.transaction() as tx:
        await threads.mark_notified(tx, forum, FIVE)
        await threads.close(tx, forum, FIVE)
    assert await states() == {"told"}
    async with db.transaction() as tx:
        await threads.reopen(tx, forum, SIX)
    assert await states() == {"told"}
    async with db.transaction() as tx:
        await threads.reopen(tx, forum)
    assert await states() == {"open"}


async def test_the_bindings_of_a_deleted_thread_are_deleted(db: Database, forum: ChatId) -> None:
    async with db.transaction() as tx:
        await threads.bind(tx, forum, [WAR], SIX)
        await threads.drop(tx, forum, FIVE)
    assert await bindings(db, forum) == {ThreadBinding(topic=WAR, thread_id=SIX)}


async def test_threads_are_moved_and_deleted_with_their_chat(db: Database, forum: ChatId) -> None:
    async with db.transaction() as tx:
        await subscribers.move(tx, forum, ChatId(-1006))
    assert len(await bindings(db, ChatId(-1006))) == 2
    async with db.transaction() as tx:
        await subscribers.forget(tx, ChatId(-1006))
    assert list(await db.reader.execute_fetchall("SELECT 1 FROM threads")) == []
