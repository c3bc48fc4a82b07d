from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import (
    LANGUAGES,
    ArticleAnalysis,
    ArticleId,
    ArticleLanguage,
    ArticleSignature,
    CandidateArticle,
    CandidateStory,
    EditorLink,
    Language,
    Story,
    StoryId,
    TopicSlug,
)
from bot.storage.database import Database
from bot.storage.stories import editor_links, signatures
from bot.stories.matching.fingerprint import fingerprint, pack
from bot.stories.matching.vectors import VECTOR_BYTES
from bot.stories.read_also import closeness_judge, read_also, related_links
from bot.stories.related import NOT_JUDGED, Closeness
from tests.support.builders import SPORT, WAR, publish, reading, told
from tests.support.fakes import NOON

BRIDGE = ("bridg", "river", "ferri", "tram", "mayor")
FLU = ("flu", "hospit", "bed", "doctor")
TOLLS = EditorLink(title="How much does the ferry cost?", url="https://courier.example/tolls")
ENGLISH: list[Language] = ["en"]
FIRE = (
    "Furniture warehouse burns down in Lakeside, two guards killed",
    "A furniture warehouse of 800 metres caught fire in Lakeside at night. Two guards were killed.",
)
FIRE_TOO = (
    "Two guards killed as furniture warehouse burns down in Lakeside at night",
    "At night a furniture warehouse in Lakeside burned. Two guards were killed on 800 metres.",
)
MARATHON = (
    "Baker wins the spring marathon of Lakeside after heavy rain",
    "A baker ran the marathon of Lakeside in three hours. Thousands of people cheered in the rain.",
)


def canonical(url: str) -> str:
    return url.partition("?")[0]


async def link(
    db: Database,
    story_id: StoryId,
    *links: EditorLink,
    language: ArticleLanguage = "en",
    topics: Collection[TopicSlug] = (WAR,),
) -> None:
    """Let the lead of the story link to these, each of such topics by its title."""
    ((lead,),) = await db.reader.execute_fetchall(
        "SELECT lead_id FROM stories WHERE id = ?", (story_id,)
    )
    async with db.transaction() as tx:
        await editor_links.replace(tx, ArticleId(lead), links, canonical=canonical)
        for each in links:
            await editor_links.resolve(tx, ArticleId(lead), each, language=language, topics=topics)


async def to(db: Database, story_id: StoryId, *, title: str = "") -> EditorLink:
    """Return a link to the page of a story, spelt otherwise."""
    url = (await told(db, story_id)).url
    return EditorLink(title=title, url=f"{url}?utm_source=own")


async def titles(
    db: Database, story_id: StoryId, *, topics: Collection[TopicSlug] = (WAR,)
) -> list[str]:
    story = await told(db, story_id)
    found = await read_also(db.reader, story, topics=topics, languages=ENGLISH)
    return [each.title for each in found]


async def test_read_also_finds_earlier_stories_of_the_readers_topics(db: Database) -> None:
    await publish(db, "Mayor praises builders", made=reading(terms=BRIDGE))
    await publish(db, "Race across the bridge", made=reading(terms=BRIDGE, topic=SPORT))
    await publish(db, "Pont sur la rivière", made=reading(terms=BRIDGE, language="uk"))
    await publish(db, "Flu season begins", made=reading(terms=FLU))
    it = await publish(db, "New bridge opens", made=reading(terms=BRIDGE))
    await publish(db, "Bridge closes again", made=reading(terms=BRIDGE))

    found = await read_also(db.reader, await told(db, it), topics=[WAR], languages=ENGLISH)
    assert [other.title for other in found] == ["Mayor praises builders"]


async def test_editor_links_lead_only_to_stories_that_the_reader_would_get(db: Database) -> None:
    it = await told(db, await publish(db, "Bridge opens"))
    war, sport, ukrainian = [
        await told(db, await publish(db, title, made=made))
        for title, made in (
            ("Tram stops", reading()),
            ("Race is run", reading(topic=SPORT)),
            ("Трамвай стоїть", reading(language="uk")),
        )
    ]
    own: list[Story | EditorLink] = [sport, ukrainian, war, TOLLS]
    found = await related_links(
        db.reader, it, topics=[WAR], languages=ENGLISH, chosen_by_editors=own
    )
    assert [offer.link for offer in found] == [war, TOLLS]
    found = await related_links(
        db.reader, it, topics=[SPORT, WAR], languages=LANGUAGES, chosen_by_editors=own
    )
    assert [offer.link for offer in found] == [sport, ukrainian, war, TOLLS]


async def test_editor_links_come_before_related_stories(db: Database) -> None:
    await publish(db, "Mayor praises builders", made=reading(terms=BRIDGE))
    flu = await publish(db, "Flu season begins", made=reading(terms=FLU))
    it = await publish(db, "New bridge opens", made=reading(terms=BRIDGE))
    await link(db, it, TOLLS, await to(db, flu))
    assert await titles(db, it) == [TOLLS.title, "Flu season begins", "Mayor praises builders"]


async def test_an_editor_link_to_a_page_that_is_not_stored_has_its_newspapers_name(
    db: Database,
) -> None:
    it = await publish(db, "New bridge opens")
    await link(db, it, TOLLS)
    found = await read_also(db.reader, await told(db, it), topics=[WAR], languages=ENGLISH)
    assert found == (EditorLink(title=TOLLS.title, url=TOLLS.url, source="The Harbour Courier"),)


async def test_an_editor_link_without_a_title_is_shown_only_as_its_story(
    db: Database,
) -> None:
    flu = await publish(db, "Flu season begins", made=reading(terms=FLU))
    it = await publish(db, "New bridge opens", made=reading(terms=BRIDGE))
    nowhere = EditorLink(title="", url="https://courier.example/tag/bridge")
    await link(db, it, nowhere, await to(db, flu))
    assert await titles(db, it) == ["Flu season begins"]


async def test_an_editor_link_is_shown_only_to_readers_of_its_topics_and_language(
    db: Database,
) -> None:
    it = await publish(db, "New bridge opens")
    await link(db, it, TOLLS, topics=[SPORT])
    assert await titles(db, it) == []
    assert await titles(db, it, topics=[SPORT]) == [TOLLS.title]
    await link(db, it, TOLLS, language="uk")
    assert await titles(db, it) == []
    await link(db, it, TOLLS, topics=[])  # an advertisement
    assert await titles(db, it) == []
    sport = await publish(db, "Race is run", made=reading(topic=SPORT))
    await link(db, it, await to(db, sport, title="The race that was run in Lakeside"))
    assert await titles(db, it) == []


async def test_an_editor_link_without_topics_is_not_shown_by_its_title(db: Database) -> None:
    it = await publish(db, "New bridge opens")
    ((lead,),) = await db.reader.execute_fetchall("SELECT lead_id FROM stories")
    async with db.transaction() as tx:
        await editor_links.replace(tx, ArticleId(lead), [TOLLS], canonical=canonical)
    assert await titles(db, it) == []


async def test_an_editor_link_to_the_story_itself_is_left_out(db: Database) -> None:
    it = await publish(db, "New bridge opens")
    await link(db, it, await to(db, it, title="All about the bridge that opens in Lakeside"))
    assert await titles(db, it) == []


async def test_of_two_editor_links_to_one_story_one_is_shown(db: Database) -> None:
    flu = await publish(db, "Flu season begins")
    it = await publish(db, "New bridge opens", made=reading(terms=BRIDGE))
    ours, theirs = await to(db, flu), EditorLink(title="", url="https://post.example/flu")
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO articles (feed_id, guid, url, canonical_url, title, text, categories,"
            " published_at, stored_at, backlog, edited_at, language, story_id)"
            " SELECT feed_id, 'x', ?, ?, 'Flu', '', '[]', ?, 0, 0, 0, 'en', ?"
            " FROM articles LIMIT 1",
            (theirs.url, theirs.url, int((NOON - timedelta(hours=1)).timestamp()), flu),
        )
    await link(db, it, ours, theirs)
    assert await titles(db, it) == ["Flu season begins"]


async def test_a_related_story_that_duplicates_an_editor_link_is_left_out(
    db: Database,
) -> None:
    await publish(db, "Ferry across the river costs twice as much", made=reading(terms=BRIDGE))
    it = await publish(db, "New bridge opens", made=reading(terms=BRIDGE))
    same = EditorLink(title="Ferry across the river now costs twice as much", url=TOLLS.url)
    await link(db, it, same)
    assert await titles(db, it) == [same.title]


async def test_an_appeal_is_no_editor_link(db: Database) -> None:
    it = await publish(db, "New bridge opens")
    await link(db, it, EditorLink(title="Subscribe to our Telegram channel", url=TOLLS.url))
    assert await titles(db, it) == []


async def test_an_editor_link_to_a_story_without_the_readers_language_is_not_shown(
    db: Database,
) -> None:
    other = await publish(db, "Трамвай стоїть", made=reading(language="uk"))
    url = "https://courier.example/tram"
    async with db.transaction() as tx:
        await tx.execute("UPDATE articles SET canonical_url = ? WHERE story_id = ?", (url, other))
    it = await publish(db, "New bridge opens", made=reading(terms=BRIDGE))
    await link(db, it, EditorLink(title="The tram stops and waits for repairs", url=url))
    assert await titles(db, it) == []


def candidate(number: int, said: tuple[str, str]) -> CandidateStory:
    article = CandidateArticle(
        language="en",
        source=f"Courier {number}",
        published_at=NOON,
        signature=ArticleSignature(fingerprint=pack(fingerprint(*said))),
    )
    return CandidateStory(story_id=StoryId(number), published_at=NOON, articles=(article,))


def test_the_judge_of_stories_tells_what_reports_the_same_event() -> None:
    compared = [candidate(1, FIRE), candidate(2, FIRE_TOO), candidate(3, MARATHON)]
    closeness = closeness_judge(StoryId(1), compared)
    assert [closeness(StoryId(number)).is_same for number in (2, 3, 4)] == [True, False, False]
    assert closeness_judge(StoryId(4), compared)(StoryId(1)) == NOT_JUDGED


def vector(direction: tuple[int, int]) -> bytes:
    """Return the vectors of a headline and a text, both in this direction, of length 100."""
    half = bytes(value for value in direction for _ in range(16))
    return 2 * half.ljust(VECTOR_BYTES, b"\0")


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ((100, 0), Closeness(is_same=True, is_apart=False, min_shared_terms=3)),
        ((60, 80), Closeness(is_same=False, is_apart=False, min_shared_terms=3)),
        ((40, 92), Closeness(is_same=False, is_apart=False, min_shared_terms=4)),
        ((10, 100), Closeness(is_same=False, is_apart=True, min_shared_terms=4)),
    ],
)
@pytest.mark.parametrize("days", [3, 20])
def test_the_vectors_tell_how_close_an_older_story_is(
    direction: tuple[int, int], expected: Closeness, days: int
) -> None:
    sequel = (
        "Police question owner of the burned Lakeside furniture warehouse",
        "Police questioned the owner of the warehouse. He denied that its alarms were off.",
    )
    compared = [
        replace(
            each,
            published_at=published_at,
            articles=tuple(
                replace(
                    one,
                    published_at=published_at,
                    signature=replace(one.signature, vector=vector(of_story)),
                )
                for one in each.articles
            ),
        )
        for each, of_story, published_at in (
            (candidate(1, sequel), (100, 0), NOON),
            (candidate(2, FIRE), direction, NOON - timedelta(days=days)),
        )
    ]
    assert closeness_judge(StoryId(1), compared)(StoryId(2)) == expected


async def test_what_reports_the_same_event_is_not_offered(db: Database) -> None:
    def made(said: tuple[str, str]) -> ArticleAnalysis:
        signature = ArticleSignature(fingerprint=pack(fingerprint(*said)))
        return replace(reading(terms=BRIDGE), signature=signature)

    ids = []
    for number, said in enumerate((FIRE_TOO, MARATHON, FIRE), start=1):
        ids.append(await publish(db, said[0], made=made(said)))
        async with db.transaction() as tx:
            await signatures.add(tx, ArticleId(number), made(said).signature, ())
    await link(db, ids[-1], await to(db, ids[0]))
    assert await titles(db, ids[-1]) == [MARATHON[0]]


async def test_an_editor_link_without_an_address_is_shown_only_as_its_story(db: Database) -> None:
    it = await publish(db, "New bridge opens")
    await link(db, it, EditorLink(title="The race that was run in Lakeside", url=""))
    assert await titles(db, it) == []
