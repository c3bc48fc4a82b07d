from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage import articles, stories
from bot.storage.database import Database
from tests.builders import SCIENCE, SPORT, WAR, publish, reading, receive
from tests.fakes import NOON

HOUR = timedelta(hours=1)


async def test_a_story_shows_its_lead(db: Database) -> None:
    story = await stories.get(db.reader, await publish(db, "Bridge opens"))
    assert (story.title, story.topic, story.language) == ("Bridge opens", WAR, "en")
    assert (story.source, story.published_at) == ("The Harbour Courier", NOON)


@pytest.mark.parametrize(
    ("url", "title_key", "later", "found"),
    [
        ("https://courier.example/bridge", "", 90 * HOUR, True),
        ("https://other.example/", "bridge opens", HOUR, True),
        ("https://other.example/", "bridge opens", -HOUR, True),
        ("https://other.example/", "bridge opens", 3 * HOUR, False),
        ("https://other.example/", "bridge opens", -3 * HOUR, False),
        ("https://other.example/", "bridge closes", HOUR, False),
        ("https://other.example/", "", HOUR, False),
    ],
)
async def test_the_same_story_has_the_url_or_of_late_the_title_words(
    db: Database, url: str, title_key: str, later: timedelta, found: bool
) -> None:
    lead = await receive(db, "Bridge opens", url="https://courier.example/bridge")
    made = reading(title_key="bridge opens")
    async with db.transaction() as tx:
        story_id = await stories.add(tx, lead, made, WAR, now=NOON)
        await articles.mark_read(tx, lead.id, made, story_id, now=NOON)
    same = await stories.same(
        db.reader,
        canonical_url=url,
        title_key=title_key,
        published_at=NOON + later,
        title_within=2 * HOUR,
    )
    assert same == (story_id if found else None)


async def test_titles_without_a_key_are_never_the_same(db: Database) -> None:
    await publish(db, "Photo", made=reading(title_key=""))
    same = await stories.same(
        db.reader,
        canonical_url="https://x.example/",
        title_key="",
        published_at=NOON,
        title_within=HOUR,
    )
    assert same is None


@pytest.mark.parametrize(
    ("ago", "source", "untold"),
    [
        (72 * HOUR, "The Lakeside Post", True),
        (72 * HOUR, "The Harbour Courier", False),
        (HOUR, "The Lakeside Post", False),
    ],
)
async def test_a_story_found_only_as_backlog_is_untold_to_another_source(
    db: Database, ago: timedelta, source: str, untold: bool
) -> None:
    story_id = await publish(db, "Bridge opens", published_at=NOON - ago)
    assert await stories.untold(db.reader, story_id, source=source) is untold


async def test_the_newest_come_first_and_only_of_the_topics_and_languages(db: Database) -> None:
    await publish(db, "Older", published_at=NOON - HOUR)
    await publish(db, "Newer")
    await publish(db, "Goal", made=reading(topic=SPORT))
    await publish(db, "Міст", made=reading(language="uk"))
    newest = await stories.newest(db.reader, topics=[WAR], languages=["en"], limit=9)
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
    found = await stories.sharing_terms(
        db.reader,
        await stories.get(db.reader, opened),
        words=await stories.terms(db.reader, opened),
        topics=[WAR],
        languages=["en"],
        since=NOON - HOUR,
    )
    assert [story.title for story, _ in found] == ["Work", "Plan"]
    assert found[0][1] == ("bridge", "lakeside", "work")


@pytest.mark.parametrize("words", [[], ['"', 'x" OR "bridge']])
async def test_words_that_no_query_can_hold_find_nothing(db: Database, words: list[str]) -> None:
    await publish(db, "Plan")
    story = await stories.get(db.reader, await publish(db, "Opens"))
    found = await stories.sharing_terms(
        db.reader, story, words=words, topics=[WAR], languages=["en"], since=NOON
    )
    assert found == ()


async def test_a_story_is_found_under_each_of_its_topics(db: Database) -> None:
    made = replace(reading(), others=(SPORT, SCIENCE))
    story_id = await publish(db, "Match played in the shelter", made=made)
    for topics in ({WAR}, {SPORT}, {SCIENCE, WAR}):
        (story,) = await stories.newest(db.reader, topics=topics, languages={"en"}, limit=9)
        assert (story.id, story.topic, set(story.others)) == (story_id, WAR, {SPORT, SCIENCE})
