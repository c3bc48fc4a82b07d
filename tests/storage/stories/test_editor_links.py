from dataclasses import replace

import pytest

from bot.model import (
    LANGUAGES,
    ArticleId,
    EditorLink,
    FeedId,
    ResolvedLink,
    TopicSlug,
    Visibility,
)
from bot.storage.database import Database
from bot.storage.stories import editor_links
from tests.support.builders import WAR, publish, reading
from tests.support.fakes import NOON

OLD = EditorLink(title="The old bridge closes", url="https://courier.example/old?utm_source=x")
TAG = EditorLink(title="", url="https://courier.example/tag")
LEAD = ArticleId(1)


def canonical(url: str) -> str:
    return url.partition("?")[0]


async def put(db: Database, *links: EditorLink) -> None:
    async with db.transaction() as tx:
        await editor_links.replace(tx, LEAD, links, canonical=canonical)


async def test_links_keep_their_order_and_the_first_to_a_page_counts(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    again = EditorLink(title="Once more", url="https://courier.example/old")
    await put(db, TAG, OLD, again)
    found = await editor_links.of_story(db.reader, story_id, languages=LANGUAGES)
    source = "The Harbour Courier"
    assert [it.link for it in found] == [
        EditorLink(title=it.title, url=it.url, source=source) for it in (TAG, OLD)
    ]
    assert await editor_links.titled(db.reader, LEAD) == (OLD,)
    await put(db)
    assert await editor_links.of_story(db.reader, story_id, languages=LANGUAGES) == ()


async def test_a_link_is_resolved_by_its_title(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    await put(db, OLD)
    (found,) = await editor_links.of_story(db.reader, story_id, languages=LANGUAGES)
    assert (found.language, found.topics, found.story_id) == (None, (), None)
    async with db.transaction() as tx:
        await editor_links.resolve(
            tx, LEAD, OLD, language="other", topics=[WAR, TopicSlug("world")]
        )
    (found,) = await editor_links.of_story(db.reader, story_id, languages=LANGUAGES)
    assert (found.language, found.topics) == ("other", (WAR, "world"))


async def test_a_link_leads_to_the_story_at_its_address(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    other = await publish(db, "Tram stops")
    rows = await db.reader.execute_fetchall("SELECT url FROM articles WHERE id = 2")
    ((url,),) = rows
    await put(db, EditorLink(title="", url=f"{url}?from=here"))
    found = await editor_links.of_story(db.reader, story_id, languages=LANGUAGES)
    assert found == (
        ResolvedLink(
            link=EditorLink(title="", url=f"{url}?from=here", source="The Harbour Courier"),
            language=None,
            topics=(),
            story_id=other,
        ),
    )


async def test_a_link_without_an_address_leads_to_the_story_of_its_headline(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    linked = await publish(
        db, "Tram stops", made=replace(reading(), title_key="lakeside stop tram")
    )
    named = [
        EditorLink(title=title, url="") for title in ("Tram stops in Lakeside", "A race is run")
    ]
    await put(db, *named)
    assert await editor_links.titled(db.reader, LEAD) == tuple(named)
    keys = ("lakeside stop tram", "")
    async with db.transaction() as tx:
        for link, key in zip(named, keys, strict=True):
            await editor_links.resolve(tx, LEAD, link, language="en", topics=[WAR], title_key=key)
    found = await editor_links.of_story(db.reader, story_id, languages=LANGUAGES)
    assert [(each.link.title, each.story_id) for each in found] == [
        ("Tram stops in Lakeside", linked),
        ("A race is run", None),
    ]


async def test_only_articles_in_the_readers_languages_count(db: Database) -> None:
    story_id = await publish(db, "Bridge opens", made=reading(language="uk"), published_at=NOON)
    await put(db, OLD)
    assert await editor_links.of_story(db.reader, story_id, languages=["en"]) == ()
    assert len(await editor_links.of_story(db.reader, story_id, languages=["uk", "ru"])) == 1


@pytest.mark.parametrize("language", ["uk", None])
async def test_links_are_deleted_with_their_article(db: Database, language: str | None) -> None:
    await publish(db, "Bridge opens")
    await put(db, OLD)
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM articles")
    assert await editor_links.titled(db.reader, LEAD) == ()


async def test_a_private_feed_takes_no_link_over_by_its_address(db: Database) -> None:
    story_id, other = await publish(db, "Bridge opens"), await publish(db, "Tram stops")
    private = await publish(db, "Tram is a lie")
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO feeds (id, url, source, language, domain, due_at, private)"
            " VALUES (99, 'https://own.example/', 'Own', 'en', 'own.example', 0, 1)"
        )
        await tx.execute(
            "UPDATE articles SET canonical_url = 'https://courier.example/tram',"
            " feed_id = iif(story_id = ?, 99, feed_id) WHERE story_id IN (?, ?)",
            (private, other, private),
        )
    await put(db, EditorLink(title="", url="https://courier.example/tram"))
    for visibility, leads_to in (
        (Visibility(), other),
        (Visibility(own=frozenset({FeedId(99)})), private),
    ):
        (found,) = await editor_links.of_story(
            db.reader, story_id, languages=LANGUAGES, visibility=visibility
        )
        assert found.story_id == leads_to
