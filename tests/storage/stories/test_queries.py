from datetime import timedelta

import pytest

from bot.model import LANGUAGES
from bot.storage.database import Database
from bot.storage.stories import articles, queries
from tests.support.builders import SPORT, WAR, publish, reading, receive, retell
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)


async def found(db: Database, *words: tuple[str, ...]) -> list[str]:
    told = await queries.search(db.reader, words, languages=["en"], limit=9)
    return [story.title for story in told]


async def test_the_newest_come_in_pages(db: Database) -> None:
    for number in range(5):
        await publish(db, f"Story {number}", published_at=NOON - number * HOUR)
    pages = [
        await queries.newest(db.reader, topics=[WAR], languages=["en"], limit=2, skipped=skipped)
        for skipped in (0, 2, 4)
    ]
    assert [[story.title for story in page] for page in pages] == [
        ["Story 0", "Story 1"],
        ["Story 2", "Story 3"],
        ["Story 4"],
    ]


async def test_tellings_come_in_the_order_in_which_they_came_whatever_their_language(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id, "Міст відкрито", source="Новини", language="uk")
    await retell(db, story_id, "Brücke offen", source="Die Zeitung", language="other")
    told = await queries.coverage(db.reader, story_id, limit=9)
    assert [(it.title, it.source, it.language) for it in told] == [
        ("Bridge opens", "The Harbour Courier", "en"),
        ("Міст відкрито", "Новини", "uk"),
        ("Brücke offen", "Die Zeitung", "other"),
    ]
    assert await queries.coverage(db.reader, story_id, limit=1) == told[:1]


async def test_a_search_wants_a_term_of_each_word_and_shows_the_newest_first(db: Database) -> None:
    await publish(db, "Bridge opens", made=reading(terms=("bridge", "open")))
    await publish(db, "Bridge closes", made=reading(terms=("bridge", "close")))
    await publish(db, "Zelensky comes", made=reading(terms=("=zlnsk", "come")))
    assert await found(db, ("bridge",)) == ["Bridge closes", "Bridge opens"]
    assert await found(db, ("bridge",), ("open", "=pn")) == ["Bridge opens"]
    assert await found(db, ("zelen", "=zlnsk")) == ["Zelensky comes"]
    assert await found(db, ("ferry",)) == []


async def test_a_search_goes_by_when_stories_were_published_not_by_when_they_came(
    db: Database,
) -> None:
    made = reading(terms=("bridge",))
    for hours in (3, 1, 2):
        await publish(db, f"{hours} hours ago", made=made, published_at=NOON - hours * HOUR)
    assert await found(db, ("bridge",)) == ["1 hours ago", "2 hours ago", "3 hours ago"]
    page = await queries.search(db.reader, [("bridge",)], languages=["en"], limit=1, skipped=1)
    assert [story.title for story in page] == ["2 hours ago"]


async def test_a_search_shows_only_languages_that_are_read(db: Database) -> None:
    await publish(db, "Міст", made=reading(language="uk", terms=("bridge",)))
    assert await found(db, ("bridge",)) == []


@pytest.mark.parametrize("term", ['"', "a OR b", "NEAR(", "*", "-", "'; DROP TABLE stories"])
async def test_no_term_is_taken_for_a_command(db: Database, term: str) -> None:
    await publish(db, "Bridge opens", made=reading(terms=("bridge",)))
    assert await found(db, (term,)) == []


async def test_a_search_for_nothing_finds_nothing(db: Database) -> None:
    await publish(db, "Bridge opens")
    assert await found(db) == []


async def test_what_most_sources_tell_is_first_and_of_those_the_newest(db: Database) -> None:
    old = await publish(db, "Told by two", published_at=NOON - 5 * HOUR)
    await publish(db, "Told by one", published_at=NOON - HOUR)
    await publish(db, "Told today by one", published_at=NOON)
    await publish(db, "Told last week", published_at=NOON - 99 * HOUR)
    await publish(db, "Goal", made=reading(topic=SPORT))
    article = await receive(db, "Also told", source="The Herald")
    async with db.transaction() as tx:
        await articles.mark_processed(tx, article.id, reading(), old, now=NOON)
    told = await queries.most_covered(
        db.reader, topics=[WAR], languages=LANGUAGES, since=NOON - 24 * HOUR, limit=9
    )
    assert [story.title for story in told] == ["Told by two", "Told today by one", "Told by one"]
