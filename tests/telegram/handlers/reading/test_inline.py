from typing import Any

import pytest

from bot.storage.database import Database
from bot.telegram.handlers.reading import inline
from bot_playground.people.inline import choose_inline_result, send_inline_query
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.faults import Fault, FaultKind
from bot_playground.state.inline import InlineQuery
from tests.support.builders import SPORT, publish, reading
from tests.telegram.conftest import Conversation


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
def friends(conversation: Conversation, ann: Person) -> Chat:
    """A group where the bot is not."""
    return conversation.telegram.group("Friends", admins=[ann], bot="left")


@pytest.fixture
async def stories(db: Database) -> None:
    await publish(db, "Bridge opens", made=reading(terms=("bridg",)))
    await publish(db, "Goal", made=reading(topic=SPORT, terms=("goal",)))
    await publish(db, "Міст відкрито", made=reading(language="uk", terms=("міст",)))


async def ask(
    conversation: Conversation,
    person: Person,
    words: str,
    *,
    chat: Chat | None = None,
    offset: str = "",
) -> InlineQuery:
    target = chat or conversation.telegram.chat(person)
    query = send_inline_query(conversation.telegram.world, person, target, words, offset=offset)
    await conversation.settle()
    return query


def results(query: InlineQuery) -> list[Any]:
    assert query.answer is not None, "nobody answered"
    found = query.answer["results"]
    assert isinstance(found, list)
    return found


def titles(query: InlineQuery) -> list[str]:
    return [result["title"] for result in results(query)]


@pytest.mark.usefixtures("stories")
async def test_words_find_stories_in_any_chat_and_the_chosen_one_is_sent_as_the_bot_sends_it(
    conversation: Conversation, ann: Person, friends: Chat
) -> None:
    query = await ask(conversation, ann, "bridges", chat=friends)
    (result,) = results(query)
    assert result["title"] == "Bridge opens"
    assert result["description"] == "The Harbour Courier · 1 minute ago"
    sent = choose_inline_result(conversation.telegram.world, ann, query, result["id"])
    assert sent.text.startswith("Bridge opens\n\nThe new bridge was opened.")
    assert sent.links
    preview: Any = sent.body["link_preview_options"]
    assert preview["url"] == sent.links[0]
    assert preview["prefer_small_media"] is True


@pytest.mark.usefixtures("stories")
async def test_without_words_the_most_covered_stories_of_the_day_are_offered(
    conversation: Conversation, ann: Person
) -> None:
    assert set(titles(await ask(conversation, ann, ""))) == {"Bridge opens", "Goal"}
    await conversation.say(ann, "/topics sport")
    conversation.clock.advance(seconds=61)
    assert titles(await ask(conversation, ann, "")) == ["Goal"]


@pytest.mark.usefixtures("stories")
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
async def test_a_stranger_gets_results_in_the_language_of_his_telegram(
    conversation: Conversation, language: str
) -> None:
    person = conversation.telegram.person("Reader", language=language)
    expected = {"uk": ["Міст відкрито"], "ru": [], "en": ["Goal", "Bridge opens"]}
    query = await ask(conversation, person, "")
    assert sorted(titles(query)) == sorted(expected[language])
    if language == "uk":
        assert results(query)[0]["description"] == "The Harbour Courier · 1 хвилину тому"


@pytest.mark.usefixtures("stories")
async def test_a_subscribers_settings_take_precedence_over_his_telegram(
    conversation: Conversation, ann: Person
) -> None:
    page = await conversation.say(ann, "/language")
    assert page is not None
    await conversation.press(ann, page, "read:uk:1")
    assert "Міст відкрито" in titles(await ask(conversation, ann, ""))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", "Нічого не знайдено. Відкрити наш чат"),
        ("ru", "Ничего не найдено. Открыть наш чат"),
        ("en", "Nothing found. Open our chat"),
    ],
)
@pytest.mark.parametrize("words", ["", "bridge", "???"])
async def test_where_nothing_is_found_a_button_leads_to_the_private_chat(
    conversation: Conversation, language: str, text: str, words: str
) -> None:
    person = conversation.telegram.person("Reader", language=language)
    query = await ask(conversation, person, words)
    assert query.answer == {
        "results": [],
        "next_offset": "",
        "button": {"text": text, "start_parameter": "inline"},
    }
    greeting = await conversation.say(person, "/start inline")
    assert greeting is not None
    assert "ReadAlso" in greeting.text


async def test_more_than_fit_come_as_one_scrolls(
    conversation: Conversation, db: Database, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inline, "MAX_RESULTS", 2)
    for number in range(5):
        await publish(db, f"Bridge {number}", made=reading(terms=("bridg",)))
    shown: list[str] = []
    offset = ""
    while True:
        query = await ask(conversation, ann, "bridge", offset=offset)
        shown += titles(query)
        assert query.answer is not None
        offset = str(query.answer["next_offset"])
        if not offset:
            break
    assert shown == [f"Bridge {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.usefixtures("stories")
@pytest.mark.parametrize("offset", ["x", "-1", "9" * 30, "50"])
async def test_beyond_the_end_there_is_nothing_and_a_forged_offset_is_the_beginning(
    conversation: Conversation, ann: Person, offset: str
) -> None:
    query = await ask(conversation, ann, "bridge", offset=offset)
    assert len(results(query)) == (1 if offset in ("x", "-1") else 0)
    assert query.answer is not None
    assert query.answer["button"] is None
    assert titles(await ask(conversation, ann, "", offset="50")) == []


@pytest.mark.usefixtures("stories")
async def test_for_a_minute_the_same_words_are_answered_by_telegram_alone(
    conversation: Conversation, ann: Person
) -> None:
    for _ in range(2):
        assert titles(await ask(conversation, ann, "bridge")) == ["Bridge opens"]
    assert len(conversation.telegram.calls("answerInlineQuery")) == 1
    (call,) = conversation.telegram.calls("answerInlineQuery")
    assert call.parameters["is_personal"] is True


async def test_an_answer_to_an_expired_query_is_ignored(
    conversation: Conversation, ann: Person
) -> None:
    world, own = conversation.telegram.world, conversation.telegram.chat(ann)
    query = send_inline_query(world, ann, own, "bridge")
    conversation.clock.advance(seconds=20)
    await conversation.settle()
    (call,) = conversation.telegram.calls("answerInlineQuery")
    assert (call.code, query.answer) == (400, None)


async def test_any_other_refusal_is_logged(
    conversation: Conversation, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    conversation.telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, method="answerInlineQuery", times=1)
    )
    assert (await ask(conversation, ann, "bridge")).answer is None
    assert "is let go" in caplog.text


@pytest.mark.usefixtures("stories")
async def test_a_story_sent_via_the_bot_to_the_bot_is_not_answered(
    conversation: Conversation, ann: Person
) -> None:
    greeting: ChatMessage | None = await conversation.say(ann, "/start")
    query = await ask(conversation, ann, "bridge")
    choose_inline_result(conversation.telegram.world, ann, query, results(query)[0]["id"])
    await conversation.settle()
    assert conversation.last(ann) == greeting


async def test_an_inline_query_is_not_stored(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await ask(conversation, ann, "bridge")
    assert list(await db.reader.execute_fetchall("SELECT 1 FROM updates")) == []
    assert list(await db.reader.execute_fetchall("SELECT 1 FROM subscribers")) == []
