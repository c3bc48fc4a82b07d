"""Completeness of the translations: a walk through all answers in Ukrainian and Russian."""

import re
from typing import Any

import pytest

from bot.i18n import speak
from bot.model import FoundFeed, Language
from bot.storage.database import Database
from bot.telegram import command_menu
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import WAR, publish, reading
from tests.telegram.conftest import Conversation

COMMANDS = (
    "/start x", "/topics", "/topics gibberish", "/latest", "/latest gibberish", "/search",
    "/search мост", "/search gibberish", "/top", "/digest", "/saved", "/settings", "/follow",
    "/follow the", "/follow мост", "/mute #gibberish", "/mute футбол", "/unfollow мост, міст",
    "/unmute", "/why", "/sources", "/add", "/add nowhere.example", "/add own.example", "/remove",
    "/remove gibberish", "/import", "/export", "/language", "/when", "/when gibberish",
    "/when 8:00", "/when 23-7", "/here", "/here war", "/channel", "/channel @nowhere",
    "/channel off", "/pause", "/resume", "/help", "/privacy", "/stop", "/gibberish", "gibberish",
)  # fmt: skip
# Names, what is typed, and what a reader wrote himself; the rest must be in his language.
ALLOWED = {
    "ReadAlso", "RSS", "OPML", "JSON", "English", "UTC", "The", "Harbour", "Courier", "Own",
    "gibberish", "the", "nowhere", "Language", "off", "name", "readalso", "START",
}  # fmt: skip
TYPED = re.compile(r"/\w+|@\w+|\b[\w-]+\.(?:example|com)\S*|\bt\.me\S*")


@pytest.fixture
def own_feed(conversation: Conversation) -> None:
    conversation.web.sites["own.example"] = FoundFeed(
        url="https://own.example/rss", domain="own.example", title="Own", newest=("Новость",)
    )


def english_in(text: str) -> set[str]:
    """Return the words of Latin letters that nobody has typed."""
    return set(re.findall(r"[A-Za-z]{2,}", TYPED.sub(" ", text))) - ALLOWED


def said_by(message: ChatMessage) -> str:
    keyboard: Any = message.body.get("reply_markup") or {"inline_keyboard": []}
    labels = [button["text"] for row in keyboard["inline_keyboard"] for button in row]
    return "\n".join([message.text, *labels])


async def walk(conversation: Conversation, person: Person, message: ChatMessage) -> set[str]:
    """Press each button of a message once, and return the English in what is said."""
    found: set[str] = set()
    keyboard: Any = message.body.get("reply_markup") or {"inline_keyboard": []}
    labels = [
        button["text"]
        for row in keyboard["inline_keyboard"]
        for button in row
        if "url" not in button
    ]
    for label in labels:
        shown = conversation.shown(message)
        if label not in said_by(shown).split("\n") or "🗑" in label:
            continue
        found |= english_in(await conversation.press(person, shown, label))
        found |= english_in(said_by(conversation.shown(message)))
    return found


@pytest.mark.parametrize("language", ["uk", "ru"])
@pytest.mark.usefixtures("own_feed")
async def test_no_english_reaches_a_reader_of_another_language(
    conversation: Conversation, db: Database, language: Language
) -> None:
    reader = conversation.telegram.person("Оля", language=language)
    await conversation.say(reader, "/topics war")
    await publish(db, "Мост открыли", made=reading(language=language, topic=WAR))
    await conversation.settle()
    async with db.transaction() as tx:
        # What a publisher writes is in his own language.
        await tx.execute("UPDATE articles SET summary = 'Новый мост открыт.'")
    found: dict[str, set[str]] = {}
    for command in COMMANDS:
        message = await conversation.say(reader, command)
        assert message is not None
        english = english_in(said_by(message))
        if command not in ("/language", "/stop"):  # these change what is walked
            english |= await walk(conversation, reader, message)
        if english:
            found[command] = english
    assert found == {}
    assert len(conversation.texts(reader)) >= len(COMMANDS)


@pytest.mark.parametrize("language", ["uk", "ru"])
def test_the_menu_of_every_command_is_in_the_readers_language(language: Language) -> None:
    for _, what in command_menu.commands(speak(language)):
        assert not english_in(what)


def test_english_words_are_detected() -> None:
    assert english_in("Ви стежите за: News today, /latest @bot example.com") == {"News", "today"}
