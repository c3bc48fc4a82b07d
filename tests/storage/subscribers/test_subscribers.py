from datetime import timedelta

import pytest

from bot.model import ChatId, ManagedChannel, Quiet, Subscriber, Timetable
from bot.storage.database import Database
from bot.storage.outbox import due
from bot.storage.subscribers import absences, subscribers
from tests.support.builders import SPORT, WAR, claim, publish, subscribe
from tests.support.fakes import NOON

ANN, BOB = ChatId(1), ChatId(2)


NEWS = ManagedChannel(channel_id=ChatId(-1001), name="@harbour_news")
SPORT_MANAGING = ManagedChannel(channel_id=ChatId(-1002), name="Sport")


ANN_TIMETABLES, GROUP = ChatId(1), ChatId(-100)

BUSY = Timetable(
    when="digest",
    digest_at=(480, 1140),
    zone="+05:30",
    quiet=Quiet(since=1380, until=420, silently=True, urgent_from=3),
    per_day=20,
)


async def known(db: Database, chat_id: ChatId) -> Subscriber:
    subscriber = await subscribers.find(db.reader, chat_id)
    assert subscriber is not None
    return subscriber


async def test_a_new_subscriber_gets_news_in_its_own_language(db: Database) -> None:
    await subscribe(db, ANN, WAR, language="uk")
    ann = await known(db, ANN)
    assert (ann.language, ann.news_languages, ann.topics) == (
        "uk",
        frozenset({"uk"}),
        frozenset({WAR}),
    )
    assert not ann.paused


async def test_an_unknown_chat_is_not_found(db: Database) -> None:
    assert await subscribers.find(db.reader, ANN) is None


async def test_joining_again_keeps_all_settings(db: Database) -> None:
    await subscribe(db, ANN, WAR, language="uk")
    async with db.transaction() as tx:
        await subscribers.join(tx, ANN, kind="private", language="en", now=NOON)
    ann = await known(db, ANN)
    assert (ann.language, ann.news_languages, ann.topics) == (
        "uk",
        frozenset({"uk"}),
        frozenset({WAR}),
    )


async def test_the_bots_language_leaves_the_languages_of_the_news(db: Database) -> None:
    await subscribe(db, ANN, language="en")
    await subscribe(db, BOB, language="en")
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, BOB, "ru", wanted=True)
        await subscribers.set_language(tx, ANN, "uk")
        await subscribers.set_language(tx, BOB, "uk")
    ann, bob = await known(db, ANN), await known(db, BOB)
    assert (ann.language, ann.news_languages) == ("uk", frozenset({"en"}))
    assert (bob.language, bob.news_languages) == ("uk", frozenset({"en", "ru"}))


async def test_topics_and_news_languages_come_and_go(db: Database) -> None:
    await subscribe(db, ANN, WAR, SPORT)
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ANN, [WAR], wanted=False)
        await subscribers.set_topics(tx, ANN, [SPORT], wanted=True)
        await subscribers.set_news_language(tx, ANN, "uk", wanted=True)
        await subscribers.set_news_language(tx, ANN, "en", wanted=False)
    ann = await known(db, ANN)
    assert (ann.topics, ann.news_languages) == (frozenset({SPORT}), frozenset({"uk"}))


async def test_the_later_next_send_holds(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    minute = timedelta(minutes=1)
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON + minute)])
        await due.set_next_send(tx, [(ANN, NOON + minute / 2)])
        assert not await claim(tx, now=NOON + minute / 2, limit=9)
        assert await claim(tx, now=NOON + minute, limit=9)


async def test_a_group_that_moves_takes_everything_along(db: Database) -> None:
    old, new = ChatId(-5), ChatId(-1005)
    await subscribe(db, old, WAR, kind="group")
    story_id = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await subscribers.join(tx, new, kind="group", language="en", now=NOON)
        await subscribers.move(tx, old, new)
        (delivery,) = await claim(tx)
    assert (delivery.chat_id, delivery.story_id) == (new, story_id)
    moved = await known(db, new)
    assert moved.topics == {WAR}
    assert await subscribers.find(db.reader, old) is None


async def test_a_move_of_an_unknown_chat_changes_nothing(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await subscribers.move(tx, ChatId(-5), ANN)
    assert await subscribers.find(db.reader, ANN) is not None


async def test_forgetting_deletes_all_data_of_the_chat(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await subscribers.forget(tx, ANN)
    for table in ("subscribers", "subscriptions", "news_languages", "deliveries"):
        assert not list(await db.reader.execute_fetchall(f"SELECT * FROM {table}"))


async def test_readers_are_counted_by_language_and_topic(db: Database) -> None:
    await subscribe(db, 1, WAR, SPORT)
    await subscribe(db, 2, WAR, language="uk")
    blocked = await subscribe(db, 3)
    async with db.transaction() as tx:
        await absences.mark_gone(tx, blocked, now=NOON)
    assert await subscribers.count_readers(db.reader) == {
        ("en", WAR): 1,
        ("en", SPORT): 1,
        ("uk", WAR): 1,
        ("en", None): 1,
        ("uk", None): 1,
    }


async def test_what_a_moved_group_was_sent_at_its_new_id_is_not_sent_again(db: Database) -> None:
    for chat in (ANN, BOB):
        await subscribe(db, chat)
    first, second = await publish(db, "Bridge opens"), await publish(db, "Road closes")
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE deliveries SET state = 'sent' WHERE chat_id = ? AND story_id = ?", (BOB, first)
        )
        await subscribers.move(tx, ANN, BOB)
    rows = await db.reader.execute_fetchall(
        "SELECT story_id FROM deliveries WHERE chat_id = ? AND state = 'pending'", (BOB,)
    )
    assert [row[0] for row in rows] == [second]


async def test_languages_are_those_of_chats_that_can_be_written_to(db: Database) -> None:
    ann, eve = await subscribe(db, 1, language="uk"), await subscribe(db, 2)
    async with db.transaction() as tx:
        await absences.mark_gone(tx, eve, now=NOON)
    found = await subscribers.languages_of(db.reader, {ann, eve, ChatId(3)})
    assert found == {ann: "uk"}


async def test_a_private_chat_manages_the_last_channel_named_until_it_stops(
    db: Database,
) -> None:
    for managed in (NEWS, SPORT_MANAGING):
        async with db.transaction() as tx:
            await subscribers.start_managing(tx, ChatId(1), managed)
        assert await subscribers.find_managed(db.reader, ChatId(1)) == managed
    assert await subscribers.find_managed(db.reader, ChatId(2)) is None
    async with db.transaction() as tx:
        await subscribers.stop_managing(tx, ChatId(1))
    assert await subscribers.find_managed(db.reader, ChatId(1)) is None


async def test_a_forgotten_chat_neither_manages_nor_is_managed(db: Database) -> None:
    async with db.transaction() as tx:
        for manager, managed in ((1, NEWS), (2, NEWS), (3, SPORT_MANAGING), (4, SPORT_MANAGING)):
            await subscribers.start_managing(tx, ChatId(manager), managed)
        await subscribers.forget_managed(tx, NEWS.channel_id)
        await subscribers.forget_managed(tx, ChatId(3))
    left = [
        number
        for number in range(1, 5)
        if await subscribers.find_managed(db.reader, ChatId(number))
    ]
    assert left == [4]


async def of(db: Database, chat_id: ChatId) -> Timetable:
    found = await subscribers.find(db.reader, chat_id)
    assert found is not None
    return found.timetable


async def test_the_default_timetable_sends_at_once(db: Database) -> None:
    await subscribe(db, ANN_TIMETABLES, WAR)
    assert await of(db, ANN_TIMETABLES) == Timetable()
    assert Timetable().when == "at once"


@pytest.mark.parametrize("chosen", [BUSY, Timetable(when="hourly"), Timetable(zone="Asia/Tokyo")])
async def test_a_timetable_is_stored_as_it_was_chosen(db: Database, chosen: Timetable) -> None:
    await subscribe(db, ANN_TIMETABLES, WAR)
    for each in (BUSY, chosen):
        async with db.transaction() as tx:
            await subscribers.set_timetable(tx, ANN_TIMETABLES, each)
    assert await of(db, ANN_TIMETABLES) == chosen


async def test_a_timetable_is_moved_and_deleted_with_its_group(db: Database) -> None:
    await subscribe(db, ANN_TIMETABLES, WAR)
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, ANN_TIMETABLES, BUSY)
        await subscribers.move(tx, ANN_TIMETABLES, GROUP)
    assert await of(db, GROUP) == BUSY
    async with db.transaction() as tx:
        await subscribers.forget(tx, GROUP)
    await subscribe(db, GROUP, WAR)
    assert await of(db, GROUP) == Timetable()
