from datetime import timedelta

import pytest

from bot.model import LANGUAGES, ChatId, Language, StoryId
from bot.storage.database import Database
from bot.storage.stories import queries, saved
from bot.storage.subscribers import subscribers
from tests.support.builders import publish, reading, retell, subscribe
from tests.support.fakes import NOON

ANN, BEN = ChatId(1), ChatId(2)


async def keep(db: Database, chat_id: ChatId, story_id: StoryId, *, minute: int = 0) -> bool:
    async with db.transaction() as tx:
        return await saved.add(tx, chat_id, story_id, now=NOON + timedelta(minutes=minute))


async def titles(
    db: Database, chat_id: ChatId = ANN, *, skipped: int = 0, languages: tuple[Language, ...] = ()
) -> list[str]:
    found = await queries.newest_saved(
        db.reader, chat_id, languages=languages or LANGUAGES, limit=2, skipped=skipped
    )
    return [story.title for story in found]


async def test_the_last_saved_story_comes_first_in_pages(db: Database) -> None:
    await subscribe(db, ANN)
    for number in (2, 0, 1):
        assert await keep(db, ANN, await publish(db, f"Story {number}"), minute=number)
    assert await titles(db) == ["Story 2", "Story 1"]
    assert await titles(db, skipped=2) == ["Story 0"]
    assert await titles(db, BEN) == []


async def test_a_story_saved_twice_is_saved_once_and_keeps_its_position(db: Database) -> None:
    await subscribe(db, ANN)
    first, second = await publish(db, "Bridge"), await publish(db, "Goal")
    for minute, story_id in enumerate((first, second, first)):
        assert await keep(db, ANN, story_id, minute=minute)
    assert await titles(db) == ["Goal", "Bridge"]


async def test_a_removed_story_is_no_longer_saved(db: Database) -> None:
    await subscribe(db, ANN)
    story_id = await publish(db, "Bridge")
    await keep(db, ANN, story_id)
    for _ in range(2):
        async with db.transaction() as tx:
            await saved.remove(tx, ANN, story_id)
    assert not await saved.is_saved(db.reader, ANN, story_id)


async def test_the_number_of_saved_stories_is_limited(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "MAX_SAVED", 1)
    await subscribe(db, ANN)
    first = await publish(db, "Bridge")
    assert await keep(db, ANN, first)
    assert not await keep(db, ANN, await publish(db, "Goal"))
    assert await keep(db, ANN, first)
    assert await saved.count(db.reader, ANN) == 1


async def test_unknown_chats_save_nothing_and_unknown_stories_are_not_saved(db: Database) -> None:
    await subscribe(db, ANN)
    assert not await keep(db, ANN, StoryId(7))
    assert not await keep(db, BEN, await publish(db, "Bridge"))


async def test_a_saved_story_is_shown_in_a_language_of_the_reader_or_by_its_newest_article(
    db: Database,
) -> None:
    await subscribe(db, ANN)
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id, "Міст відкрито", language="uk")
    await keep(db, ANN, story_id)
    assert await titles(db, languages=("uk",)) == ["Міст відкрито"]
    assert await titles(db, languages=("uk", "en")) == ["Міст відкрито"]
    assert await titles(db, languages=("en",)) == ["Bridge opens"]
    assert await titles(db, languages=("ru",)) == ["Міст відкрито"]


async def test_saved_stories_are_deleted_and_moved_with_their_chat(db: Database) -> None:
    await subscribe(db, ANN)
    await keep(db, ANN, await publish(db, "Bridge", made=reading()))
    async with db.transaction() as tx:
        await subscribers.move(tx, ANN, BEN)
    assert await titles(db, BEN) == ["Bridge"]
    async with db.transaction() as tx:
        await subscribers.forget(tx, BEN)
    assert await titles(db, BEN) == []


async def test_a_story_of_a_feed_that_somebody_else_added_is_not_saved(db: Database) -> None:
    for chat_id in (ANN, BEN):
        await subscribe(db, chat_id)
    story_id = await publish(db, "Bridge")
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET private = 1")
        await tx.execute(
            "INSERT INTO own_feeds (chat_id, feed_id, added_at) SELECT 2, id, 0 FROM feeds"
        )
    assert not await keep(db, ANN, story_id)
    assert await keep(db, BEN, story_id)
