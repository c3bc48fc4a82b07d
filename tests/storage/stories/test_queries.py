from datetime import timedelta

import pytest

from bot.model import LANGUAGES
from bot.storage.database import Database
from bot.storage.stories import articles, queries, stories
from tests.support.builders import SPORT, WAR, publish, reading, receive, retell, told
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)


async def found(db: Database, *words: tuple[str, ...]) -> list[str]:
    matches = await queries.search(db.reader, words, languages=["en"], limit=9)
    return [story.title for story in matches]


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


async def test_coverage_is_in_the_order_of_storing_whatever_the_language(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id, "Міст відкрито", source="Новини", language="uk")
    await retell(db, story_id, "Brücke offen", source="Die Zeitung", language="other")
    coverage = await queries.coverage(db.reader, story_id, limit=9)
    assert [(it.title, it.source, it.language) for it in coverage] == [
        ("Bridge opens", "The Harbour Courier", "en"),
        ("Міст відкрито", "Новини", "uk"),
        ("Brücke offen", "Die Zeitung", "other"),
    ]
    assert await queries.coverage(db.reader, story_id, limit=1) == coverage[:1]


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


async def test_a_search_leaves_out_what_has_one_of_other_words(db: Database) -> None:
    for title, terms in (("Bridge", ("bridge",)), ("Riga", ("bridge", "riga"))):
        await publish(db, title, made=reading(terms=terms))
    for without, titles in ((("riga",), ["Bridge"]), (('x"', "bridge"), [])):
        stories = await queries.search(
            db.reader, [("bridge",)], languages=["en"], limit=9, without=[without]
        )
        assert [story.title for story in stories] == titles


async def test_a_search_shows_only_languages_that_are_read(db: Database) -> None:
    await publish(db, "Міст", made=reading(language="uk", terms=("bridge",)))
    assert await found(db, ("bridge",)) == []


@pytest.mark.parametrize("term", ['"', "a OR b", "NEAR(", "*", "-", "'; DROP TABLE stories"])
async def test_no_term_is_parsed_as_an_operator(db: Database, term: str) -> None:
    await publish(db, "Bridge opens", made=reading(terms=("bridge",)))
    assert await found(db, (term,)) == []


async def test_a_search_for_nothing_finds_nothing(db: Database) -> None:
    await publish(db, "Bridge opens")
    assert await found(db) == []


async def test_stories_of_most_sources_come_first_and_of_those_the_newest(db: Database) -> None:
    old = await publish(db, "Told by two", published_at=NOON - 5 * HOUR)
    await publish(db, "Told by one", published_at=NOON - HOUR)
    await publish(db, "Told today by one", published_at=NOON)
    await publish(db, "Told last week", published_at=NOON - 99 * HOUR)
    await publish(db, "Goal", made=reading(topic=SPORT))
    article = await receive(db, "Also told", source="The Herald")
    async with db.transaction() as tx:
        await articles.mark_processed(tx, article.id, reading(), old, now=NOON)
    covered = await queries.most_covered(
        db.reader, topics=[WAR], languages=LANGUAGES, since=NOON - 24 * HOUR, limit=9
    )
    assert [story.title for story in covered] == ["Also told", "Told today by one", "Told by one"]


async def test_the_newest_come_first_and_only_of_the_topics_and_languages(db: Database) -> None:
    await publish(db, "Older", published_at=NOON - HOUR)
    await publish(db, "Newer")
    await publish(db, "Goal", made=reading(topic=SPORT))
    await publish(db, "Міст", made=reading(language="uk"))
    newest = await queries.newest(db.reader, topics=[WAR], languages=["en"], limit=9)
    assert [story.title for story in newest] == ["Newer", "Older"]


async def test_earlier_stories_that_share_words_are_found_most_similar_first(
    db: Database,
) -> None:
    await publish(db, "Plan", made=reading(terms=("bridge", "plan")))
    await publish(db, "Work", made=reading(terms=("bridge", "lakeside", "work")))
    await publish(db, "Goal", made=reading(topic=SPORT, terms=("bridge", "lakeside")))
    await publish(db, "Old", made=reading(terms=("open",)), published_at=NOON - 2 * HOUR)
    opened = await publish(db, "Opens", made=reading(terms=("bridge", "lakeside", "open")))
    await publish(db, "Later", made=reading(terms=("bridge", "lakeside", "open")))
    similar = await queries.sharing_terms(
        db.reader,
        await told(db, opened),
        words=dict.fromkeys(await stories.terms(db.reader, opened), 1.0),
        topics=[WAR],
        languages=["en"],
        since=NOON - HOUR,
    )
    assert [story.title for story, _ in similar] == ["Work", "Plan"]
    assert similar[0][1] == ("bridge", "lakeside", "work")


@pytest.mark.parametrize("words", [[], ['"', 'x" OR "bridge']])
async def test_words_that_no_query_can_hold_find_nothing(db: Database, words: list[str]) -> None:
    await publish(db, "Plan")
    story = await told(db, await publish(db, "Opens"))
    similar = await queries.sharing_terms(
        db.reader,
        story,
        words=dict.fromkeys(words, 1.0),
        topics=[WAR],
        languages=["en"],
        since=NOON,
    )
    assert similar == ()
