"""Plain sentences in a private chat, which ask for what a command does."""

import pytest

from bot.model import ChatId, FoundFeed, Subscriber, Timetable
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot_playground.state.chats import ChatMessage, Person
from tests.telegram.conftest import Conversation, labels


async def subscriber_of(db: Database, person: Person) -> Subscriber:
    subscriber = await subscribers.find(db.reader, ChatId(person.id))
    assert subscriber is not None
    return subscriber


async def say(conversation: Conversation, person: Person, text: str) -> ChatMessage:
    answer = await conversation.say(person, text)
    assert answer is not None
    return answer


async def reader(conversation: Conversation, language: str = "en") -> Person:
    ann = conversation.telegram.person("Ann", language=language)
    await conversation.say(ann, "/start")
    return ann


async def test_a_clear_sentence_is_done_at_once(conversation: Conversation, db: Database) -> None:
    ann = await reader(conversation)
    for text, begins in (
        ("pause for 2 hours", "⏸ Quiet until"),
        ("follow Tesla", "🔔 Following: “Tesla”"),
        ("присылай раз в день", "“присылай раз в день” → 🗞 One message at 08:00"),
        ("news about Kharkiv, please", "I found nothing on “Kharkiv”"),
        ("turn on science", "✅ Added: Science"),
        ("speak Ukrainian", "Мови"),
    ):
        answer = await say(conversation, ann, text)
        assert begins in answer.text, answer.text
    subscriber = await subscriber_of(db, ann)
    assert subscriber.paused
    assert subscriber.topics == {"science"}
    assert subscriber.language == "uk"
    assert subscriber.timetable.digest_at == (480,)
    assert [word.text for word in subscriber.words] == ["Tesla"]


@pytest.mark.parametrize(
    ("text", "buttons"),
    [
        ("mute football", ["🔕 “football”", "➖ Sport", "🔎 “mute football”"]),
        ("no more sport", ["➖ Sport", "🔕 “sport”", "🔎 “no more sport”"]),
        ("I only want war", ["🗂 only War", "🔎 “I only want war”"]),
        ("everything but sport", ["🗂 all ➖ Sport", "🔎 “everything but sport”"]),
        ("at 6pm", ["🗞 One message at 18:00", "🔎 “at 6pm”"]),
        ("don't disturb me from 23 to 7", ["🌙 Quiet hours: 23:00–07:00"]),
        ("Ukrainian", ["🌐 Українська", "🔎 “Ukrainian”"]),
        ("setings", ["/settings", "🔎 “setings”"]),
        ("pause for an hour on <b>", []),
    ],
)
async def test_what_is_unclear_or_keeps_news_away_is_done_by_a_press(
    conversation: Conversation, db: Database, text: str, buttons: list[str]
) -> None:
    ann = await reader(conversation)
    before = await subscriber_of(db, ann)
    answer = await say(conversation, ann, text)
    assert labels(answer)[: len(buttons)] == buttons
    assert await subscriber_of(db, ann) == before


async def test_a_press_does_what_its_line_of_the_message_says(
    conversation: Conversation, db: Database
) -> None:
    ann = await reader(conversation)
    await say(conversation, ann, "/topics sport, war")
    offer = await say(conversation, ann, "no more sport")
    await conversation.press(ann, offer, "🔕 “sport”")
    assert [word.text for word in (await subscriber_of(db, ann)).words] == ["sport"]
    hint = conversation.last(ann)
    assert hint is not None
    assert "You get the whole topic “Sport”. To remove it: /topics -sport" in hint.text
    await conversation.press(ann, offer, "➖ Sport")
    assert (await subscriber_of(db, ann)).topics == {"war"}
    offer = await say(conversation, ann, "до завтра")
    await conversation.press(ann, offer, labels(offer)[0])
    assert (await subscriber_of(db, ann)).paused
    offer = await say(conversation, ann, "x" * 70 + " setings")
    assert labels(offer)[-1].endswith("x…")


async def test_a_command_takes_a_whole_sentence(conversation: Conversation, db: Database) -> None:
    ann = await reader(conversation)
    conversation.web.sites["own.com"] = FoundFeed(
        url="https://own.com/rss", domain="own.com", title="Own", newest=("News",)
    )
    for text, begins in (
        ("/mute please everything about football", "🔕 Muted: “football”"),
        ("/follow I want news of Elon Musk", "🔔 Following: “Elon Musk”"),
        ("/topics хочу тільки війну і спорт, без політики", "✅ Added: War, Sport"),
        ("/search please find news about bridges", "I found nothing on"),
        ("/pause please for three days", "⏸ Quiet until"),
        ("/pause на вихідні", "A pause begins at once. Until when?"),
        ("/when never", "Without any time no news would come."),
        ("/when 9-5", "“9-5” → ☀️ News comes 09:00–17:00; the rest of the day is quiet"),
        ("/add please the feed of own.com", "Own"),
        ("/language please English", "Languages"),
        ("/language giraffe", "Languages"),
    ):
        conversation.telegram.say(ann, text)
        await conversation.settle()
        texts = [each.text for each in conversation.telegram.messages(ann)]
        assert any(each.startswith(begins) or begins in each for each in texts[-2:]), texts[-2:]
    subscriber = await subscriber_of(db, ann)
    assert subscriber.topics == {"war", "sports"}
    assert subscriber.timetable.quiet is not None
    assert subscriber.timetable != Timetable()


async def test_an_everyday_phrase_is_looked_for_and_the_other_reading_is_pressed(
    conversation: Conversation, db: Database
) -> None:
    ann = await reader(conversation)
    answer = await say(conversation, ann, "without a trace")
    assert answer.text.startswith("I found nothing on “without a trace”")
    assert labels(answer) == ["🔕 “a trace”"]
    assert (await subscriber_of(db, ann)).words == ()
    await conversation.press(ann, answer, "🔕 “a trace”")
    assert [word.text for word in (await subscriber_of(db, ann)).words] == ["a trace"]
    answer = await say(conversation, ann, "more than 20 killed in the blast")
    assert answer.text.startswith("I found nothing on “more than 20 killed")
