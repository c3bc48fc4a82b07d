import pytest

from bot_playground.bot_api.errors import RefusalError
from bot_playground.people import actions, inline_deeds
from bot_playground.people.messages import ActionError
from bot_playground.state.chats import ChatType, Person
from bot_playground.state.inline import Query
from bot_playground.state.world import World
from tests.support.bot_api_client import ask
from tests.support.fakes import FakeClock

RESULT: dict[str, object] = {
    "type": "article",
    "id": "1",
    "title": "Bridge opens",
    "input_message_content": {"message_text": "The bridge is open."},
}


def asked(world: World, ann: Person, words: str = "bridge") -> Query:
    return inline_deeds.ask(world, ann, world.chats.chats[ann.id], words)


async def answer(world: World, query: Query, **more: object) -> None:
    more = {"results": [RESULT], **more}
    assert await ask(world, "answerInlineQuery", inline_query_id=query.id, **more) is True


async def test_a_query_is_told_and_its_result_is_sent_via_the_bot(
    world: World, ann: Person
) -> None:
    query = asked(world, ann, " bridge ")
    (update,) = world.updates.waiting
    assert update["inline_query"] == {
        "id": query.id,
        "from": ann.user(),
        "query": "bridge",
        "offset": "",
        "chat_type": "sender",
    }
    await answer(world, query)
    message = inline_deeds.choose(world, ann, query, "1")
    assert message.text == "The bridge is open."
    assert message.body["via_bot"] == world.bot.user()
    assert message.sender_id == ann.id
    assert [next(reversed(it)) for it in world.updates.waiting] == ["inline_query", "message"]


@pytest.mark.parametrize("type_", ["group", "channel"])
async def test_where_the_bot_is_not_it_is_asked_as_well_and_sees_no_message(
    world: World, ann: Person, type_: ChatType
) -> None:
    chat = actions.found(world, type_, "Friends", admins=(ann,))
    query = inline_deeds.ask(world, ann, chat, "bridge", offset="50")
    (update,) = world.updates.waiting
    inline_query = update["inline_query"]
    assert isinstance(inline_query, dict)
    assert (inline_query["chat_type"], inline_query["offset"]) == (type_, "50")
    await answer(world, query)
    inline_deeds.choose(world, ann, query, "1")
    assert len(world.updates.waiting) == 1


async def test_in_a_group_the_bot_sees_what_is_sent_via_it(world: World, ann: Person) -> None:
    group = actions.found(world, "group", "Friends", admins=(ann,))
    actions.set_standing(world, group, "member")
    query = inline_deeds.ask(world, ann, group, "bridge")
    await answer(world, query)
    message = inline_deeds.choose(world, ann, query, "1")
    assert world.updates.waiting[-1]["message"] == message.body


async def test_a_query_is_answered_once_and_soon(
    world: World, ann: Person, clock: FakeClock
) -> None:
    query = asked(world, ann)
    await answer(world, query)
    late = asked(world, ann, "port")
    clock.advance(seconds=11)
    for identifier in (query.id, late.id, "none"):
        with pytest.raises(RefusalError, match="query is too old"):
            await ask(world, "answerInlineQuery", inline_query_id=identifier, results=[])


async def test_while_its_answer_is_remembered_the_bot_is_not_asked_again(
    world: World, ann: Person, clock: FakeClock
) -> None:
    query = asked(world, ann)
    await answer(world, query, cache_time=60, is_personal=True)
    again = asked(world, ann)
    assert again.answer == query.answer
    assert len(world.updates.waiting) == 1
    clock.advance(seconds=60)
    assert asked(world, ann).answer is None
    assert len(world.updates.waiting) == 2


async def test_only_what_was_offered_to_oneself_can_be_sent(world: World, ann: Person) -> None:
    bob = world.chats.add_person("Bob")
    query = asked(world, ann)
    with pytest.raises(ActionError, match="no such result"):
        inline_deeds.choose(world, ann, query, "1")
    await answer(world, query)
    for person, result in ((ann, "2"), (bob, "1")):
        with pytest.raises(ActionError, match="no such result"):
            inline_deeds.choose(world, person, query, result)


async def test_without_inline_mode_nobody_is_asked(world: World, ann: Person) -> None:
    world.inline.is_on = False
    assert (await ask(world, "getMe"))["supports_inline_queries"] is False
    with pytest.raises(ActionError, match="no inline mode"):
        asked(world, ann)


def test_who_cannot_write_somewhere_cannot_ask_there(world: World, ann: Person) -> None:
    bob = world.chats.add_person("Bob")
    channel = actions.found(world, "channel", "News", admins=(ann,), members=(bob,))
    with pytest.raises(ActionError, match="only its administrators write"):
        inline_deeds.ask(world, bob, channel, "bridge")
