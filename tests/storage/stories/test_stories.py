from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import LANGUAGES, ArticleId
from bot.storage.database import Database
from bot.storage.stories import articles, queries, stories
from tests.support.builders import SCIENCE, SPORT, WAR, publish, reading, receive, told
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)


async def test_a_story_shows_its_lead(db: Database) -> None:
    story = await told(db, await publish(db, "Bridge opens"))
    assert (story.title, story.topic, story.language) == ("Bridge opens", WAR, "en")
    assert (story.source, story.published_at) == ("The Harbour Courier", NOON)


async def test_the_newest_come_first_and_only_of_the_topics_and_languages(db: Database) -> None:
    await publish(db, "Older", published_at=NOON - HOUR)
    await publish(db, "Newer")
    await publish(db, "Goal", made=reading(topic=SPORT))
    await publish(db, "Міст", made=reading(language="uk"))
    newest = await queries.newest(db.reader, topics=[WAR], languages=["en"], limit=9)
    assert [story.title for story in newest] == ["Newer", "Older"]


async def test_earlier_stories_that_share_words_are_found_the_most_alike_first(
    db: Database,
) -> None:
    await publish(db, "Plan", made=reading(terms=("bridge", "plan")))
    await publish(db, "Work", made=reading(terms=("bridge", "lakeside", "work")))
    await publish(db, "Goal", made=reading(topic=SPORT, terms=("bridge", "lakeside")))
    await publish(db, "Old", made=reading(terms=("open",)), published_at=NOON - 2 * HOUR)
    opened = await publish(db, "Opens", made=reading(terms=("bridge", "lakeside", "open")))
    await publish(db, "Later", made=reading(terms=("bridge", "lakeside", "open")))
    found = await queries.sharing_terms(
        db.reader,
        await told(db, opened),
        words=dict.fromkeys(await stories.terms(db.reader, opened), 1.0),
        topics=[WAR],
        languages=["en"],
        since=NOON - HOUR,
    )
    assert [story.title for story, _ in found] == ["Work", "Plan"]
    assert found[0][1] == ("bridge", "lakeside", "work")


@pytest.mark.parametrize("words", [[], ['"', 'x" OR "bridge']])
async def test_words_that_no_query_can_hold_find_nothing(db: Database, words: list[str]) -> None:
    await publish(db, "Plan")
    story = await told(db, await publish(db, "Opens"))
    found = await queries.sharing_terms(
        db.reader,
        story,
        words=dict.fromkeys(words, 1.0),
        topics=[WAR],
        languages=["en"],
        since=NOON,
    )
    assert found == ()


async def test_a_story_is_found_under_each_of_its_topics(db: Database) -> None:
    made = replace(reading(), other_topics=(SPORT, SCIENCE))
    story_id = await publish(db, "Match played in the shelter", made=made)
    for topics in ({WAR}, {SPORT}, {SCIENCE, WAR}):
        (story,) = await queries.newest(db.reader, topics=topics, languages={"en"}, limit=9)
        assert (story.id, story.topic, set(story.other_topics)) == (story_id, WAR, {SPORT, SCIENCE})


async def test_the_id_of_a_story_that_was_deleted_can_be_given_again(db: Database) -> None:
    deleted = await publish(db, "Bridge opens", made=reading(terms=("bridge",)))
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM articles")
    story_id = await publish(db, "Goal", made=reading(terms=("goal",)))
    assert story_id == deleted
    assert await stories.terms(db.reader, story_id) == ("goal",)


async def test_an_edit_into_another_language_leaves_the_old_one_to_the_next_telling(
    db: Database,
) -> None:
    story_id = await publish(db, "Міст відкрито", made=reading(language="uk"))
    later = await receive(db, "Новий міст у Луговому")
    async with db.transaction() as tx:
        await articles.mark_processed(tx, later.id, reading(language="uk"), story_id, now=NOON)
        await articles.mark_processed(tx, ArticleId(1), reading(language="ru"), story_id, now=NOON)
    titles = {
        language: (await queries.get(db.reader, story_id, languages=[language]))
        for language in LANGUAGES
    }
    assert {its: story and story.title for its, story in titles.items()} == {
        "uk": "Новий міст у Луговому",
        "ru": "Міст відкрито",
        "en": None,
    }


async def test_an_edit_into_none_of_our_languages_leaves_the_story_where_it_is(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await articles.mark_processed(
            tx, ArticleId(1), reading(language="other"), story_id, now=NOON
        )
    assert await queries.get(db.reader, story_id, languages=["en"])
