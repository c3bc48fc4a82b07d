"""What people write in a private chat that is no command, and commands as people write them."""

from bot.model import ChatId, TopicSlug
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import publish, reading
from tests.telegram.conftest import Conversation, labels


async def reader(conversation: Conversation) -> Person:
    ann = conversation.telegram.person("Ann", language="en")
    await conversation.say(ann, "/start")
    return ann


async def answer_to(conversation: Conversation, person: Person, text: str) -> ChatMessage:
    answer = await conversation.say(person, text)
    assert answer is not None
    assert labels(answer), text
    return answer


async def topics_of(db: Database, person: Person) -> set[str]:
    subscriber = await subscribers.find(db.reader, ChatId(person.id))
    assert subscriber is not None
    return set(subscriber.topics)


async def test_commands_are_taken_in_any_case_and_with_any_sign(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    for text, shown in (
        ("/Start", "Hello!"),
        ("／TOPICS: війна", "Your topics: War"),
        ("/When, 8:00", "One message at 08:00"),
    ):
        assert shown in (await answer_to(conversation, ann, text)).text
    assert await topics_of(db, ann) == {"war"}


async def test_a_misspelt_command_gets_the_nearest_as_a_button(
    conversation: Conversation, db: Database
) -> None:
    ann = await reader(conversation)
    answer = await answer_to(conversation, ann, "/topcs <b>спорт</b>, війна")
    assert answer.text.startswith("I know no command /topcs. Did you mean this?")
    await conversation.press(ann, answer, "/topics")
    assert await topics_of(db, ann) == {"sports", "war"}
    unknown = await answer_to(conversation, ann, "/xyzzy")
    assert unknown.text == "I know no command /xyzzy."
    await conversation.press(ann, unknown, "❓ Help")
    help_ = conversation.last(ann)
    assert help_ is not None
    assert help_.text.startswith("What I can do")


async def test_a_message_that_is_edited_to_a_command_counts(
    conversation: Conversation, db: Database
) -> None:
    ann = await reader(conversation)
    conversation.telegram.say(ann, "/topcs спорт")
    await conversation.settle()
    sent = conversation.telegram.messages(ann)[-2]
    for text in ("/topics спорт", "/stop", "/pause", "/xyzzy", "новини"):
        edited = {**sent.body, "text": text, "edit_date": sent.body["date"]}
        conversation.telegram.world.updates.add("edited_message", edited)
        await conversation.settle()
    assert await topics_of(db, ann) == {"sports"}
    last = conversation.last(ann)
    assert last is not None
    assert "Your topics: Sport" in last.text


async def test_words_get_what_they_ask_for_and_always_buttons(
    conversation: Conversation, db: Database
) -> None:
    ann = await reader(conversation)
    for text, begins in (
        ("Привіт!", "👋 Name a topic"),
        ("отписаться", "A pause keeps your settings"),
        ("налаштування", "Settings"),
        ("example.com", "Shall I look for the feed of this site?"),
        ("жираф", "I found nothing on “жираф”"),
        ("жираф " * 60, "That is too long for a search"),
        ("спорт", "Nothing yet"),
    ):
        assert (await answer_to(conversation, ann, text)).text.startswith(begins)
    await publish(db, "A bridge opens", made=reading(topic=TopicSlug("sports")))
    found = await answer_to(conversation, ann, "спорту")
    assert "A bridge opens" in found.text
    await conversation.press(ann, found, "➕ Follow “Sport”")
    assert await topics_of(db, ann) == {"sports"}
    assert "➖ Remove the topic “Sport”" in labels(await answer_to(conversation, ann, "sport"))


async def test_the_feed_of_an_address_is_added_by_one_press(conversation: Conversation) -> None:
    ann = await reader(conversation)
    offer = await answer_to(conversation, ann, "https://own.example/?a=1&b=2")
    await conversation.press(ann, offer, "➕ Add the feed")
    answer = conversation.last(ann)
    assert answer is not None
    assert answer.text.startswith("I can't find that site")


async def test_a_word_of_farewell_offers_a_pause(conversation: Conversation, db: Database) -> None:
    ann = await reader(conversation)
    offer = await answer_to(conversation, ann, "стоп")
    assert labels(offer) == ["⏸ Pause the news", "🗑 Delete everything", "Keep my settings"]
    await conversation.press(ann, offer, "⏸ Pause the news")
    subscriber = await subscribers.find(db.reader, ChatId(ann.id))
    assert subscriber is not None
    assert subscriber.paused


async def test_a_stranger_who_writes_is_greeted(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="uk")
    assert "Вітаю!" in (await answer_to(conversation, ann, "що це?")).text


async def test_a_file_is_answered_by_its_content(conversation: Conversation) -> None:
    ann = await reader(conversation)
    opml = (
        b'<?xml version="1.0"?><opml><body><outline xmlUrl="https://a.example/rss"/></body></opml>'
    )
    for content, begins in ((opml, "✅ 1 feed added."), (b"text", "I read text")):
        conversation.telegram.send_document(ann, "list.txt", content, caption="")
        await conversation.settle()
        answer = conversation.last(ann)
        assert answer is not None
        assert answer.text.startswith(begins)
