from datetime import timedelta

import pytest

from bot.model import ArticleSignature, CandidateArticle, StoryId
from bot.storage.database import Database
from bot.storage.stories import articles, queries, signatures, stories
from tests.support.builders import WAR, publish, reading, receive
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)


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
async def test_the_same_story_has_the_url_or_recently_the_title_words(
    db: Database, url: str, title_key: str, later: timedelta, found: bool
) -> None:
    lead = await receive(db, "Bridge opens", url="https://courier.example/bridge")
    made = reading(title_key="bridge opens")
    async with db.transaction() as tx:
        story_id = await stories.add(tx, lead, made, WAR, now=NOON)
        await articles.mark_processed(tx, lead.id, made, story_id, now=NOON)
    same = await signatures.find_exact(
        db.reader,
        canonical_url=url,
        title_key=title_key,
        published_at=NOON + later,
        title_within=2 * HOUR,
    )
    assert [match.story_id for match in same] == [story_id] * found


async def test_titles_without_a_key_are_never_the_same(db: Database) -> None:
    await publish(db, "Photo", made=reading(title_key=""))
    same = await signatures.find_exact(
        db.reader,
        canonical_url="https://x.example/",
        title_key="",
        published_at=NOON,
        title_within=HOUR,
    )
    assert not same


@pytest.mark.parametrize(
    ("ago", "source", "untold"),
    [
        (72 * HOUR, "The Lakeside Post", True),
        (72 * HOUR, "The Harbour Courier", False),
        (HOUR, "The Lakeside Post", False),
    ],
)
async def test_a_story_of_backlog_only_is_first_in_its_language_for_another_source(
    db: Database, ago: timedelta, source: str, untold: bool
) -> None:
    story_id = await publish(db, "Bridge opens", published_at=NOON - ago)
    assert (
        await signatures.is_first_in_language(db.reader, story_id, language="en", source=source)
        is untold
    )


async def test_a_story_in_one_language_is_first_in_another(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    for language, untold in (("en", False), ("uk", True)):
        assert (
            await signatures.is_first_in_language(
                db.reader,
                story_id,
                language=language,  # type: ignore[arg-type]
                source="Maiak",
            )
            is untold
        )


async def test_stories_that_share_keys_are_found_and_others_are_not(
    db: Database,
) -> None:
    told = [await publish(db, title) for title in ("Bridge opens", "Road closes", "Ferry sails")]
    keys = (["bridge", "lakeside"], ["lakeside", "road"], ["ferry"])
    rows = await db.reader.execute_fetchall("SELECT id FROM articles ORDER BY id")
    async with db.transaction() as tx:
        for (article_id,), its, name in zip(rows, keys, "abc", strict=True):
            await signatures.add(
                tx, article_id, ArticleSignature(fingerprint=name, vector=b"\0"), its
            )
    found = await signatures.find_candidates(
        db.reader, {"bridge": 2.0, "lakeside": 1.0}, since=NOON - 72 * HOUR
    )
    assert [it.story_id for it in found] == told[:2]
    assert found[0].articles == (
        CandidateArticle(
            language="en",
            source="The Harbour Courier",
            published_at=NOON,
            signature=ArticleSignature(fingerprint="a", vector=b"\0"),
        ),
    )
    later = await signatures.find_candidates(db.reader, {"bridge": 2.0}, since=NOON + HOUR)
    assert later == ()


async def test_a_candidate_has_its_first_signatures_whatever_their_keys(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens")
    for number in range(signatures.MAX_PER_STORY + 2):
        again = await receive(db, f"Bridge opens {number}")
        async with db.transaction() as tx:
            await articles.mark_processed(tx, again.id, reading(), story_id, now=NOON)
            name = ArticleSignature(fingerprint=str(number))
            await signatures.add(tx, again.id, name, ["bridge"] if number == 3 else ["lakeside"])
    (found,) = await signatures.find_candidates(db.reader, {"bridge": 1.0}, since=NOON - HOUR)
    names = [article.signature.fingerprint for article in found.articles]
    assert names == [str(number) for number in range(signatures.MAX_PER_STORY)]


async def test_a_signature_can_be_replaced(db: Database) -> None:
    await publish(db, "Bridge opens")
    ((article_id,),) = await db.reader.execute_fetchall("SELECT id FROM articles")
    for name in "ab":
        async with db.transaction() as tx:
            await signatures.add(tx, article_id, ArticleSignature(fingerprint=name), ["bridge"])
    (found,) = await signatures.find_candidates(db.reader, {"bridge": 1.0}, since=NOON - HOUR)
    assert [article.signature.fingerprint for article in found.articles] == ["b"]


async def test_a_source_that_publishes_its_own_backlog_as_news_does_not_count_for_others(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens", published_at=NOON - 72 * HOUR)
    again = await receive(db, "Bridge opens!")
    async with db.transaction() as tx:
        await articles.mark_processed(tx, again.id, reading(), story_id, now=NOON)
    for source, untold in (("The Harbour Courier", False), ("The Lakeside Post", True)):
        assert (
            await signatures.is_first_in_language(db.reader, story_id, language="en", source=source)
        ) is untold


async def test_sources_of_a_story_are_counted_once_each(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    for title, source in (("Bridge is open", "The Herald"), ("Open at last", "The Herald")):
        article = await receive(db, title, source=source)
        async with db.transaction() as tx:
            await articles.mark_processed(tx, article.id, reading(), story_id, now=NOON)
    assert await signatures.count_sources(db.reader, [story_id, StoryId(99)]) == {story_id: 2}
    told = await queries.get(db.reader, story_id)
    assert told is not None
    assert told.other_sources == ("The Harbour Courier",)
