from dataclasses import replace

from bot.model import LANGUAGES, ArticleId
from bot.storage.database import Database
from bot.storage.stories import articles, queries, stories
from tests.support.builders import SCIENCE, SPORT, WAR, publish, reading, receive, told
from tests.support.fakes import NOON


async def test_a_story_shows_its_lead(db: Database) -> None:
    story = await told(db, await publish(db, "Bridge opens"))
    assert (story.title, story.topic, story.language) == ("Bridge opens", WAR, "en")
    assert (story.source, story.published_at) == ("The Harbour Courier", NOON)


async def test_a_story_is_found_under_each_of_its_topics(db: Database) -> None:
    made = replace(reading(), other_topics=(SPORT, SCIENCE))
    story_id = await publish(db, "Match played in the shelter", made=made)
    for topics in ({WAR}, {SPORT}, {SCIENCE, WAR}):
        (story,) = await queries.newest(db.reader, topics=topics, languages={"en"}, limit=9)
        assert (story.id, story.topic, set(story.other_topics)) == (story_id, WAR, {SPORT, SCIENCE})


async def test_the_id_of_a_deleted_story_can_be_reused(db: Database) -> None:
    deleted = await publish(db, "Bridge opens", made=reading(terms=("bridge",)))
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM articles")
    story_id = await publish(db, "Goal", made=reading(terms=("goal",)))
    assert story_id == deleted
    assert await stories.terms(db.reader, story_id) == ("goal",)


async def test_after_an_edit_into_another_language_the_next_article_shows_the_story_in_the_old_one(
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
    assert {language: story and story.title for language, story in titles.items()} == {
        "uk": "Новий міст у Луговому",
        "ru": "Міст відкрито",
        "en": None,
    }


async def test_an_edit_into_an_unknown_language_keeps_the_language_of_the_article(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await articles.mark_processed(
            tx, ArticleId(1), reading(language="other"), story_id, now=NOON
        )
    assert await queries.get(db.reader, story_id, languages=["en"])
