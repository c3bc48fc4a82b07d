from typing import Any

import pytest

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import absences, subscribers
from bot_playground.state.chats import Chat, MemberStatus, Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.builders import WAR, publish, reading
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="uk")
    await conversation.say(person, "/topics war")
    return person


async def test_a_block_closes_deliveries_and_an_unblock_restores_the_settings(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.block(ann)
    await conversation.settle()
    await publish(db, "Meanwhile", now=conversation.clock())
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(ann.id), "en", wanted=True)
    conversation.telegram.block(ann, blocked=False)
    await conversation.settle()
    await publish(db, "Back", now=conversation.clock())
    await conversation.settle()
    texts = conversation.texts(ann)
    assert texts[-1].startswith("Back")
    assert sum("Meanwhile" in text for text in texts) == 1, "what was missed is told at the return"
    known = await subscribers.find(db.reader, ChatId(ann.id))
    assert known is not None
    assert known.topics == {WAR}


async def test_a_group_that_adds_the_bot_is_greeted_with_the_topics(
    conversation: Conversation, ann: Person
) -> None:
    group = conversation.telegram.group("Друзі", admins=[ann])
    await conversation.settle()
    message = conversation.last(group)
    assert message is not None
    assert "Вітаю!" in message.text
    await conversation.press(ann, message, "🪖 Війна")
    assert "✅ Війна" in labels(conversation.shown(message))


@pytest.mark.parametrize("kind", ["group", "supergroup"])
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
async def test_a_link_that_adds_the_bot_to_a_group_greets_it_once(
    conversation: Conversation, kind: str, language: str
) -> None:
    ann = conversation.telegram.person("Ann", language=language)
    group = getattr(conversation.telegram, kind)("Town", admins=[ann])
    conversation.telegram.say(ann, "/start@readalso_bot true", chat=group)
    await conversation.settle()
    assert len(conversation.texts(group)) == 1
    conversation.clock.advance(seconds=120)
    await conversation.say(ann, "/start", chat=group)
    assert len(conversation.texts(group)) == 2


async def test_a_member_who_is_no_admin_changes_nothing_and_learns_why(
    conversation: Conversation, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="uk")
    group = conversation.telegram.group("Друзі", admins=[ann], members=[bob])
    await conversation.settle()
    message = conversation.last(group)
    assert message is not None
    toast = await conversation.press(bob, message, "🪖 Війна")
    assert toast == "Це можуть змінювати лише адміністратори чату."
    assert "🪖 Війна" in labels(conversation.shown(message))
    assert await conversation.say(bob, "/topics спорт", chat=group) is message


async def test_an_admin_subscribes_a_group_and_the_group_gets_the_news(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    group = conversation.telegram.group("Друзі", admins=[ann])
    await conversation.say(ann, "/language", chat=group)
    await conversation.say(ann, "/topics війна", chat=group)
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(group.id), "en", wanted=True)
    await publish(db, "Bridge opens")
    await conversation.settle()
    assert conversation.texts(group)[-1].startswith("Bridge opens")


async def test_commands_posted_in_a_channel_are_answered_in_its_language(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("News", admins=[ann])
    await conversation.say(ann, "/topics war", chat=channel)
    await publish(db, "Міст відкрито", made=reading(language="uk"))
    await conversation.settle()
    assert conversation.texts(channel)[-1].startswith("Міст відкрито")


async def test_a_group_that_becomes_a_supergroup_keeps_its_subscription(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    group = conversation.telegram.group("Друзі", admins=[ann])
    await conversation.say(ann, "/topics війна", chat=group)
    supergroup = conversation.telegram.migrate(group)
    await conversation.settle()
    known = await subscribers.find(db.reader, ChatId(supergroup.id))
    assert known is not None
    assert known.topics == {WAR}
    assert await subscribers.find(db.reader, ChatId(group.id)) is None


async def test_a_group_that_removes_the_bot_has_no_pending_deliveries(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    group = conversation.telegram.group("Друзі", admins=[ann])
    await conversation.say(ann, "/topics війна", chat=group)
    conversation.telegram.set_bot_status(group, "kicked", by=ann)
    await conversation.settle()
    rows = await db.reader.execute_fetchall(
        "SELECT gone_at IS NOT NULL FROM subscribers WHERE chat_id = ?", (group.id,)
    )
    assert [row[0] for row in rows] == [1]


async def test_a_chat_whose_rights_are_restored_is_not_greeted(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("News", admins=[ann])
    await conversation.say(ann, "/topics війна", chat=channel)
    await conversation.settle()
    said = len(conversation.texts(channel))
    async with db.transaction() as tx:
        await absences.mark_gone(tx, ChatId(channel.id), now=conversation.clock())
    conversation.telegram.set_bot_status(channel, "member", by=ann)
    conversation.telegram.set_bot_status(channel, "administrator", by=ann)
    await conversation.settle()
    rows = await db.reader.execute_fetchall(
        "SELECT gone_at FROM subscribers WHERE chat_id = ?", (channel.id,)
    )
    assert [row[0] for row in rows] == [None]
    assert len(conversation.texts(channel)) == said


async def test_where_admins_are_hidden_a_press_is_answered_and_changes_nothing(
    conversation: Conversation, ann: Person
) -> None:
    group = conversation.telegram.group("Друзі", admins=[ann])
    await conversation.settle()
    message = conversation.last(group)
    assert message is not None
    refusal = "Bad Request: CHAT_ADMIN_REQUIRED"
    conversation.telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, method="getChatMember", description=refusal)
    )
    toast = await conversation.press(ann, message, "🪖 Війна")
    assert toast == "Це можуть змінювати лише адміністратори чату."
    assert "🪖 Війна" in labels(conversation.shown(message))


@pytest.mark.parametrize("standing", ["left", "kicked", "restricted"])
async def test_a_group_that_mutes_the_bot_has_no_deliveries_until_it_may_write(
    conversation: Conversation, db: Database, ann: Person, standing: MemberStatus
) -> None:
    group = conversation.telegram.supergroup("Друзі", admins=[ann])
    await conversation.say(ann, "/language", chat=group)
    await conversation.say(ann, "/topics війна", chat=group)
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(group.id), "en", wanted=True)
    said = len(conversation.texts(group))
    conversation.telegram.set_bot_status(group, standing, by=ann, is_muted=standing == "restricted")
    await conversation.settle()
    await publish(db, "Meanwhile", now=conversation.clock())
    await conversation.settle()
    assert len(conversation.texts(group)) == said
    conversation.telegram.set_bot_status(group, "member", by=ann)
    await conversation.settle()
    await publish(db, "Back", now=conversation.clock())
    await conversation.settle()
    back = conversation.texts(group)[said:]
    assert back[-1].startswith("Back")
    # Only an invitation is answered with a greeting, and what was chosen is chosen still.
    assert len(back) == (1 if standing == "restricted" else 2)
    assert not any("Meanwhile" in text for text in back)


async def test_a_channel_has_no_deliveries_until_the_bot_may_post(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("News", admins=[ann])
    await conversation.say(ann, "/topics war", chat=channel)
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(channel.id), "en", wanted=True)
    conversation.telegram.set_bot_status(channel, "administrator", by=ann, is_muted=True)
    await conversation.settle()
    assert await publish(db, "Meanwhile", now=conversation.clock())
    conversation.telegram.set_bot_status(channel, "administrator", by=ann)
    await conversation.settle()
    await publish(db, "Back", now=conversation.clock())
    await conversation.settle()
    assert conversation.texts(channel)[-1].startswith("Back")
    assert not any("Meanwhile" in text for text in conversation.texts(channel))


async def test_a_promotion_in_a_group_is_not_answered(
    conversation: Conversation, ann: Person
) -> None:
    group = conversation.telegram.group("Друзі", admins=[ann])
    await conversation.settle()
    said = conversation.texts(group)
    conversation.telegram.set_bot_status(group, "administrator", by=ann)
    conversation.telegram.set_bot_status(group, "member", by=ann)
    await conversation.settle()
    assert conversation.texts(group) == said


@pytest.mark.parametrize(
    ("addressed", "is_ours"),
    [("/topics@ReadAlso_bot війна", True), ("/topics@other_bot війна", False)],
)
@pytest.mark.parametrize("standing", ["member", "administrator"])
async def test_a_command_is_answered_by_the_bot_that_it_is_addressed_to(
    conversation: Conversation, ann: Person, addressed: str, is_ours: bool, standing: MemberStatus
) -> None:
    group = conversation.telegram.group("Друзі", admins=[ann], bot=standing)
    channel = conversation.telegram.channel("News", admins=[ann])
    await conversation.settle()
    for chat in (group, channel):
        said = len(conversation.texts(chat))
        await conversation.say(ann, addressed, chat=chat)
        assert len(conversation.texts(chat)) == said + is_ours


async def test_messages_in_a_group_are_not_answered(
    conversation: Conversation, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="uk")
    group = conversation.telegram.group("Друзі", admins=[ann], members=[bob], bot="administrator")
    await conversation.settle()
    said = conversation.texts(group)
    for text in ("Добрий день!", "/here", "/channel @news", "/stop", "/unknown"):
        await conversation.say(bob, text, chat=group)
    await conversation.say(ann, "Добрий день!", chat=group)
    assert conversation.texts(group) == said


async def test_an_admin_who_presses_an_outdated_button_is_not_refused(
    conversation: Conversation, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    group = conversation.telegram.group("Друзі", admins=[ann], members=[bob])
    await conversation.settle()
    message = conversation.last(group)
    assert message is not None
    relabel(message, "retired")
    assert "застаріли" in await conversation.press(ann, message, "retired")
    assert "адміністратори" in await conversation.press(bob, message, "retired")


def membership_update(chat: Chat, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the least that tells of a new standing of the bot in a group."""
    return {
        "chat": {"id": chat.id, "type": chat.type},
        "old_chat_member": old,
        "new_chat_member": new,
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"status": "restricted", "is_member": True, "can_send_messages": False},
            {"status": "member"},
        ),
        ({"status": "restricted"}, {"status": "restricted", "can_send_messages": True}),
        ({"status": "restricted"}, {"status": "restricted"}),
        ({"status": "member"}, {"status": "administrator"}),
        ({"status": "kicked"}, {"status": "member"}),
        ({"status": "hologram"}, {"status": "hologram"}),
        ({}, {"status": "member"}),
    ],
)
async def test_a_group_that_lets_the_bot_write_again_gets_news_whatever_else_is_left_out(
    conversation: Conversation,
    db: Database,
    ann: Person,
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    group = await muted_group(conversation, db, ann)
    conversation.telegram.world.chats.chats[group.id].muted.clear()
    conversation.telegram.world.updates.add("my_chat_member", membership_update(group, old, new))
    await conversation.settle()
    await publish(db, "Bridge opens")
    await conversation.settle()
    assert conversation.texts(group)[-1].startswith("Bridge opens")


@pytest.mark.parametrize(
    "new",
    [
        {"status": "left"},
        {"status": "kicked", "until_date": "hologram"},
        {"status": "restricted", "is_member": True, "can_send_messages": False},
        {"status": "restricted", "is_member": False},
    ],
)
async def test_a_group_that_lets_the_bot_write_no_more_is_gone_whatever_else_is_left_out(
    conversation: Conversation, db: Database, ann: Person, new: dict[str, Any]
) -> None:
    group = conversation.telegram.supergroup("Друзі", admins=[ann])
    await conversation.say(ann, "/topics війна", chat=group)
    update = membership_update(group, {"status": "member"}, new)
    conversation.telegram.world.updates.add("my_chat_member", update)
    await conversation.settle()
    assert await is_gone(db, group)


async def test_a_channel_is_subscribed_even_if_telegram_leaves_out_who_promoted_the_bot(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("News", admins=[ann], bot="member")
    new = {"status": "administrator", "can_post_messages": True}
    update = membership_update(channel, {"status": "member"}, new)
    conversation.telegram.world.updates.add("my_chat_member", update)
    await conversation.settle()
    assert await subscribers.find(db.reader, ChatId(channel.id)) is not None
    rows = await db.reader.execute_fetchall("SELECT 1 FROM updates WHERE problem IS NOT NULL")
    assert not list(rows)


async def muted_group(conversation: Conversation, db: Database, ann: Person) -> Chat:
    """Return a group that reads English news and has muted the bot."""
    group = conversation.telegram.supergroup("Друзі", admins=[ann])
    await conversation.say(ann, "/topics війна", chat=group)
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(group.id), "en", wanted=True)
    conversation.telegram.set_bot_status(group, "restricted", is_muted=True)
    await conversation.settle()
    assert await is_gone(db, group)
    return group


async def is_gone(db: Database, chat: Chat) -> bool:
    rows = await db.reader.execute_fetchall(
        "SELECT gone_at IS NOT NULL FROM subscribers WHERE chat_id = ?", (chat.id,)
    )
    return [row[0] for row in rows] == [1]
