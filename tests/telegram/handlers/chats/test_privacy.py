import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import LANGUAGES, FoundFeed, Language
from bot.runtime.leftovers import LeftoverWorker
from bot.storage.backups.departures import DepartureList
from bot.storage.database import Database
from bot.storage.subscribers import export as own_data
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.builders import publish
from tests.telegram.conftest import Conversation, labels

TABLES = ("subscribers", "subscriptions", "news_languages", "deliveries")


@pytest.fixture
async def ann(conversation: Conversation, db: Database) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    await publish(db, "Bridge opens")
    await conversation.settle()
    return person


async def export(
    conversation: Conversation, person: Person, *, chat: Chat | None = None
) -> tuple[ChatMessage, Any]:
    message = await conversation.say(person, "/export", chat=chat)
    assert message is not None
    return message, json.loads(conversation.telegram.content(message))


async def test_all_that_is_stored_comes_as_a_file(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message, exported = await export(conversation, ann)
    assert message.text == "Everything stored about this chat. /stop deletes it."
    document: Any = message.body["document"]
    assert document["file_name"] == "readalso-2026-03-02.json"
    assert document["mime_type"] == "application/json"
    assert exported["chat_id"] == ann.id
    assert exported["exported_at"].startswith("2026-03-02T12:00")
    assert [row["topic"] for row in exported["subscriptions"]] == ["war"]
    assert [(row["state"], row["title"]) for row in exported["deliveries"]] == [
        ("sent", "Bridge opens")
    ]
    assert set(exported) == {"chat_id", "exported_at", *await own_data.tables(db.reader)}


async def test_an_export_does_not_subscribe(conversation: Conversation, db: Database) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    _, exported = await export(conversation, bob)
    assert exported["subscribers"] == []
    assert not (await own_data.rows_of_chat(db.reader, exported["chat_id"]))["subscribers"]


@pytest.mark.parametrize(
    ("language", "caption"),
    [
        ("uk", "Усе, що я зберігаю про цей чат. /stop це видаляє."),
        ("ru", "Всё, что я храню об этом чате. /stop это удаляет."),
    ],
)
async def test_the_caption_is_in_the_readers_language(
    conversation: Conversation, language: str, caption: str
) -> None:
    person = conversation.telegram.person("Reader", language=language)
    message, _ = await export(conversation, person)
    assert message.text == caption


async def test_of_a_managed_channel_the_file_comes_to_the_private_chat(
    conversation: Conversation, ann: Person
) -> None:
    channel = conversation.telegram.channel("Coast", admins=[ann], username="coast")
    await conversation.say(ann, "/channel @coast")
    await conversation.say(ann, "/topics sport")
    message, exported = await export(conversation, ann)
    assert message.text.startswith("📢 @coast\n\n")
    assert exported["chat_id"] == channel.id
    assert [row["topic"] for row in exported["subscriptions"]] == ["sports"]


async def test_in_the_channel_itself_nothing_is_shown_to_its_readers(
    conversation: Conversation, ann: Person
) -> None:
    channel = conversation.telegram.channel("Coast", admins=[ann], username="coast")
    message = await conversation.say(ann, "/export", chat=channel)
    assert message is not None
    assert message.text == "Write that to me in our private chat, after /channel @name."
    assert "document" not in message.body


async def test_in_a_forum_it_comes_to_the_thread_and_to_admins_alone(
    conversation: Conversation, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    forum = conversation.telegram.supergroup("Forum", admins=[ann], members=[bob], is_forum=True)
    thread = conversation.telegram.topic(ann, forum, "War")
    await conversation.settle()
    for person in (bob, ann):
        conversation.telegram.say(person, "/export", chat=forum, thread=thread)
        await conversation.settle()
    files = [
        message for message in conversation.telegram.messages(forum) if "document" in message.body
    ]
    assert [message.body["message_thread_id"] for message in files] == [thread]
    assert json.loads(conversation.telegram.content(files[0]))["chat_id"] == forum.id


@pytest.fixture
async def question(conversation: Conversation, ann: Person) -> ChatMessage:
    message = await conversation.say(ann, "/stop")
    assert message is not None
    return message


async def count(db: Database) -> int:
    counts = [list(await db.reader.execute_fetchall(f"SELECT 1 FROM {name}")) for name in TABLES]
    return sum(len(rows) for rows in counts)


async def test_stop_asks_before_it_deletes(db: Database, question: ChatMessage) -> None:
    assert "Delete everything" in question.text
    assert await count(db) == 4


async def test_a_confirmed_stop_deletes_all_data_of_the_chat(
    conversation: Conversation, db: Database, ann: Person, question: ChatMessage
) -> None:
    await conversation.press(ann, question, "🗑 Delete everything")
    assert conversation.shown(question).text.startswith("Everything is deleted.")
    assert await count(db) == 0


async def test_who_leaves_is_noted_beside_the_backups_and_named_by_a_hash_only(
    conversation: Conversation, ann: Person, question: ChatMessage, departures: DepartureList
) -> None:
    await conversation.press(ann, question, "🗑 Delete everything")
    (line,) = departures.lines()
    assert 0 <= conversation.clock().timestamp() - int(line.split()[0]) < 60
    assert str(ann.id) not in line.split()[1:]
    assert departures.path.stat().st_mode & 0o777 == 0o600


async def test_who_stays_is_not_noted(
    conversation: Conversation, ann: Person, question: ChatMessage, departures: DepartureList
) -> None:
    await conversation.press(ann, question, "Keep my settings")
    assert departures.lines() == []


async def test_data_is_deleted_although_the_note_cannot_be_written(
    conversation: Conversation,
    db: Database,
    ann: Person,
    question: ChatMessage,
    departures: DepartureList,
    caplog: pytest.LogCaptureFixture,
) -> None:
    departures.folder.touch()
    await conversation.press(ann, question, "🗑 Delete everything")
    assert conversation.shown(question).text.startswith("Everything is deleted.")
    assert await count(db) == 0
    assert "backups may bring a chat back" in caplog.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "for up to 1 month more"), ("uk", "максимум 1 місяць"), ("ru", "максимум 1 месяц")],
)
async def test_privacy_says_how_long_backups_live(
    conversation: Conversation, language: str, words: str
) -> None:
    reader = conversation.telegram.person("Reader", language=language)
    message = await conversation.say(reader, "/privacy")
    assert message is not None
    assert words in message.text


async def test_a_cancelled_stop_deletes_nothing(
    conversation: Conversation, db: Database, ann: Person, question: ChatMessage
) -> None:
    await conversation.press(ann, question, "Keep my settings")
    assert conversation.shown(question).text == "Nothing has changed."
    assert await count(db) == 4


async def test_privacy_says_what_where_and_how_long(
    conversation: Conversation, ann: Person
) -> None:
    message = await conversation.say(ann, "/privacy")
    assert message is not None
    for question in ("What I keep", "Where", "How long", "/stop"):
        assert question in message.text


async def test_data_is_deleted_although_the_callback_cannot_be_answered(
    conversation: Conversation, db: Database, ann: Person, question: ChatMessage
) -> None:
    conversation.telegram.inject_fault(
        Fault(kind=FaultKind.SERVER_ERROR, method="answerCallbackQuery", times=1)
    )
    conversation.telegram.press(ann, question, "🗑 Delete everything")
    await conversation.settle()
    assert await count(db) == 0


async def test_the_deletion_of_a_channel_ends_its_management(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.channel("Coast", admins=[ann], username="coast")
    await conversation.say(ann, "/channel @coast")
    question = await conversation.say(ann, "/stop")
    assert question is not None
    await conversation.press(ann, question, "🗑 Delete everything")
    assert conversation.shown(question).text == (
        "Everything about @coast is deleted. Back to this chat's own settings."
    )
    assert list(await db.reader.execute_fetchall("SELECT 1 FROM managing")) == []
    assert await count(db) == 4  # her own


async def test_privacy_names_the_export(conversation: Conversation, ann: Person) -> None:
    message = await conversation.say(ann, "/privacy")
    assert message is not None
    assert "/export gives you all of it" in message.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_after_stop_the_whole_file_holds_no_word_address_or_number_of_the_person(
    conversation: Conversation, db: Database, tmp_path: Path, language: Language
) -> None:
    zoe = conversation.telegram.person("Zoe Quillfeather", language=language)
    url = "https://zoes-secret.example/rss"
    conversation.web.sites["zoes-secret.example"] = FoundFeed(
        url=url, domain="zoes-secret.example", title="Zoes diary", newest=()
    )
    for text in (
        "/topics war",
        "/follow Zanzibarian",
        "/mute Xanthippe",
        "/add zoes-secret.example",
    ):
        await conversation.say(zoe, text)
    await conversation.say(zoe, "/search Wolpertinger")
    await publish(db, "Bridge opens")
    await conversation.settle()
    words = ("Quillfeather", "zoes-secret", "Zoes diary", "anzibar", "anthippe", "Wolpertinger")
    stop = await conversation.say(zoe, "/stop")
    assert stop is not None
    await conversation.press(zoe, stop, labels(stop)[0])
    await LeftoverWorker(db=db, now=conversation.clock, interval=timedelta()).step()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("readalso.db*"))
    assert [word for word in words if word.encode() in content] == []
    assert f'"id": {zoe.id}'.encode() not in content
    tables = await db.reader.execute_fetchall("SELECT name FROM sqlite_schema WHERE type = 'table'")
    for (table,) in tables:
        rows = await db.reader.execute_fetchall(f'SELECT * FROM "{table}"')
        assert zoe.id not in {value for row in rows for value in row}, table
