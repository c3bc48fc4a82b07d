"""/sources: newspapers switched off and on, by language and topic."""

from datetime import timedelta

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, ChatId, Language, ListedFeed
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.stories.delays import MIN_STORIES, SourceDelay
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.preferences.sources import delay_lines
from bot.telegram.keyboards.sources import PAGE_SIZE
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import SPORT, WAR, listed_feed, publish, reading
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, labels, relabel

FEEDS = (
    listed_feed("https://courier.example/rss"),
    listed_feed("https://lantern.example/rss", source="Lantern", topic=None),
    listed_feed("https://goal.example/rss", source="Goal", topic=SPORT),
    listed_feed("https://visnyk.example/rss", source="Вісник", language="uk"),
)


@pytest.fixture
async def ann(conversation: Conversation, db: Database) -> Person:
    await list_feeds(db, *FEEDS)
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    return person


async def list_feeds(db: Database, *listed: ListedFeed) -> None:
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=NOON)


async def opened(conversation: Conversation, person: Person) -> ChatMessage:
    page = await conversation.say(person, "/sources")
    assert page is not None
    return page


def sources(page: ChatMessage) -> list[str]:
    return [label[2:].strip() for label in labels(page) if label[:2] in ("✅ ", "▫️")][:-2]


async def test_a_source_that_is_switched_off_brings_nothing_and_on_again_it_does(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    page = await opened(conversation, ann)
    assert page.text == "Sources · English\n\n3 sources. Tap one to switch it off or on."
    assert await conversation.press(ann, page, "✅ The Harbour Courier") == "▫️ The Harbour Courier"
    assert "1 is off." in conversation.shown(page).text
    await publish(db, "Bridge opens")
    await conversation.settle()
    assert not any("Bridge opens" in text for text in conversation.texts(ann))
    latest = await conversation.say(ann, "/latest")
    assert latest is not None
    assert latest.text.startswith("Nothing yet.")
    await conversation.press(ann, conversation.shown(page), "▫️ The Harbour Courier")
    await publish(db, "Tram opens")
    await conversation.settle()
    assert any("Tram opens" in text for text in conversation.texts(ann))


async def test_sources_are_listed_by_topic_with_those_of_no_topic(
    conversation: Conversation, ann: Person
) -> None:
    page = await opened(conversation, ann)
    assert sources(page) == ["Goal", "Lantern", "The Harbour Courier"]
    await conversation.press(ann, page, "🗂 All topics")
    await conversation.press(ann, conversation.shown(page), "⚽ Sport")
    assert sources(conversation.shown(page)) == ["Goal", "Lantern"]
    await conversation.press(ann, conversation.shown(page), "Українська")
    assert sources(conversation.shown(page)) == []
    assert "There are none in this language on this topic." in conversation.shown(page).text
    await conversation.press(ann, conversation.shown(page), "🗂 Sport")
    await conversation.press(ann, conversation.shown(page), "All topics")
    assert sources(conversation.shown(page)) == ["Вісник"]


async def test_all_that_are_listed_are_switched_at_once(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    page = await opened(conversation, ann)
    await conversation.press(ann, page, "🗂 All topics")
    await conversation.press(ann, conversation.shown(page), "🪖 War")
    await conversation.press(ann, conversation.shown(page), "▫️ All off")
    assert "2 are off." in conversation.shown(page).text
    reader = await subscribers.find(db.reader, ChatId(ann.id))
    assert reader is not None
    assert len(reader.visibility.refused) == 2
    await conversation.press(ann, conversation.shown(page), "✅ All on")
    reader = await subscribers.find(db.reader, ChatId(ann.id))
    assert reader is not None
    assert not reader.visibility.refused


async def test_many_come_in_pages(conversation: Conversation, db: Database, ann: Person) -> None:
    many = [
        listed_feed(f"https://{number}.example/rss", source=f"Paper {number:02}")
        for number in range(PAGE_SIZE + 2)
    ]
    await list_feeds(db, *many)
    page = await opened(conversation, ann)
    assert len(sources(page)) == PAGE_SIZE
    await conversation.press(ann, page, "▶️")
    assert sources(conversation.shown(page)) == ["Paper 14", "Paper 15"]
    await conversation.press(ann, conversation.shown(page), "✅ Paper 15")
    assert "▫️ Paper 15" in labels(conversation.shown(page))
    await conversation.press(ann, conversation.shown(page), "◀️")
    assert sources(conversation.shown(page))[0] == "Paper 00"


@pytest.mark.parametrize(
    "data", ["source:99:1:en::0", "sources:uk:gibberish:7", "allsources:1:en:gibberish"]
)
async def test_an_old_or_hostile_button_changes_nothing_and_is_answered(
    conversation: Conversation, db: Database, ann: Person, data: str
) -> None:
    page = await opened(conversation, ann)
    relabel(page, data)
    await conversation.press(ann, page, labels(page)[0])
    reader = await subscribers.find(db.reader, ChatId(ann.id))
    assert reader is not None
    assert {WAR} == reader.topics
    assert len(reader.visibility.refused) <= 1


async def test_the_first_page_is_in_a_language_that_the_chat_reads(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    async with db.transaction() as tx:
        for language, wanted in (("ru", True), ("uk", True), ("en", False)):
            await subscribers.set_news_language(tx, ChatId(ann.id), language, wanted=wanted)  # type: ignore[arg-type]
    page = await opened(conversation, ann)
    assert page.text.startswith("Sources · Українська")


async def test_a_story_of_a_refused_source_comes_from_another_source(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    page = await opened(conversation, ann)
    await conversation.press(ann, page, "✅ Goal")
    await publish(db, "Bridge opens", made=reading(topic=WAR))
    await conversation.settle()
    assert any("Bridge opens" in text for text in conversation.texts(ann))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_delays_of_sources_are_told_the_quickest_first(language: Language) -> None:
    say = speak(language)
    slow = SourceDelay(half=timedelta(minutes=9), most=timedelta(hours=2))
    quick = SourceDelay(half=timedelta(minutes=2), most=timedelta(minutes=7))
    (paragraph,) = delay_lines({"A & B": slow, "Lantern": quick}, say)
    heading, first, second = paragraph.split("\n")
    assert heading.startswith("⏱ ")
    assert first.startswith("• Lantern: ")
    assert second.startswith("• A &amp; B: ")
    assert say.duration(timedelta(minutes=7)) in first
    assert delay_lines({}, say) == []


async def test_the_page_shows_the_delays_of_its_sources(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for number in range(MIN_STORIES):
        await publish(db, f"Bridge {number} opens", published_at=conversation.clock())
    await conversation.settle()
    page = await opened(conversation, ann)
    assert "⏱ From publication to the first reader, this week:" in page.text
