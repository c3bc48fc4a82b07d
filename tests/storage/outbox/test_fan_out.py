"""The fan-out: SQL finds by index what `bot.story_filter` decides reader by reader."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from bot.model import ChatId, FeedId, FoundFeed, Language, StoryId, TopicSlug, Word
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.outbox import fan_out
from bot.storage.stories import articles, queries
from bot.storage.subscribers import subscribers, visibility, words
from bot.story_filter import match_reason
from bot.text.phrases import parse_phrase
from tests.support.builders import (
    SCIENCE,
    SPORT,
    WAR,
    add_article,
    add_feed,
    entry,
    publish,
    reading,
    retell,
    subscribe,
)
from tests.support.fakes import NOON

ANN, BOB = ChatId(1), ChatId(2)


async def recipients(db: Database, story_id: StoryId) -> set[int]:
    rows = await db.reader.execute_fetchall(
        "SELECT chat_id FROM deliveries WHERE story_id = ?", (story_id,)
    )
    return {row[0] for row in rows}


async def wish(
    db: Database, chat_id: ChatId, text: str, *, muted: bool = False, topic: TopicSlug | None = None
) -> None:
    phrase = parse_phrase(text)
    assert phrase is not None
    async with db.transaction() as tx:
        await words.put(tx, chat_id, Word(text=text, phrase=phrase, muted=muted, topic=topic))


async def refuse(db: Database, chat_id: ChatId, *feeds: FeedId) -> None:
    async with db.transaction() as tx:
        await visibility.set_refused(tx, chat_id, feeds, refused=True)


async def tell(
    db: Database, story_id: StoryId, title: str, url: str, *, language: Language = "en"
) -> None:
    """Have another feed tell the story, as the editor does where it is no news any more."""
    feed_id = await add_feed(db, url)
    async with db.transaction() as tx:
        article_id = await add_article(tx, feed_id, entry(title))
        made = reading(language=language)
        await articles.mark_processed(tx, article_id, made, story_id, now=NOON)
        await fan_out.enqueue_story(
            tx, story_id, language, now=NOON, article_id=article_id, first_in_language=False
        )


async def test_a_followed_word_brings_a_story_in_and_a_muted_one_keeps_it_out(
    db: Database,
) -> None:
    await subscribe(db, ANN, SPORT)
    await subscribe(db, BOB, WAR)
    await wish(db, ANN, "ferries")
    await wish(db, BOB, "Lakeside", muted=True)
    assert await recipients(db, await publish(db, "Ferry comes to Lakeside")) == {ANN}
    assert await recipients(db, await publish(db, "Goal in Lakeside")) == set()
    assert await recipients(db, await publish(db, "Goal in Foxhill")) == {BOB}


async def test_a_word_counts_in_its_topic_alone(db: Database) -> None:
    await subscribe(db, ANN, WAR)
    await wish(db, ANN, "goal", muted=True, topic=SPORT)
    assert await recipients(db, await publish(db, "Goal")) == {ANN}
    made = replace(reading(), other_topics=(SPORT,))
    assert await recipients(db, await publish(db, "Goal again", made=made)) == set()


async def test_the_last_setting_of_a_word_counts_and_a_dropped_word_does_not(
    db: Database,
) -> None:
    await subscribe(db, ANN, WAR)
    await wish(db, ANN, "Goal", muted=True)
    await wish(db, ANN, "goal")
    assert await recipients(db, await publish(db, "Goal", made=reading(topic=SPORT))) == {ANN}
    phrase = parse_phrase("goals")
    assert phrase is not None
    async with db.transaction() as tx:
        assert await words.drop(tx, ANN, phrase)
        assert not await words.drop(tx, ANN, phrase)
    assert await recipients(db, await publish(db, "Goal two", made=reading(topic=SPORT))) == set()


async def test_words_do_not_reach_across_languages_that_one_does_not_read(db: Database) -> None:
    await subscribe(db, ANN, WAR, language="uk")
    await wish(db, ANN, "Lakeside")
    assert await recipients(db, await publish(db, "Lakeside")) == set()


async def test_who_refuses_a_feed_gets_the_story_when_another_feed_has_it(db: Database) -> None:
    courier = await add_feed(db)
    await subscribe(db, ANN, WAR)
    await refuse(db, ANN, courier)
    story_id = await publish(db, "Bridge opens")
    assert await recipients(db, story_id) == set()
    await tell(db, story_id, "A bridge was opened", "https://lantern.example/rss")
    assert await recipients(db, story_id) == {ANN}
    reader = await subscribers.find(db.reader, ANN)
    assert reader is not None
    story = await queries.get(db.reader, story_id, languages=["en"], visibility=reader.visibility)
    assert story is not None
    assert story.title == "A bridge was opened"


async def test_a_later_article_is_not_queued_for_who_could_see_an_earlier_one(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens")
    await subscribe(db, ANN, WAR)
    await tell(db, story_id, "A bridge was opened", "https://lantern.example/rss")
    assert await recipients(db, story_id) == set()


@pytest.mark.parametrize("seed", range(8))
async def test_the_fan_out_equals_the_decision_for_each_reader(db: Database, seed: int) -> None:
    chance = Random(seed)
    feed_id = await add_feed(db)
    text = ["bridge", "goal", "Lakeside", "new bridge", "harbour"]
    for chat_id in map(ChatId, range(1, 40)):
        language: Language = chance.choice(["en", "en", "uk"])
        topics = chance.sample([WAR, SPORT, SCIENCE], k=chance.randint(1, 2))
        await subscribe(db, chat_id, *topics, language=language)
        for it in chance.sample(text, k=chance.randint(0, 3)):
            topic = chance.choice([None, None, WAR, SPORT])
            await wish(db, chat_id, it, muted=chance.random() < 0.3, topic=topic)
        if chance.random() < 0.2:
            await refuse(db, chat_id, feed_id)
    title = " ".join(chance.sample(["Bridge", "goal", "Lakeside", "rain"], k=3))
    made = replace(reading(topic=chance.choice([WAR, SPORT])), other_topics=(SCIENCE,))
    story_id = await publish(db, title, made=made)
    expected = set()
    for chat_id in map(ChatId, range(1, 40)):
        reader = await subscribers.find(db.reader, chat_id)
        assert reader is not None
        languages, visibility = reader.news_languages, reader.visibility
        story = await queries.get(db.reader, story_id, languages=languages, visibility=visibility)
        if story is not None and match_reason(reader, story):
            expected.add(chat_id)
    assert await recipients(db, story_id) == expected
    assert 0 < len(expected) < 39


async def at_once(db: Database) -> list[int]:
    rows = await db.reader.execute_fetchall(
        "SELECT chat_id FROM deliveries WHERE at_once ORDER BY chat_id"
    )
    return [row[0] for row in rows]


async def hurry(db: Database, story: StoryId, *, public: bool, own: Sequence[FeedId] = ()) -> None:
    async with db.transaction() as tx:
        await fan_out.hurry_marked(tx, story, public=public, private_feeds=own)


async def test_a_mark_of_urgent_news_counts_once_a_second_source_confirms_it(
    db: Database,
) -> None:
    await subscribe(db, 1, WAR)
    story = await publish(db, "⚡ Bridge collapses")
    await hurry(db, story, public=True)
    assert await at_once(db) == []
    await retell(db, story, source="The Second")
    await hurry(db, story, public=False)
    assert await at_once(db) == [], "nobody has marked it"
    await hurry(db, story, public=True)
    assert await at_once(db) == [1]


async def test_a_readers_own_feed_confirms_a_mark_for_that_reader_alone(db: Database) -> None:
    for chat_id in (1, 2):
        await subscribe(db, chat_id, WAR)
    story = await publish(db, "⚡ Bridge collapses")
    own = FoundFeed(url="https://own.example/", domain="own.example", title="", newest=())
    async with db.transaction() as tx:
        feed_id = await own_feeds.add(tx, ChatId(2), own, language="en", now=NOON)
        article_id = await add_article(tx, feed_id, entry("Bridge down"))
        await tx.execute("UPDATE articles SET story_id = ? WHERE id = ?", (story, article_id))
    await hurry(db, story, public=True)
    assert await at_once(db) == [2]


async def test_the_mark_of_a_private_feed_counts_for_its_readers_alone(db: Database) -> None:
    for chat_id in (1, 2):
        await subscribe(db, chat_id, WAR)
    story = await publish(db, "Bridge collapses")
    await retell(db, story, source="The Second")
    own = FoundFeed(url="https://own.example/", domain="own.example", title="", newest=())
    async with db.transaction() as tx:
        feed_id = await own_feeds.add(tx, ChatId(2), own, language="en", now=NOON)
    await hurry(db, story, public=False, own=[feed_id])
    assert await at_once(db) == [2]
