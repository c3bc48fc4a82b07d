import pytest

from bot.i18n import speak
from bot.storage.database import Database
from bot.telegram.handlers.preferences.topics import change_lines
from bot.topics import Topics
from bot.typed.topic_changes import choose
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import TOPICS
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def keyboard(conversation: Conversation, ann: Person) -> ChatMessage:
    message = await conversation.say(ann, "/start")
    assert message is not None
    return message


async def test_a_press_checks_a_topic_and_another_unchecks_it(
    conversation: Conversation, ann: Person, keyboard: ChatMessage
) -> None:
    assert await conversation.press(ann, keyboard, "🪖 War") == "✅ War"
    assert "Your topics: War." in conversation.shown(keyboard).text
    assert await conversation.press(ann, keyboard, "✅ War") == "➖ War"
    assert "🪖 War" in labels(conversation.shown(keyboard))
    assert "Your topics" not in conversation.shown(keyboard).text


async def test_before_any_news_the_reader_is_told_to_expect_some(
    conversation: Conversation, ann: Person, keyboard: ChatMessage
) -> None:
    await conversation.press(ann, keyboard, "🪖 War")
    await conversation.press(ann, keyboard, "📰 Show me the news")
    assert "I will write as soon as there is news." in conversation.shown(keyboard).text


async def test_without_a_topic_no_news_is_shown(
    conversation: Conversation, ann: Person, keyboard: ChatMessage
) -> None:
    toast = await conversation.press(ann, keyboard, "📰 Show me the news")
    assert toast == "Choose at least one topic first."


@pytest.mark.parametrize(
    ("words", "followed"),
    [
        ("world war", "War, World"),
        ("WAR", "War"),
        ("спорт", "Sport"),
        ("війна і наука", "War, Science"),
        ("про войну", "War"),
    ],
)
async def test_topics_can_be_chosen_by_words_in_any_language(
    conversation: Conversation, ann: Person, words: str, followed: str
) -> None:
    message = await conversation.say(ann, f"/topics {words}")
    assert message is not None
    assert f"Your topics: {followed}." in message.text


async def test_words_add_to_what_was_chosen(conversation: Conversation, ann: Person) -> None:
    await conversation.say(ann, "/topics war")
    message = await conversation.say(ann, "/topics sport")
    assert message is not None
    assert "Your topics: War, Sport." in message.text


async def test_an_unknown_topic_is_quoted_and_the_choice_offered(
    conversation: Conversation, ann: Person
) -> None:
    message = await conversation.say(ann, "/topics <b>cooking</b>")
    assert message is not None
    assert "I know no topic called “" in message.text
    assert "cooking" in message.text
    assert "🪖 War" in labels(message)


async def test_a_keyboard_from_before_a_stop_is_answered_as_outdated(
    conversation: Conversation, db: Database, ann: Person, keyboard: ChatMessage
) -> None:
    question = await conversation.say(ann, "/stop")
    assert question is not None
    await conversation.press(ann, question, "🗑 Delete everything")
    for button in ("🪖 War", "📰 Show me the news"):
        toast = await conversation.press(ann, keyboard, button)
        assert toast == "These buttons are out of date. /start gives you new ones."
    assert not list(await db.reader.execute_fetchall("SELECT * FROM subscribers"))


async def test_a_removed_topic_is_answered_as_outdated(
    conversation: Conversation, ann: Person, keyboard: ChatMessage
) -> None:
    relabel(keyboard, "topic:astrology:1")
    toast = await conversation.press(ann, keyboard, "topic:astrology:1")
    assert toast.startswith("These buttons are out of date.")


async def test_a_press_repeated_changes_nothing_and_is_answered(
    conversation: Conversation, ann: Person, keyboard: ChatMessage
) -> None:
    first = conversation.telegram.press(ann, keyboard, "🪖 War")
    second = conversation.telegram.press(ann, keyboard, "🪖 War")
    await conversation.settle()
    assert conversation.telegram.callback_answer(first)
    assert conversation.telegram.callback_answer(second)
    assert "✅ War" in labels(conversation.shown(keyboard))


@pytest.mark.parametrize("command", ["/topics", "/latest"])
async def test_a_very_long_unknown_topic_is_quoted_cut(
    conversation: Conversation, ann: Person, command: str
) -> None:
    words = " ".join(f"astrology{number}" for number in range(330))
    message = await conversation.say(ann, f"{command} {words[:4000]}")
    assert message is not None
    assert "astrology0 astrology1" in message.text
    assert "…”" in message.text


@pytest.mark.parametrize(
    ("before", "text", "after", "line"),
    [
        ("спорт, війна", "-спорт", "war", "➖ Removed: Sport"),
        ("війна", "-спорт", "war", ""),
        ("війна", "світ без війни", "world", "✅ Added: World\n\n➖ Removed: War"),
        ("", "крім спорту", "war world", "✅ Added: War"),
        ("війна", "усі, кроме спорта", "war world", "✅ Added: World"),
        ("", "all", "war world sports", "✅ Added:"),
        ("спорт, війна", "-усі", "", "➖ Removed: War, Sport"),
        ("", "#спорт", "sports", "✅ Added: Sport"),
    ],
)
def test_a_text_adds_and_removes_topics_and_says_so(
    before: str, text: str, after: str, line: str
) -> None:
    few = Topics(topic for topic in TOPICS if topic.slug in ("war", "world", "sports"))
    chosen = few.find(before).slugs
    changes = choose(text, few, chosen)
    assert {*chosen, *changes.added} - {*changes.removed} == set(after.split())
    assert "\n\n".join(change_lines(changes, few, speak("en"))).startswith(line)


async def test_a_misspelt_topic_gets_the_one_that_may_be_meant_as_a_button(
    conversation: Conversation,
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    message = await conversation.say(ann, "/topics спорд, -війта, xyzzy")
    assert message is not None
    assert "“спорд xyzzy війта”. Did you mean this?" in message.text
    assert labels(message)[:2] == ["➕ Sport?", "➖ War?"]
    await conversation.press(ann, message, "➕ Sport?")
    assert "Your topics: Sport" in conversation.shown(message).text
