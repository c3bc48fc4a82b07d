import pytest

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
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
        "💬 Bot language",
        "Українська",
        "Русский",
        "✅ English",
        "📰 News languages",
        "Українська",
        "Русский",
        "✅ English",
        "🗂 Topics",
        "↩️ Back",
    ]


@pytest.mark.parametrize(
    ("data", "offer"),
    [
        ("speak:uk", "➕ Новини й цією мовою: Українська"),
        ("speak:ru", "➕ Новости и на этом языке: Русский"),
        ("speak:en", "➕ News in this language too: English"),
    ],
)
async def test_the_bots_language_leaves_the_news_as_it_is_and_offers_to_add_it(
    conversation: Conversation, db: Database, data: str, offer: str
) -> None:
    language = data.partition(":")[2]
    reader = conversation.telegram.person("Ann", language="ru" if language == "uk" else "uk")
    page = await conversation.say(reader, "/language")
    assert page is not None
    before = await subscribers.find(db.reader, ChatId(reader.id))
    assert before is not None
    await conversation.press(reader, page, data)
    after = await subscribers.find(db.reader, ChatId(reader.id))
    assert after is not None
    assert (after.language, after.news_languages) == (language, before.news_languages)
    await conversation.press(reader, conversation.shown(page), offer)
    added = await subscribers.find(db.reader, ChatId(reader.id))
    assert added is not None
    assert added.news_languages == {language, *before.news_languages}
    assert offer not in labels(conversation.shown(page))


async def test_the_bot_speaks_the_chosen_language_at_once(
    conversation: Conversation, ann: Person, choice: ChatMessage
) -> None:
    await conversation.press(ann, choice, "speak:uk")
    assert conversation.shown(choice).text.startswith("Мови")
    help_ = await conversation.say(ann, "/help")
    assert help_ is not None
    assert "Що я вмію" in help_.text


async def test_from_the_languages_one_goes_on_to_the_topics(
    conversation: Conversation, ann: Person, choice: ChatMessage
) -> None:
    await conversation.press(ann, choice, "speak:uk")
    await conversation.press(ann, conversation.shown(choice), "🗂 Теми")
    assert "🪖 Війна" in labels(conversation.shown(choice))


async def test_news_of_another_language_can_be_added_and_dropped(
    conversation: Conversation, db: Database, ann: Person, choice: ChatMessage
) -> None:
    await conversation.say(ann, "/topics war")
    await conversation.press(ann, choice, "read:uk:1")
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
    assert toast == "Keep at least one news language."


@pytest.mark.parametrize("data", ["speak:xx", "read:xx:1", "read:en", "speak", "nonsense", ""])
async def test_forged_callback_data_is_answered_and_changes_nothing(
    conversation: Conversation, ann: Person, choice: ChatMessage, data: str
) -> None:
    before = labels(choice)
    relabel(choice, data or "-")
    toast = await conversation.press(ann, choice, data or "-")
    assert toast == "These buttons are out of date. /start gives you new ones."
    assert labels(conversation.shown(choice)) == before
