from datetime import timedelta

import pytest
from aiogram import Bot

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import absences, subscribers
from bot.telegram import gone_chats as module
from bot.telegram.gone_chats import GoneChatChecker
from bot_playground.state.chats import Chat, Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.builders import WAR, publish
from tests.support.fakes import FakeClock
from tests.telegram.conftest import Conversation


@pytest.fixture
def checker(db: Database, bot: Bot, clock: FakeClock) -> GoneChatChecker:
    return GoneChatChecker(db=db, bot=bot, now=clock)


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    return person


async def blocks(conversation: Conversation, person: Person) -> None:
    """Have the person block the bot, and make sure that the bot knows."""
    conversation.telegram.block(person)
    await conversation.settle()


async def is_gone(db: Database, chat_id: int) -> bool:
    rows = await db.reader.execute_fetchall(
        "SELECT gone_at IS NOT NULL FROM subscribers WHERE chat_id = ?", (chat_id,)
    )
    return [row[0] for row in rows] == [1]


def returns_unnoticed(conversation: Conversation, person: Person) -> None:
    """Have the person unblock the bot, in an update that never comes."""
    conversation.telegram.world.chats.blocked.discard(person.id)


async def test_a_gone_chat_is_asked_after_a_day_a_week_and_a_month_and_then_no_more(
    conversation: Conversation, checker: GoneChatChecker, clock: FakeClock, ann: Person
) -> None:
    await blocks(conversation, ann)
    asked_on = []
    for day in range(100):
        while await checker.check():
            asked_on.append(day)
        clock.advance(days=1)
    assert asked_on == [1, 7, 30]


async def test_a_bot_that_was_down_for_long_asks_once_for_the_checks_it_missed(
    conversation: Conversation, checker: GoneChatChecker, clock: FakeClock, ann: Person
) -> None:
    await blocks(conversation, ann)
    for _ in range(3):
        clock.advance(days=40)
        await checker.check()
    assert len(conversation.telegram.calls("sendChatAction")) == 1


async def test_who_came_back_unnoticed_gets_news_again(
    conversation: Conversation,
    db: Database,
    checker: GoneChatChecker,
    clock: FakeClock,
    ann: Person,
) -> None:
    await blocks(conversation, ann)
    returns_unnoticed(conversation, ann)
    clock.advance(days=1)
    assert await checker.check()
    assert not await is_gone(db, ann.id)
    await publish(db, "Bridge opens")
    await conversation.settle()
    assert "Bridge opens" in conversation.texts(ann)[-1]


async def test_a_chat_that_telegram_does_not_answer_about_stays_due(
    conversation: Conversation,
    db: Database,
    checker: GoneChatChecker,
    clock: FakeClock,
    ann: Person,
) -> None:
    await blocks(conversation, ann)
    returns_unnoticed(conversation, ann)
    clock.advance(days=1)
    fault = Fault(kind=FaultKind.SERVER_ERROR, method="sendChatAction", times=1)
    conversation.telegram.inject_fault(fault)
    assert not await checker.check()
    assert await is_gone(db, ann.id)
    assert await checker.check()
    assert not await is_gone(db, ann.id)


@pytest.fixture
async def group(conversation: Conversation, db: Database, ann: Person) -> Chat:
    """Return a group that has muted the bot."""
    chat = conversation.telegram.supergroup("Friends", admins=[ann])
    await conversation.say(ann, "/topics war", chat=chat)
    conversation.telegram.set_bot_status(chat, "restricted", is_muted=True)
    await conversation.settle()
    assert await is_gone(db, chat.id)
    return chat


@pytest.mark.parametrize("is_muted", [True, False])
async def test_a_group_is_back_once_the_bot_may_write_there(
    conversation: Conversation,
    db: Database,
    checker: GoneChatChecker,
    clock: FakeClock,
    group: Chat,
    is_muted: bool,
) -> None:
    if not is_muted:
        conversation.telegram.world.chats.chats[group.id].muted.clear()
    clock.advance(days=1)
    assert await checker.check()
    assert await is_gone(db, group.id) is is_muted


async def test_a_group_that_became_a_supergroup_meanwhile_is_found(
    conversation: Conversation,
    db: Database,
    checker: GoneChatChecker,
    clock: FakeClock,
    ann: Person,
) -> None:
    group = conversation.telegram.group("Friends", admins=[ann])
    await conversation.say(ann, "/topics war", chat=group)
    async with db.transaction() as tx:
        await absences.mark_gone(tx, ChatId(group.id), now=clock())
    supergroup = conversation.telegram.migrate(group)
    conversation.telegram.world.updates.pending.clear()
    clock.advance(days=1)
    assert await checker.check()
    known = await subscribers.find(db.reader, ChatId(supergroup.id))
    assert known is not None
    assert known.topics == {WAR}
    assert not await is_gone(db, supergroup.id)


async def test_a_chat_that_was_never_gone_is_left_alone(
    conversation: Conversation, checker: GoneChatChecker, clock: FakeClock, ann: Person
) -> None:
    clock.advance(days=400)
    assert not await checker.check()


async def test_a_step_rests_after_a_check_and_longer_without_one(
    conversation: Conversation,
    checker: GoneChatChecker,
    clock: FakeClock,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CALL_PAUSE", timedelta(0))
    monkeypatch.setattr(module, "CHECK_INTERVAL", timedelta(0))
    await blocks(conversation, ann)
    clock.advance(days=1)
    assert await checker.step()
    assert await checker.step()
    assert len(conversation.telegram.calls("sendChatAction")) == 1
