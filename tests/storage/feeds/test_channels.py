from datetime import timedelta

from bot.model import ChannelSource, ChatId, FeedId, ManagedChannel
from bot.storage.database import Database
from bot.storage.feeds import channels
from bot.storage.feeds.channels import LINE_TTL
from tests.support.builders import add_article, entry, subscribe
from tests.support.fakes import NOON

HARBOUR = ChatId(-1005)


async def brought(
    db: Database, channel_id: ChatId = HARBOUR, username: str | None = "harbour"
) -> ChannelSource:
    owner_id = await subscribe(db, 1)
    async with db.transaction() as tx:
        feed_id = await channels.bring(
            tx,
            ManagedChannel(channel_id=channel_id, name="Harbour"),
            owner_id=owner_id,
            username=username,
            language="uk",
            now=NOON,
        )
    source = await channels.of_feed(db.reader, feed_id)
    assert source is not None
    return source


async def test_a_source_is_found_by_channel_feed_and_name(db: Database) -> None:
    source = await brought(db)
    assert (source.is_active, source.is_public, source.is_asked) == (True, False, False)
    assert await channels.find(db.reader, HARBOUR) == source
    assert await channels.find_named(db.reader, "HARBOUR") == source
    assert await channels.find_named(db.reader, "other") is None
    assert await channels.of_feed(db.reader, FeedId(99)) is None


async def test_a_channel_that_takes_the_name_of_another_is_a_source_of_its_own(
    db: Database,
) -> None:
    first, second = await brought(db), await brought(db, ChatId(-1006))
    assert first.feed_id != second.feed_id
    async with db.transaction() as tx:
        await channels.note_post(tx, first, username="coast", now=NOON)
    renamed = await channels.find_named(db.reader, "coast")
    assert renamed is not None
    assert renamed.channel_id == HARBOUR


async def test_only_what_was_asked_for_becomes_public(db: Database) -> None:
    source = await brought(db)
    async with db.transaction() as tx:
        assert not await channels.answer_public(tx, source.feed_id, agreed=True)
        await channels.ask_public(tx, source.feed_id, now=NOON)
        assert await channels.answer_public(tx, source.feed_id, agreed=True)
    public = await channels.find(db.reader, HARBOUR)
    assert public is not None
    assert public.is_public
    again = await brought(db)
    assert not again.is_public


async def test_lines_are_counted_for_each_channel_and_forgotten_in_time(db: Database) -> None:
    source = await brought(db)
    async with db.transaction() as tx:
        for _ in range(2):
            await channels.count_lines(tx, source.feed_id, [7, 7, 8], now=NOON)
    assert await channels.repeats(db.reader, source.feed_id, [7, 9]) == ({7: 2}, 2)
    later = NOON + LINE_TTL + timedelta(seconds=1)
    async with db.transaction() as tx:
        await channels.count_lines(tx, source.feed_id, [9], now=later)
    assert await channels.repeats(db.reader, source.feed_id, [7, 9]) == ({9: 1}, 3)


async def test_news_of_an_hour_are_counted_without_backlog(db: Database) -> None:
    source = await brought(db)
    async with db.transaction() as tx:
        await add_article(tx, source.feed_id, entry("Bridge opens"))
        await add_article(tx, source.feed_id, entry("Old bridge"), backlog=True)
    since = NOON - timedelta(hours=1)
    assert await channels.count_news(db.reader, source.feed_id, since=since) == 1
    assert await channels.count_news(db.reader, source.feed_id, since=NOON) == 0


async def test_a_forgotten_owner_is_named_no_more_and_a_forgotten_channel_is_no_source(
    db: Database,
) -> None:
    source = await brought(db)
    async with db.transaction() as tx:
        await channels.forget(tx, source.owner_id)
    kept = await channels.find(db.reader, HARBOUR)
    assert kept is not None
    assert (kept.owner_id, kept.is_active) == (0, True)
    async with db.transaction() as tx:
        await channels.forget(tx, HARBOUR)
    ended = await channels.find(db.reader, HARBOUR)
    assert ended is not None
    assert not ended.is_active


async def test_a_channel_without_a_name_is_a_source_too(db: Database) -> None:
    source = await brought(db, username=None)
    assert source.username == ""
    assert await channels.find_named(db.reader, "") is None
