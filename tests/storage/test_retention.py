from datetime import datetime, timedelta

import aiosqlite
import pytest

from bot.model import ArticleId
from bot.storage import retention
from bot.storage.database import Database
from bot.storage.feeds import polls
from bot.storage.outbox import fan_out
from bot.storage.stories import queries, stories
from tests.storage.feeds.test_polls import POLL
from tests.support.builders import add_feed, claim, publish, reading, receive, subscribe
from tests.support.fakes import NOON

# Old is what was stored before it; the builders store at NOON.
LATER = NOON + timedelta(seconds=1)


async def age(db: Database, before: datetime = LATER) -> retention.Cutoff:
    return await retention.find_cutoff(db.reader, before=before)


async def taken(db: Database, *, before: datetime = LATER) -> tuple[int, ...]:
    await publish(db, "The newest stays")
    of = await age(db, before)
    async with db.transaction() as tx:
        chunk = await retention.detach_stories(tx, of, after=(0, 0), limit=99)
        assert chunk.next is None
    return chunk.ids


async def left_over(db: Database) -> tuple[int, ...]:
    of = await age(db)
    async with db.transaction() as tx:
        return await retention.delete_orphans(tx, of, after=ArticleId(0), limit=99)


async def count(db: Database, table: str) -> int:
    ((found,),) = await db.reader.execute_fetchall(f"SELECT count(*) FROM {table}")
    return int(found)


async def hold(tx: aiosqlite.Connection, table: str, row_id: int) -> None:
    """Have a table that nobody told retention of refer to the row."""
    await tx.execute(f"CREATE TABLE kept (what INTEGER REFERENCES {table})")
    await tx.execute("INSERT INTO kept VALUES (?), (NULL)", (row_id,))


async def test_old_stories_are_detached_and_no_longer_found(db: Database) -> None:
    story = await publish(db, "Bridge opens")
    assert await taken(db) == (story,)
    assert await queries.get(db.reader, story) is None
    assert await stories.terms(db.reader, story) == ()
    assert await count(db, "stories") == 2, "it goes when its deliveries have gone"
    assert await taken(db) == (story, story + 1), "until then it is taken again"


async def test_the_newest_story_and_article_stay_so_that_ids_are_not_reused(db: Database) -> None:
    newest = await publish(db, "Bridge opens")
    of = await age(db)
    async with db.transaction() as tx:
        chunk = await retention.detach_stories(tx, of, after=(0, 0), limit=99)
    assert (newest, chunk.ids) == (1, ())


async def test_a_story_with_a_recent_article_stays(db: Database) -> None:
    story = await publish(db, "Bridge opens")
    article = await receive(db, "The bridge is open")
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE articles SET story_id = ?, edited_at = 1, stored_at = stored_at + 9"
            " WHERE id = ?",
            (story, article.id),
        )
    assert await taken(db) == ()


async def test_a_story_with_an_unprocessed_edit_stays(db: Database) -> None:
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await tx.execute("UPDATE articles SET edited_at = NULL")
    assert await taken(db) == ()


@pytest.mark.parametrize("is_sending", [False, True])
async def test_a_story_with_a_pending_delivery_stays(db: Database, is_sending: bool) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    if is_sending:
        async with db.transaction() as tx:
            await claim(tx)
    assert await taken(db) == ()


async def test_a_younger_story_is_not_read(db: Database) -> None:
    await publish(db, "Bridge opens", now=LATER)
    assert await taken(db) == ()


@pytest.mark.parametrize("table", ["stories", "articles"])
async def test_what_another_table_refers_to_stays(db: Database, table: str) -> None:
    held = await publish(db, "Bridge opens")
    other = await publish(db, "Road closes")
    async with db.transaction() as tx:
        await hold(tx, table, 1)
    assert held == 1
    assert await taken(db) == (other,)


async def test_an_orphaned_article_that_another_table_refers_to_stays(db: Database) -> None:
    held, other = [await receive(db, title) for title in ("Greetings", "Horoscope")]
    await publish(db, "The newest stays")
    async with db.transaction() as tx:
        await tx.execute("UPDATE articles SET edited_at = 1")
        await hold(tx, "articles", held.id)
    assert await left_over(db) == (other.id,)


async def test_stories_are_read_in_chunks(db: Database) -> None:
    titles = ("Bridge opens", "Road closes", "Ferry sails", "The newest stays")
    ids = [await publish(db, title) for title in titles]
    of, after, found = await age(db), (0, 0), []
    for _ in range(2):
        async with db.transaction() as tx:
            chunk = await retention.detach_stories(tx, of, after=after, limit=2)
        found.append(chunk.ids)
        assert chunk.next is not None
        after = chunk.next
    assert found == [tuple(ids[:2]), (ids[2],)]


async def test_deliveries_are_deleted_in_chunks_and_then_the_story_with_its_lead(
    db: Database,
) -> None:
    for chat in (1, 2, 3):
        await subscribe(db, chat)
    story = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await tx.execute("UPDATE deliveries SET state = 'sent'")
    assert await taken(db) == (story,)
    gone = []
    for _ in range(2):
        async with db.transaction() as tx:
            gone.append(await retention.delete_deliveries(tx, [story], limit=2))
    assert gone == [2, 1]
    async with db.transaction() as tx:
        assert await retention.delete_stories(tx, [story]) == 1
    assert await count(db, "stories") == await count(db, "articles") == 1
    assert await count(db, "deliveries") == 3, "those of the newest"


async def test_orphaned_articles_are_deleted_once_processed(db: Database) -> None:
    old, _unread = [await receive(db, title) for title in ("Horoscope", "Ferry sails")]
    story = await publish(db, "Bridge opens")
    await publish(db, "The newest stays")
    async with db.transaction() as tx:
        await tx.execute("UPDATE articles SET edited_at = 1 WHERE id = ?", (old.id,))
        # A lead that was taken, and cut off before it went.
        await tx.execute("UPDATE articles SET story_id = NULL WHERE story_id = ?", (story,))
    assert await left_over(db) == (old.id,)


async def test_articles_younger_than_the_first_young_story_are_not_read(
    db: Database,
) -> None:
    old = await receive(db, "Horoscope")
    await publish(db, "Bridge opens", now=LATER)
    await receive(db, "Another horoscope")
    await publish(db, "The newest stays")
    async with db.transaction() as tx:
        await tx.execute("UPDATE articles SET edited_at = 1")
    assert await left_over(db) == (old.id,)


async def test_expired_rows_are_counted(db: Database) -> None:
    await publish(db, "Bridge opens")
    await receive(db, "Horoscope")
    await publish(db, "The newest stays", made=reading())
    async with db.transaction() as tx:
        await tx.execute("UPDATE articles SET edited_at = 1")
    assert await retention.count_expired(db.reader, await age(db)) == (1, 2)
    assert await retention.count_expired(db.reader, await age(db, NOON)) == (0, 0)


async def test_keys_without_a_signature_are_found_in_chunks(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.executemany(
            "INSERT INTO telling_keys VALUES (?, ?)", [("a", 1), ("a", 2), ("b", 1)]
        )
    stale, after = await retention.stale_keys(db.reader, after=("", 0), limit=2)
    assert (stale, after) == ((("a", 1), ("a", 2)), ("a", 2))
    more, end = await retention.stale_keys(db.reader, after=("a", 2), limit=2)
    assert (more, end) == ((("b", 1),), None)
    async with db.transaction() as tx:
        await retention.delete_keys(tx, stale)
    assert await count(db, "telling_keys") == 1


async def test_old_polls_are_deleted_except_the_last(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        for _ in range(3):
            await polls.add(tx, feed_id, POLL)
        await retention.delete_polls(tx, await age(db))
    assert await count(db, "polls") == 1


async def test_the_query_plan_of_pending_deliveries_stays_short(db: Database) -> None:
    """The index of all deliveries must not be taken for that of the pending ones."""
    await subscribe(db, 1)
    story = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await fan_out.release_urgent(tx, story, now=NOON)
        await tx.execute("DROP INDEX deliveries_story")
        with pytest.raises(aiosqlite.OperationalError, match="no such index"):
            await fan_out.release_urgent(tx, story, now=NOON)
        with pytest.raises(aiosqlite.OperationalError, match="no such index"):
            await fan_out.enqueue_story(tx, story, "en", now=NOON)
