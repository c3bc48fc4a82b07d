"""/settings: an overview in one message that is edited in place."""

from dataclasses import replace
from typing import Any

import pytest

from bot.i18n import speak
from bot.model import (
    LANGUAGES,
    ChatId,
    FeedId,
    Language,
    Quiet,
    Subscriber,
    Timetable,
    Visibility,
    Word,
)
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.preferences.settings import settings_text
from bot.telegram.keyboards.settings import settings_keyboard
from bot.text.phrases import parse_phrase
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import TOPICS, WAR, listed_feed
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, labels

READER = Subscriber(
    chat_id=ChatId(1),
    kind="private",
    language="en",
    news_languages=frozenset({"en"}),
    topics=frozenset(),
    paused=False,
)


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


async def answer_to(conversation: Conversation, person: Person, text: str) -> ChatMessage:
    answer = await conversation.say(person, text)
    assert answer is not None
    return answer


async def test_the_overview_shows_all_settings(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed()], now=NOON)
    page = await answer_to(conversation, ann, "/settings")
    assert page.text == (
        "Settings\n\n💬 Bot language: English\n🌐 News in: English\n🗂 No topics yet\n"
        "📨 Each story at once\n🌍 Kyiv, 14:00 now\n🔔 No words\n📰 Sources: all"
    )
    await conversation.say(ann, "/topics war sport")
    await conversation.say(ann, "/when 8:00")
    await conversation.say(ann, "/when 23-7")
    await conversation.say(ann, "/follow bridge")
    await conversation.say(ann, "/mute tram, ferry")
    sources = await answer_to(conversation, ann, "/sources")
    await conversation.press(ann, sources, "✅ The Harbour Courier")
    text = (await answer_to(conversation, ann, "/settings")).text
    assert "🗂 Topics: War, Sport" in text
    assert "🗞 One message at 08:00\n🌙 Quiet hours: 23:00–07:00" in text
    assert "🔔 Words: 1 followed, 2 muted\n📰 Sources: 1 switched off" in text


async def test_each_page_is_one_press_away_and_leads_back_in_the_same_message(
    conversation: Conversation, ann: Person
) -> None:
    page = await answer_to(conversation, ann, "/start")
    await conversation.press(ann, page, "⚙️ Settings")
    for label in labels(conversation.shown(page)):
        await conversation.press(ann, conversation.shown(page), label)
        assert "Bot language:" not in conversation.shown(page).text, label
        await conversation.press(ann, conversation.shown(page), "↩️ Back")
        assert "Bot language:" in conversation.shown(page).text, label
    assert len(conversation.texts(ann)) == 1


# What leads from page to page; all else makes a choice.
WAYS = ("settings", "topics", "languages", "when:", "words", "word:", "sources", "own")
PAGES = 15


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_within_three_presses_of_start(
    conversation: Conversation, language: Language
) -> None:
    reader = conversation.telegram.person("Ann", language=language)
    await conversation.say(reader, "/follow bridge")
    await conversation.say(reader, "/when 8:00")
    pages: dict[str, int] = {}
    seen: set[str] = set()
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        steps = waiting.pop(0)
        page = await answer_to(conversation, reader, "/start")
        for data in steps:
            query = conversation.telegram.press(reader, conversation.shown(page), _of(page, data))
            await conversation.settle()
            assert conversation.telegram.callback_answer(query) is not None
            page = conversation.shown(page)
        title = page.text.partition("\n")[0]
        if title not in pages:
            pages[title] = len(steps)
            # The same button leads to the same page from everywhere.
            new = [data for data in _leading(page) if data not in seen]
            seen.update(new)
            waiting += [(*steps, data) for data in new]
    assert (len(pages), max(pages.values())) == (PAGES, 3), pages


def _buttons(page: ChatMessage) -> list[dict[str, str]]:
    keyboard: Any = page.body["reply_markup"]
    return [button for row in keyboard["inline_keyboard"] for button in row]


def _of(page: ChatMessage, data: str) -> str:
    """Return the label of the button of this data."""
    return next(button["text"] for button in _buttons(page) if button["callback_data"] == data)


def _leading(page: ChatMessage) -> list[str]:
    """Return the data of the buttons that lead from page to page."""
    every = [button["callback_data"] for button in _buttons(page)]
    return [data for data in every if data.startswith(WAYS)]


async def test_in_a_group_only_admins_see_and_change_settings(
    conversation: Conversation, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    group = conversation.telegram.group("Town", admins=[ann], members=[bob])
    await conversation.settle()
    before = len(conversation.texts(group))
    await conversation.say(bob, "/settings", chat=group)
    assert len(conversation.texts(group)) == before
    page = await conversation.say(ann, "/settings", chat=group)
    assert page is not None
    assert "Bot language: English" in page.text
    toast = await conversation.press(bob, page, "🔔 Words")
    assert toast == "Only this chat's admins can change that."


def test_the_overview_of_a_new_chat_shows_the_defaults() -> None:
    text = settings_text(READER, TOPICS, speak("en"), off=0, now=NOON)
    assert "🗂 No topics yet" in text
    assert text.endswith("🔔 No words\n📰 Sources: all")


def test_the_overview_of_a_full_chat_shows_everything() -> None:
    phrase = parse_phrase("bridge")
    assert phrase is not None
    quiet = Quiet(since=23 * 60, until=7 * 60)
    reader = replace(
        READER,
        language="uk",
        news_languages=frozenset({"uk", "en"}),
        topics=frozenset({WAR}),
        timetable=Timetable(when="digest", digest_at=(480,), quiet=quiet, per_day=5),
        words=(Word(text="bridge", phrase=phrase, muted=True),),
        visibility=Visibility(own=frozenset({FeedId(1), FeedId(2)})),
    )
    assert settings_text(reader, TOPICS, speak("uk"), off=5, now=NOON).split("\n")[2:] == [
        "💬 Мова бота: українська",
        "🌐 Мови новин: українська, англійська",
        "🗂 Теми: Війна",
        "🗞 Одним повідомленням о 08:00",
        "🌙 Тихі години: 23:00–07:00",
        "🔢 Щонайбільше 5 повідомлень на день",
        "🌍 Київ, зараз 14:00",
        "🔔 Слова: відстежую 0, приховую 1",
        "📰 Видання: вимкнено 5, 2 власні",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_has_one_button(language: Language) -> None:
    labels = [
        button.text for row in settings_keyboard(speak(language)).inline_keyboard for button in row
    ]
    assert len(labels) == len(set(labels)) == 6


@pytest.mark.parametrize(
    ("language", "page", "chosen", "none"),
    [
        ("uk", "🖼 Зображення", "✅ Важливі", "Жодні"),
        ("ru", "🖼 Изображения", "✅ Важные", "Никакие"),
        ("en", "🖼 Pictures", "✅ The important ones", "None"),
    ],
)
async def test_which_stories_come_with_a_picture_is_chosen(
    conversation: Conversation, db: Database, language: str, page: str, chosen: str, none: str
) -> None:
    person = conversation.telegram.person("Bo", language=language)
    settings = await conversation.say(person, "/settings")
    assert settings is not None
    await conversation.press(person, settings, page)
    assert chosen in labels(conversation.shown(settings))
    await conversation.press(person, conversation.shown(settings), none)
    assert f"✅ {none}" in labels(conversation.shown(settings))
    subscriber = await subscribers.find(db.reader, ChatId(person.id))
    assert subscriber is not None
    assert subscriber.pictures == "none"
