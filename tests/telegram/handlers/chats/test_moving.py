"""/export at one instance, /import at another: topics, words, modes, feeds, saved and followed."""

import json

import pytest

from bot.i18n import speak
from bot.model import ChatId, FoundFeed, Language, Subscriber, Timetable
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.stories import saved, storylines
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.preferences.own_feeds import MAX_OWN_FEEDS
from bot.web.urls import canonical
from bot_playground.state.chats import Person
from tests.support.builders import WAR, publish
from tests.telegram.conftest import Conversation

OWN = FoundFeed(url="https://own.example/rss", domain="own.example", title="Own", newest=())
TABLES = ("subscribers", "subscriptions", "news_languages")


async def known(db: Database, person: Person) -> Subscriber:
    found = await subscribers.find(db.reader, ChatId(person.id))
    assert found is not None
    return found


async def give(
    conversation: Conversation, person: Person, content: bytes, caption: str = ""
) -> str:
    conversation.telegram.send_document(person, "readalso.json", content, caption=caption)
    await conversation.settle()
    return conversation.texts(person)[-1]


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_what_one_bot_exports_another_takes_over(
    conversation: Conversation, db: Database, language: Language
) -> None:
    ann = conversation.telegram.person("Ann", language=language)
    for command in ("/topics war", "/follow Lakeside", "/mute football", "/when 8:00 23-7"):
        await conversation.say(ann, command)
    first, second = await publish(db, "Bridge opens"), await publish(db, "Ferry leaves")
    async with db.transaction() as tx:
        for row in await tx.execute_fetchall("SELECT url FROM articles"):
            # As the poller stores it.
            await tx.execute(
                "UPDATE articles SET canonical_url = ? WHERE url = ?", (canonical(row[0]), row[0])
            )
        await subscribers.set_news_language(tx, ChatId(ann.id), "en", wanted=True)
        await subscribers.set_pictures(tx, ChatId(ann.id), "none")
        await own_feeds.add(tx, ChatId(ann.id), OWN, language="en", now=conversation.clock())
        await saved.add(tx, ChatId(ann.id), first, now=conversation.clock())
        await storylines.follow(tx, ChatId(ann.id), second, now=conversation.clock())
    await conversation.say(ann, "/export")
    documents = [
        message
        for message in conversation.telegram.messages(ann, of_bot=True)
        if "document" in message.body
    ]
    content = conversation.telegram.content(documents[0])
    bob = conversation.telegram.person("Bob", language=language)
    answer = await give(conversation, bob, content)
    assert answer == speak(language)(
        "✅ Taken over. Topics: {topics}. Words: {words}. Feeds: {feeds}. Saved stories: {saved}."
        " Followed stories: {followed}. /settings shows the rest.",
        topics="1",
        words="2",
        feeds="1",
        saved="1",
        followed="1",
    )
    hers, his = await known(db, ann), await known(db, bob)
    assert his.topics == hers.topics == {WAR}
    assert his.words == hers.words
    assert his.timetable == hers.timetable != Timetable()
    assert his.news_languages == hers.news_languages
    assert (his.pictures, his.visibility.own) == ("none", hers.visibility.own)
    assert await saved.is_saved(db.reader, ChatId(bob.id), first)
    assert his.followed_storylines == hers.followed_storylines
    # What comes again changes nothing.
    assert await give(conversation, bob, content, "/import") == answer
    assert await known(db, bob) == his


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"words": []}', b"[" * 9999])
async def test_any_other_file_is_answered_with_what_it_should_be(
    conversation: Conversation, content: bytes
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    assert (await give(conversation, ann, content)).startswith("That file is no export")


async def test_what_is_unknown_here_or_too_much_is_counted_and_harms_nothing(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    document = {
        **{name: [] for name in TABLES},
        "subscribers": [{"pictures": "loud"}],
        "subscriptions": [{"topic": "war"}, {"topic": "no-such-topic"}],
        "words": [{"said": "Lakeside", "topic": "no-such-topic"}, {"said": "C#"}],
        "timetables": [{"mode": "never", "digest_at": "soon", "zone": "Mars/Base", "per_day": -1}],
        "own_feeds": [
            *({"url": f"https://{number}.example/rss"} for number in range(MAX_OWN_FEEDS + 1)),
            {"url": "https://t.me/harbour_news"},
        ],
        "saved": [{"url": "https://courier.example/none"}],
    }
    answer = await give(conversation, ann, json.dumps(document).encode())
    assert answer.startswith("✅ Taken over. Topics: 1. Words: 0. Feeds: 100.")
    assert answer.endswith("more than I keep: 6.")
    reader = await known(db, ann)
    assert reader.pictures == "important"
    assert (reader.timetable.zone, reader.timetable.per_day) == ("Europe/Kyiv", None)


async def test_a_file_is_taken_over_for_the_group_whose_admin_replies_to_it(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    group = conversation.telegram.group("Friends", admins=[ann])
    content = json.dumps({**{name: [] for name in TABLES}, "subscriptions": [{"topic": "war"}]})
    file = conversation.telegram.send_document(ann, "x.json", content.encode(), chat=group)
    conversation.telegram.say(ann, "/import", chat=group, reply_to=file)
    await conversation.settle()
    found = await subscribers.find(db.reader, ChatId(group.id))
    assert found is not None
    assert found.topics == {WAR}
