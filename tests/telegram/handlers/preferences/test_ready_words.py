import pytest

from bot.model import Language, TopicSlug
from bot.storage.database import Database
from tests.support.builders import publish, reading
from tests.telegram.conftest import Conversation, labels, relabel

SPORTS = TopicSlug("sports")


@pytest.mark.parametrize(
    ("language", "typed", "label", "title"),
    [
        ("uk", "Харків", "📍 Харків", "Пожежа в Харкові"),
        ("ru", "Одесса", "📍 Одесса", "Пожар в Одессе"),
        ("en", "Lviv", "📍 Lviv", "Fire in Lviv"),
    ],
)
async def test_a_place_that_is_typed_is_offered_and_its_stories_come(
    conversation: Conversation, db: Database, language: Language, typed: str, label: str, title: str
) -> None:
    person = conversation.telegram.person("Bo", language=language)
    answer = await conversation.say(person, f"/topics {typed}")
    assert answer is not None
    assert labels(answer)[0] == label
    await conversation.press(person, answer, label)
    assert f"✅ {label}" in labels(conversation.shown(answer))
    await publish(db, "Elsewhere", made=reading(language=language, topic=SPORTS))
    await publish(db, title, made=reading(language=language, topic=SPORTS))
    await conversation.settle()
    assert [title in text for text in conversation.texts(person)][-1]
    assert not any("Elsewhere" in text for text in conversation.texts(person))
    await conversation.press(person, conversation.shown(answer), f"✅ {label}")
    assert label in labels(conversation.shown(answer))


async def test_what_is_muted_by_one_tap_does_not_come_and_is_counted(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    await conversation.say(ann, "/topics sports")
    await publish(db, "Bitcoin falls", made=reading(topic=SPORTS))
    await conversation.settle()
    words = await conversation.say(ann, "/mute")
    assert words is not None
    await conversation.press(ann, words, "🔕 Mute by one tap")
    page = conversation.shown(words)
    assert "🪙 Crypto · 1" in labels(page)
    assert "👑 Royal families · 0" in labels(page)
    await conversation.press(ann, page, "🪙 Crypto · 1")
    assert "✅ 🪙 Crypto · 1" in labels(conversation.shown(page))
    await publish(db, "Ethereum falls too", made=reading(topic=SPORTS))
    await conversation.settle()
    assert not any("Ethereum" in text for text in conversation.texts(ann))
    again = await conversation.say(ann, "/unmute 🪙 Crypto")
    assert again is not None
    assert again.text.startswith("➖ Removed: “🪙 Crypto”")


async def test_places_are_turned_over_page_by_page(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    await conversation.say(ann, "/topics war")
    page = await conversation.say(ann, "/topics")
    assert page is not None
    await conversation.press(ann, page, "📍 Places")
    assert "I am no siren" in conversation.shown(page).text
    assert labels(conversation.shown(page))[0] == "📍 Kyiv"
    await conversation.press(ann, conversation.shown(page), "▶️")
    assert labels(conversation.shown(page))[0] != "📍 Kyiv"


async def test_an_old_button_of_a_list_that_is_gone_says_so(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    page = await conversation.say(ann, "/topics Lviv")
    assert page is not None
    relabel(page, "ready:atlantis:1:0")
    assert await conversation.press(ann, page, "📍 Lviv")
