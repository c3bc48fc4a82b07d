"""What a client may send and no keyboard of ours: every button, deep link and command by rule.

After each, the news still comes to that chat and to its neighbour, and no update is set aside.
"""

import asyncio
import importlib
import itertools
import os
import pkgutil
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args, get_origin

import pytest
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot.telegram
from bot.i18n import speak
from bot.model import LANGUAGES, ChatId
from bot.storage.backups.departures import DepartureList
from bot.storage.database import Database, open_database
from bot.storage.subscribers import absences, subscribers
from bot.telegram.api.client import open_delivery_bot
from bot.text.safe import storable
from bot_playground.fake_telegram import open_fake_telegram
from bot_playground.state.chats import Person
from tests.support.builders import WAR, publish, subscribe
from tests.support.fakes import TOKEN, FakeClock
from tests.telegram.conftest import (
    Conversation,
    FakeReadAlso,
    add_admin,
    build_conversation,
    relabel,
)

# Boundary values, other alphabets, what looks valid and is unknown, and what is nothing at all.
HOSTILE = (
    "", " ", "0", "1", "-1", "-1001", "+3", "7", "23", "24", "99", "100", "999", "1000", "1e3",
    "1.5", "nan", "inf", "None", "true", "yes", "2147483648", "9007199254740993",
    str(2**63 - 1), str(2**63), str(-(2**63)), "9" * 30, "٣", "１２", "Ⅷ", "𝟙", "uk", "UK", "xx",
    "science", "nosuch", "at once", "At once", "main", "all", "brief", "Europe/Kyiv", "Mars/Base",
    "europe/kyiv", "Львів", "..", "../../etc/passwd", "Etc/GMT+12", "posixrules", "localtime",
    "utc", "a" * 33, "a" * 50, "ы" * 20, "\ud800", "\udfff", "a\0b", "\0", "\x1b[2J", "\u202e",
    "\n", "😀", "%s", "{0}", "<b>", "' OR 1 = 1 --", "__class__",
)  # fmt: skip
NEW_TOPIC = "science"


def callback_classes() -> list[type[CallbackData]]:
    for module in pkgutil.walk_packages(bot.telegram.__path__, "bot.telegram."):
        importlib.import_module(module.name)
    return sorted(CallbackData.__subclasses__(), key=lambda kind: kind.__prefix__)


def valid(name: str, annotation: object) -> str:
    """Return a value that a keyboard could hold in such a field."""
    choices = [
        choice
        for part in (get_args(annotation) if get_origin(annotation) is not None else ())
        for choice in (get_args(part) or (part,))
        if isinstance(choice, str)
    ]
    if choices:
        return choices[0]
    if name == "name":
        return "Europe/London"
    return "1" if annotation in (int, bool) else NEW_TOPIC


def hostile_data(kind: type[CallbackData]) -> Iterator[str]:
    """Yield the data of the class with each hostile value in each field, and of wrong lengths."""
    values = [valid(name, field.annotation) for name, field in kind.model_fields.items()]
    for position, value in itertools.product(range(len(values)), HOSTILE):
        yield ":".join([kind.__prefix__, *values[:position], value, *values[position + 1 :]])
    yield ":".join([kind.__prefix__, *values, ""])
    yield ":".join([kind.__prefix__, *values])
    yield f"{kind.__prefix__}:"


def parses(kind: type[CallbackData], data: str) -> bool:
    """Return whether the data, as they are after they entered, are ones of the class."""
    try:
        kind.unpack(storable(data))
    except (TypeError, ValueError):
        return False
    return True


async def set_aside(db: Database) -> list[str]:
    rows = await db.reader.execute_fetchall("SELECT problem FROM updates WHERE problem IS NOT NULL")
    return [row[0] for row in rows]


async def wish_for_news(db: Database, person: Person, clock: FakeClock) -> None:
    """Undo what a press may rightly have done to the wish for news; other settings stay."""
    chat_id = ChatId(person.id)
    async with db.transaction() as tx:
        await absences.resume(tx, chat_id, now=clock())
        await subscribers.set_topics(tx, chat_id, [WAR], wanted=True)
        await subscribers.set_news_language(tx, chat_id, "en", wanted=True)
        await tx.execute("DELETE FROM refusals")
        await tx.execute("DELETE FROM words")
        # A weekly digest comes within a week.
        await tx.execute("UPDATE timetables SET weekday = NULL")


async def assert_news_comes(
    conversation: Conversation, db: Database, title: str, *people: Person
) -> None:
    """Publish a story; it comes to each of them within a day and a half, as a timetable may say."""
    if await subscribers.find(db.reader, ChatId(people[0].id)) is None:  # asked to be forgotten
        await subscribe(db, people[0].id)
    await wish_for_news(db, people[0], conversation.clock)
    await publish(db, title, published_at=conversation.clock(), now=conversation.clock())
    # By half hours: all of a day but one hour may be quiet.
    for _ in range(2 * 36):
        await conversation.settle()
        if all(any(title in text for text in conversation.texts(person)) for person in people):
            return
        conversation.clock.advance(minutes=30)
    for person in people:
        assert any(title in text for text in conversation.texts(person)), (title, person.first_name)


@pytest.fixture
async def ada(conversation: Conversation) -> Person:
    """The operator, since all buttons obey her; she reads the news too."""
    person = add_admin(conversation.telegram)
    await conversation.say(person, "/topics war")
    return person


@pytest.fixture
async def bob(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Bob", language="en")
    await conversation.say(person, "/topics war")
    return person


# In the suite so many values that parse are pressed of each kind; ALL_DATA=1 presses all.
MAX_KNOWN = 5
ALL_DATA = bool(os.environ.get("ALL_DATA"))
# One press may have changed the language that the next is answered in.
STALE_BUTTON = {
    speak(language).plain("These buttons are out of date. /start gives you new ones.")
    for language in LANGUAGES
}


@pytest.mark.parametrize("kind", callback_classes(), ids=lambda kind: kind.__prefix__)
async def test_a_press_with_any_data_keeps_the_news_coming_to_that_chat_and_its_neighbour(
    conversation: Conversation,
    db: Database,
    ada: Person,
    bob: Person,
    kind: type[CallbackData],
) -> None:
    await publish(db, "The first story")
    await conversation.say(ada, "/topics")
    keyboard = conversation.telegram.messages(ada, of_bot=True)[-1].body["reply_markup"]
    settings_before = await subscribers.find(db.reader, ChatId(ada.id))
    # What does not parse has one answer, whatever it is: a few of it will do.
    every = list(hostile_data(kind))
    unknown = [data for data in every if not parses(kind, data)][:: len(every) // 4 + 1]
    known = [data for data in every if parses(kind, data)]
    if not ALL_DATA:
        known = known[:: len(known) // MAX_KNOWN + 1]
    for number, data in enumerate(known + unknown):
        # Telegram tells which button was pressed; what it holds, the client may say.
        page = conversation.telegram.messages(ada, of_bot=True)[-1]
        page.body["reply_markup"] = keyboard
        relabel(page, data)
        toast = await conversation.press(ada, page, data)
        assert await set_aside(db) == [], data
        if not parses(kind, data):
            assert toast in STALE_BUTTON, data
        # A press that changed nothing cannot have stopped the news.
        changed = await subscribers.find(db.reader, ChatId(ada.id)) != settings_before
        if changed:
            await assert_news_comes(conversation, db, f"Story {number}", ada, bob)
            settings_before = await subscribers.find(db.reader, ChatId(ada.id))
    await assert_news_comes(conversation, db, "The last story", ada, bob)


@pytest.mark.parametrize("kind", callback_classes(), ids=lambda kind: kind.__prefix__)
def test_what_is_parsed_is_kept_as_a_value_that_parses_again(kind: type[CallbackData]) -> None:
    for data in filter(lambda data: parses(kind, data), hostile_data(kind)):
        value = kind.unpack(storable(data))
        assert kind(**value.model_dump()) == value
        for field in value.model_dump().values():
            if isinstance(field, int):
                assert -(2**63) <= field < 2**63
            else:
                assert storable(field) == field


PAYLOADS = (
    "", "s", "s0", "s1", "s01", "s1_sources", "s1_sourcesx", "s" + "9" * 18, "s" + "9" * 19,
    "s" + "9" * 60, f"s{2**63}", "s-1", "s٣", "s１", "t_", "t_war", "t_WAR", "t_nosuch", "t_війна",
    "t_" + "a" * 32, "t_" + "a" * 33, "t_a\0b", "t_\ud800", "t_war\n", "s1\n", "inline", "\u202e",
    "x" * 64, "😀", "%s", "<b>",
)  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
async def test_a_deep_link_with_any_payload_is_answered_and_the_news_keeps_coming(
    conversation: Conversation, db: Database, ada: Person, bob: Person, payload: str
) -> None:
    await publish(db, "The first story")
    assert await conversation.say(ada, f"/start {payload}") is not None
    assert await set_aside(db) == []
    await assert_news_comes(conversation, db, "The second story", ada, bob)


def commands(conversation: Conversation) -> list[str]:
    """Return the names of all commands for which a router has a handler."""
    return sorted(
        {
            str(name)
            for router in conversation.dispatcher.sub_routers
            for handler in router.message.handlers
            for each in handler.filters or ()
            if isinstance(each.callback, Command)
            for name in each.callback.commands
        }
    )


ARGUMENTS = (
    "-1001", "+3", "25:00", "24", "0", "8 8 8", "23-7", "7-7", "٣", "٢٣-٧", "９:００", "8:60",
    "Mars/Base", "europe/kyiv", "Львів", "+14", "+15", "-12:30", "−5", "localtime", "..",
    "../../etc/passwd", "\ud800", "a\ud800b, c", "a\0b", "\x1b[31mred", "\u202eabc", "😀", "#",
    "# #", "#nosuch word", "word #science", ",,,,", "a" * 3000, "a " * 1500, "#" * 3000,
    "9" * 3000, "http://[::1", "http://\ud800.example", "@", "@x", "@" + "a" * 40,
    "t.me/\ud800", "<b>", "%s {0}", "' OR 1 = 1 --", '"', "*", "NEAR(", "a OR b", "^a", "a:b",
    "(", "война и мир",
)  # fmt: skip


async def test_a_command_with_any_argument_is_answered_and_the_news_keeps_coming(
    conversation: Conversation, db: Database, ada: Person, bob: Person
) -> None:
    names = commands(conversation)
    assert {"start", "when", "follow", "search", "add", "channel", "admin"} <= set(names)
    for number, name in enumerate(names):
        # Each command gets another part of them.
        for argument in ARGUMENTS if ALL_DATA else ARGUMENTS[number % 6 :: 6]:
            before = len(conversation.texts(ada))
            await conversation.say(ada, f"/{name} {argument}")
            assert len(conversation.texts(ada)) > before, (name, argument)
            assert await set_aside(db) == [], (name, argument)
        await assert_news_comes(conversation, db, f"News after {name}", ada, bob)


@asynccontextmanager
async def fresh_conversation(migrated: Path) -> AsyncIterator[tuple[Conversation, Database]]:
    clock = FakeClock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readalso.db"
        shutil.copy(migrated, path)
        async with (
            open_database(path) as db,
            open_fake_telegram(token=TOKEN, now=lambda: clock().timestamp()) as telegram,
            open_delivery_bot(TOKEN, telegram.url) as opened,
        ):
            departures = DepartureList(path.parent)
            yield build_conversation(telegram, opened, db, clock, FakeReadAlso(), departures), db


# Of all planes, with controls and halves of pairs; most of it short, as people write.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=10))
def test_a_command_with_any_text_at_all_is_answered(migrated: Path, texts: list[str]) -> None:
    async def talk() -> None:
        async with fresh_conversation(migrated) as (conversation, db):
            ada = add_admin(conversation.telegram)
            await conversation.say(ada, "/topics war")
            for name, text in zip(itertools.cycle(commands(conversation)), texts * 3, strict=False):
                await conversation.say(ada, f"/{name} {text}")
                assert await set_aside(db) == [], (name, text)
            await assert_news_comes(conversation, db, "News after all", ada)

    asyncio.run(talk())
