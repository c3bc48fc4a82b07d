import pytest

from bot.storage.database import Database
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import publish, reading
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def choice(conversation: Conversation, ann: Person) -> ChatMessage:
    message = await conversation.say(ann, "/language")
    assert message is not None
    return message


async def test_the_choice_shows_what_is_spoken_and_what_is_read(choice: ChatMessage) -> None:
    assert labels(choice) == [
        "💬 Українська",
        "📰 Українська",
        "💬 Русский",
        "📰 Русский",
        "✅ English",
        "✅ English",
        "🗂 Topics",
        "⚙️ Settings",
    ]


async def test_the_bot_speaks_the_chosen_language_at_once(
    conversation: Conversation, ann: Person, choice: ChatMessage
) -> None:
    await conversation.press(ann, choice, "💬 Українська")
    assert conversation.shown(choice).text.startswith("Мови")
    help_ = await conversation.say(ann, "/help")
    assert help_ is not None
    assert "Що я вмію" in help_.text


async def test_from_the_languages_one_goes_on_to_the_topics(
    conversation: Conversation, ann: Person, choice: ChatMessage
) -> None:
    await conversation.press(ann, choice, "💬 Українська")
    await conversation.press(ann, conversation.shown(choice), "🗂 Теми")
    assert "🪖 Війна" in labels(conversation.shown(choice))


async def test_news_of_another_language_can_be_added_and_dropped(
    conversation: Conversation, db: Database, ann: Person, choice: ChatMessage
) -> None:
    await conversation.say(ann, "/topics war")
    await conversation.press(ann, choice, "📰 Українська")
    await publish(db, "Міст відкрито", made=reading(language="uk"))
    await conversation.settle()
    await conversation.press(ann, choice, "read:uk:0")
    await publish(db, "Міст закрито", made=reading(language="uk"))
    await conversation.settle()
    texts = "\n".join(conversation.texts(ann))
    assert "Міст відкрито" in texts
    assert "Міст закрито" not in texts


async def test_the_last_language_of_the_news_stays(
    conversation: Conversation, ann: Person, choice: ChatMessage
) -> None:
    toast = await conversation.press(ann, choice, "read:en:0")
    assert toast == "The news must come in at least one language."


@pytest.mark.parametrize("data", ["speak:xx", "read:xx:1", "read:en", "speak", "nonsense", ""])
async def test_forged_callback_data_is_answered_and_changes_nothing(
    conversation: Conversation, ann: Person, choice: ChatMessage, data: str
) -> None:
    before = labels(choice)
    relabel(choice, data or "-")
    toast = await conversation.press(ann, choice, data or "-")
    assert toast == "This keyboard is an old one. /start gives you a new one."
    assert labels(conversation.shown(choice)) == before
