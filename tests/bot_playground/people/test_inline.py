from typing import Any

import pytest

from bot_playground.bot_api.errors import BotApiError, Json
from bot_playground.people import actions
from bot_playground.people.inline import (
    choose_inline_result,
    parse_inline_answer,
    send_inline_query,
)
from bot_playground.people.messages import ActionError
from bot_playground.state.chats import ChatType, Person
from bot_playground.state.inline import InlineQuery
from bot_playground.state.world import World
from tests.support.bot_api_client import ask
from tests.support.fakes import FakeClock

TEXT = {"message_text": "<b>Bridge</b>", "parse_mode": "HTML"}
RESULT: dict[str, object] = {
    "type": "article",
    "id": "1",
    "title": "Bridge opens",
    "input_message_content": {"message_text": "The bridge is open."},
}


def typed(world: World, ann: Person, words: str = "bridge") -> InlineQuery:
    return send_inline_query(world, ann, world.chats.chats[ann.id], words)


async def answer(world: World, query: InlineQuery, **more: object) -> None:
    more = {"results": [RESULT], **more}
    assert await ask(world, "answerInlineQuery", inline_query_id=query.id, **more) is True


async def test_an_inline_query_is_an_update_and_its_result_is_sent_via_the_bot(
    world: World, ann: Person
) -> None:
    query = typed(world, ann, " bridge ")
    (update,) = world.updates.pending
    assert update["inline_query"] == {
        "id": query.id,
        "from": ann.user(),
        "query": "bridge",
        "offset": "",
        "chat_type": "sender",
    }
    await answer(world, query)
    message = choose_inline_result(world, ann, query, "1")
    assert message.text == "The bridge is open."
    assert message.body["via_bot"] == world.bot.user()
    assert message.sender_id == ann.id
    assert [next(reversed(it)) for it in world.updates.pending] == ["inline_query", "message"]


@pytest.mark.parametrize("type_", ["group", "channel"])
async def test_in_a_chat_without_the_bot_it_gets_the_query_and_not_the_message(
    world: World, ann: Person, type_: ChatType
) -> None:
    chat = actions.create_chat(world, type_, "Friends", admins=(ann,))
    query = send_inline_query(world, ann, chat, "bridge", offset="50")
    (update,) = world.updates.pending
    inline_query = update["inline_query"]
    assert isinstance(inline_query, dict)
    assert (inline_query["chat_type"], inline_query["offset"]) == (type_, "50")
    await answer(world, query)
    choose_inline_result(world, ann, query, "1")
    assert len(world.updates.pending) == 1


async def test_in_a_group_the_bot_sees_what_is_sent_via_it(world: World, ann: Person) -> None:
    group = actions.create_chat(world, "group", "Friends", admins=(ann,))
    actions.set_bot_status(world, group, "member")
    query = send_inline_query(world, ann, group, "bridge")
    await answer(world, query)
    message = choose_inline_result(world, ann, query, "1")
    assert world.updates.pending[-1]["message"] == message.body


async def test_a_query_is_answered_once_and_soon(
    world: World, ann: Person, clock: FakeClock
) -> None:
    query = typed(world, ann)
    await answer(world, query)
    late = typed(world, ann, "port")
    clock.advance(seconds=11)
    for identifier in (query.id, late.id, "none"):
        with pytest.raises(BotApiError, match="query is too old"):
            await ask(world, "answerInlineQuery", inline_query_id=identifier, results=[])


async def test_a_query_with_a_cached_answer_is_no_update(
    world: World, ann: Person, clock: FakeClock
) -> None:
    query = typed(world, ann)
    await answer(world, query, cache_time=60, is_personal=True)
    again = typed(world, ann)
    assert again.answer == query.answer
    assert len(world.updates.pending) == 1
    clock.advance(seconds=60)
    assert typed(world, ann).answer is None
    assert len(world.updates.pending) == 2


async def test_only_a_result_offered_to_the_person_can_be_chosen(world: World, ann: Person) -> None:
    bob = world.chats.add_person("Bob")
    query = typed(world, ann)
    with pytest.raises(ActionError, match="no such result"):
        choose_inline_result(world, ann, query, "1")
    await answer(world, query)
    for person, result in ((ann, "2"), (bob, "1")):
        with pytest.raises(ActionError, match="no such result"):
            choose_inline_result(world, person, query, result)


async def test_without_inline_mode_a_query_is_refused(world: World, ann: Person) -> None:
    world.inline.is_on = False
    assert (await ask(world, "getMe"))["supports_inline_queries"] is False
    with pytest.raises(ActionError, match="no inline mode"):
        typed(world, ann)


def test_a_person_who_cannot_write_in_a_chat_cannot_send_a_query_there(
    world: World, ann: Person
) -> None:
    bob = world.chats.add_person("Bob")
    channel = actions.create_chat(world, "channel", "News", admins=(ann,), members=(bob,))
    with pytest.raises(ActionError, match="only its administrators write"):
        send_inline_query(world, bob, channel, "bridge")


def article(id_: str = "1", **more: object) -> dict[str, object]:
    return {
        "type": "article",
        "id": id_,
        "title": "Bridge opens",
        "input_message_content": TEXT,
        **more,
    }


def parsed(*results: object, **more: object) -> Any:
    return parse_inline_answer({"results": list(results), **more})


def test_an_article_is_shown_with_the_message_that_it_sends() -> None:
    preview = {"url": "https://a.example/", "prefer_small_media": True}
    markup = {"inline_keyboard": [[{"text": "Read", "url": "https://a.example/"}]]}
    content = {**TEXT, "link_preview_options": preview}
    answer = parsed(article(description="2 h", input_message_content=content, reply_markup=markup))
    (result,) = answer["results"]
    assert (result["title"], result["description"]) == ("Bridge opens", "2 h")
    message = result["message"]
    assert message["text"] == "Bridge"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 6}]
    assert (message["link_preview_options"], message["reply_markup"]) == (preview, markup)


def test_there_may_be_no_results_and_a_button_above() -> None:
    button = {"text": "Open the bot", "start_parameter": "inline"}
    assert parsed(button=button, next_offset="50") == {
        "results": [],
        "next_offset": "50",
        "button": button,
    }
    assert parsed()["button"] is None


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"results": [article(str(n)) for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("")]}, "RESULT_ID_INVALID"),
        ({"results": [article("ї" * 33)]}, "RESULT_ID_INVALID"),
        ({"results": [article(title=" ")]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [{"type": "article", "id": "1", "title": "x"}]}, "message_text"),
        ({"results": [article(input_message_content={"message_text": ""})]}, "text is empty"),
        ({"results": [article(input_message_content={"text": "x"})]}, 'unknown field "text"'),
        ({"results": [article(subtitle="x")]}, 'unknown field "subtitle"'),
        ({"results": [{"type": "photo", "id": "1"}]}, "plays articles only"),
        ({"results": ["x"]}, "plays articles only"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": ""}}, "BUTTON_TEXT_INVALID"),
        ({"results": [], "button": {"text": "x"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "x", "start_parameter": "ї"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "x", "web_app": {}}}, "no web apps"),
    ],
)
def test_what_telegram_does_not_take_is_refused(parameters: Json, refusal: str) -> None:
    with pytest.raises(BotApiError) as caught:
        parse_inline_answer(parameters)
    assert refusal in caught.value.description
