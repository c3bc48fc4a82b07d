"""Storylines: chapters, merged stories and followers."""

from datetime import timedelta

from bot.model import LANGUAGES, ChatId, StoryId, TopicSlug
from bot.storage import retention
from bot.storage.database import Database
from bot.storage.stories import queries, storylines
from bot.storage.subscribers import subscribers
from tests.support.builders import SPORT, WAR, publish, reading, subscribe
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)


async def chapter(
    db: Database, title: str, continues: StoryId, *, hours: int = 1, topic: TopicSlug = WAR
) -> StoryId:
    at = NOON + hours * HOUR
    made = reading(topic=topic)
    return await publish(db, title, made=made, published_at=at, now=at, continues=continues)


async def test_a_list_has_one_line_of_a_storyline_with_the_number_of_earlier_ones(
    db: Database,
) -> None:
    first = await publish(db, "Talks begin")
    second = await chapter(db, "Talks go on", first)
    third = await chapter(db, "Truce agreed", second, hours=2)
    other = await publish(db, "Bridge opens")
    newest = await queries.newest(db.reader, topics=[WAR], languages=LANGUAGES, limit=9)
    assert [(story.id, story.earlier_count) for story in newest] == [(third, 2), (other, 0)]
    found = await queries.search(db.reader, [["bridge"]], languages=LANGUAGES, limit=9)
    assert {story.id for story in found} == {third, other}
    covered = await queries.most_covered(
        db.reader, topics=[WAR], languages=LANGUAGES, since=NOON, limit=9
    )
    assert {story.id for story in covered} == {third, other}


async def test_a_list_of_a_topic_has_the_newest_chapter_of_that_topic(db: Database) -> None:
    first = await publish(db, "Talks begin")
    last = await chapter(db, "Match of the two teams", first, topic=SPORT)
    newest = await queries.newest(db.reader, topics=[WAR], languages=LANGUAGES, limit=9)
    assert [story.id for story in newest] == [first]
    newest = await queries.newest(db.reader, topics=[WAR, SPORT], languages=LANGUAGES, limit=9)
    assert [story.id for story in newest] == [last]


async def test_earlier_chapters_begin_with_what_the_story_continues(db: Database) -> None:
    first = await publish(db, "Talks begin")
    await chapter(db, "Talks go on", first)
    third = await chapter(db, "Talks end", first, hours=2)
    story = await queries.get(db.reader, third)
    assert story is not None
    earlier = await storylines.earlier_chapters(db.reader, story, languages=LANGUAGES, limit=9)
    assert [each.title for each in earlier] == ["Talks begin", "Talks go on"]
    unseen = await storylines.earlier_chapters(db.reader, story, languages=["uk"], limit=9)
    assert unseen == ()


async def test_of_each_storyline_the_newest_visible_chapter_is_found(db: Database) -> None:
    first = await publish(db, "Talks begin")
    other = await publish(db, "Bridge opens")
    second = await chapter(db, "Talks go on", first)
    made = reading(language="uk")
    await publish(db, "Переговори завершено", made=made, continues=first)
    newest = await storylines.newest_chapters(
        db.reader, [other, first, StoryId(99)], languages=["en"]
    )
    assert [story.id for story in newest] == [second, other]
    assert await storylines.newest_chapters(db.reader, [], languages=LANGUAGES) == ()


async def test_related_stories_are_never_of_the_same_storyline(db: Database) -> None:
    first = await publish(db, "Talks begin")
    last = await queries.get(db.reader, await chapter(db, "Talks go on", first))
    assert last is not None
    related = await queries.sharing_terms(
        db.reader,
        last,
        words={"bridge": 1.0},
        topics=[WAR],
        languages=LANGUAGES,
        since=NOON - HOUR,
    )
    assert related == ()


async def follow(db: Database, chat_id: ChatId, story_id: StoryId) -> bool:
    async with db.transaction() as tx:
        return await storylines.follow(tx, chat_id, story_id, now=NOON)


async def test_a_storyline_is_followed_and_ended_by_any_of_its_chapters(db: Database) -> None:
    ann = await subscribe(db, 1)
    first = await publish(db, "Talks begin")
    second = await chapter(db, "Talks go on", first)
    assert await follow(db, ann, second)
    assert await follow(db, ann, first), "again, which changes nothing"
    subscriber = await subscribers.find(db.reader, ann)
    assert subscriber is not None
    assert subscriber.followed_storylines == {first}
    async with db.transaction() as tx:
        await storylines.unfollow(tx, ann, second)
    subscriber = await subscribers.find(db.reader, ann)
    assert subscriber is not None
    assert subscriber.followed_storylines == frozenset()


async def test_no_more_than_the_limit_are_followed_and_those_gone_do_not_count(
    db: Database,
) -> None:
    ann = await subscribe(db, 1)
    assert not await follow(db, ann, StoryId(1)), "it is gone"
    ids = [await publish(db, f"Story {number}") for number in range(storylines.MAX_FOLLOWED + 1)]
    assert [await follow(db, ann, story_id) for story_id in ids].count(False) == 1
    async with db.transaction() as tx:
        await tx.execute(
            "DELETE FROM articles WHERE id = (SELECT lead_id FROM stories WHERE id = 1)"
        )
    assert await follow(db, ann, ids[-1])


async def test_a_storyline_of_a_feed_that_somebody_else_added_is_not_followed(
    db: Database,
) -> None:
    ann, ben = await subscribe(db, 1), await subscribe(db, 2)
    story_id = await publish(db, "Talks begin")
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET private = 1")
        await tx.execute(
            "INSERT INTO own_feeds (chat_id, feed_id, added_at) SELECT 2, id, 0 FROM feeds"
        )
    assert not await follow(db, ann, story_id)
    assert await follow(db, ben, story_id)


async def test_a_merge_takes_chapters_and_followers_of_the_later_story_along(db: Database) -> None:
    ann, bob = await subscribe(db, 1), await subscribe(db, 2)
    first, later = await publish(db, "Talks begin"), await publish(db, "Envoys meet")
    sequel = await chapter(db, "Envoys agree", later)
    await follow(db, ann, later)
    await follow(db, bob, sequel)
    await follow(db, bob, first)
    async with db.transaction() as tx:
        await storylines.merge(tx, later, first)
    for chat_id in (ann, bob):
        subscriber = await subscribers.find(db.reader, chat_id)
        assert subscriber is not None
        assert first in subscriber.followed_storylines
    story = await queries.get(db.reader, sequel)
    assert story is not None
    assert (story.continues, story.storyline, story.earlier_count) == (first, first, 1)


async def test_a_merged_story_is_kept_as_long_as_the_one_that_it_turned_out_to_be(
    db: Database,
) -> None:
    first, later = await publish(db, "Talks begin"), await publish(db, "Envoys meet")
    now = NOON + 99 * HOUR
    await publish(db, "Bridge opens", now=now)
    async with db.transaction() as tx:
        await storylines.merge(tx, later, first)
        await tx.execute("UPDATE articles SET stored_at = ?", (int(now.timestamp()),))
    for kept in (True, False):
        async with db.transaction() as tx:
            cutoff = await retention.find_cutoff(tx, before=now)
            chunk = await retention.detach_stories(tx, cutoff, after=(0, 0), limit=9)
            assert (later in chunk.ids) is not kept
            await tx.execute("UPDATE articles SET stored_at = 0 WHERE story_id = ?", (first,))
            if not kept:
                continue
            await tx.execute("DELETE FROM stories WHERE id = ?", (first,))
