"""Sender, tables and timetable together: no delivery is lost or early."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import ChatId, Quiet, Timetable
from bot.model.subscribers import When
from bot.storage.database import Database
from bot.storage.outbox import due, fan_out
from bot.storage.stories import articles
from bot.storage.subscribers import subscribers
from tests.delivery.test_chapters import Messages, Newsroom
from tests.delivery.test_sender import Mailbox, sender_of
from tests.support.builders import WAR, publish, reading, receive, subscribe
from tests.support.fakes import FakeClock

ANN, BOB = ChatId(1), ChatId(2)
# It is two in the afternoon in Kyiv.
REST = Quiet(since=13 * 60, until=15 * 60)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


async def choose(db: Database, chat_id: ChatId, timetable: Timetable, clock: FakeClock) -> None:
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, chat_id, timetable)
        await due.recheck(tx, chat_id, now=clock())


async def run(db: Database, mailbox: Mailbox, clock: FakeClock, *, hours: float) -> list[str]:
    """Let the sender work for that long, and return what came."""
    sender, end = sender_of(db, mailbox, clock), clock() + timedelta(hours=hours)
    before = len(mailbox.taken)
    while clock() < end:
        while await sender.step():
            clock.advance(seconds=3)
        clock.advance(minutes=1)
    return [text for _, text in mailbox.taken[before:]]


async def test_a_digest_comes_at_its_hour_with_all_that_came_before(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await subscribe(db, BOB)
    await choose(db, ANN, Timetable(when="digest", digest_at=(19 * 60,)), clock)
    await publish(db, "Bridge opens")
    await publish(db, "Bridge closes")
    assert len(await run(db, mailbox, clock, hours=4.9)) == 2  # for Bob
    (digest,) = await run(db, mailbox, clock, hours=1)
    assert "2 stories" in digest
    assert "Bridge opens" in digest
    assert "Bridge closes" in digest
    assert not await run(db, mailbox, clock, hours=24)


async def test_a_story_after_the_digest_waits_for_the_next(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(when="digest", digest_at=(15 * 60,)), clock)
    await publish(db, "Bridge opens")
    assert len(await run(db, mailbox, clock, hours=2)) == 1
    await publish(db, "Bridge closes", now=clock())
    assert not await run(db, mailbox, clock, hours=22)
    assert len(await run(db, mailbox, clock, hours=2)) == 1


async def test_a_chat_that_waits_for_a_digest_is_not_due_with_each_story(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(when="digest", digest_at=(19 * 60,)), clock)
    await publish(db, "Bridge opens")
    await run(db, mailbox, clock, hours=0.1)
    await publish(db, "Bridge closes")
    assert not await subscribers.due(db.reader, now=clock(), limit=9)


async def test_a_changed_timetable_releases_what_waited_for_a_digest(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(when="digest", digest_at=(19 * 60,)), clock)
    await publish(db, "Bridge opens")
    assert not await run(db, mailbox, clock, hours=1)
    await choose(db, ANN, Timetable(), clock)
    assert len(await run(db, mailbox, clock, hours=0.1)) == 1


async def test_a_changed_timetable_does_not_shorten_a_wait_that_telegram_asked_for(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, clock() + timedelta(minutes=30))])
    await choose(db, ANN, Timetable(zone="Asia/Tokyo"), clock)
    assert not await run(db, mailbox, clock, hours=0.45)
    assert len(await run(db, mailbox, clock, hours=0.2)) == 1


async def test_quiet_hours_hold_everything_until_they_end(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(quiet=REST), clock)
    for number in range(5):
        await publish(db, f"Bridge {number} opens")
    assert not await run(db, mailbox, clock, hours=0.9)
    (digest,) = await run(db, mailbox, clock, hours=1)
    assert "5 stories" in digest


async def test_in_silent_hours_messages_make_no_sound(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(quiet=replace(REST, silently=True)), clock)
    await publish(db, "Bridge opens")
    await run(db, mailbox, clock, hours=0.1)
    assert mailbox.silent == [True]
    await run(db, mailbox, clock, hours=1)
    await publish(db, "Bridge closes")
    await run(db, mailbox, clock, hours=0.1)
    assert mailbox.silent == [True, False]


async def test_a_story_that_grows_breaks_quiet_hours_that_allow_it(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await subscribe(db, BOB)
    await choose(db, ANN, Timetable(quiet=replace(REST, urgent_from=1)), clock)
    await choose(db, BOB, Timetable(quiet=replace(REST, urgent_from=2)), clock)
    story_id = await publish(db, "Bridge opens")
    assert len(await run(db, mailbox, clock, hours=0.1)) == 1
    article = await receive(db, "Bridge is open", source="The Herald")
    async with db.transaction() as tx:
        await articles.mark_processed(tx, article.id, reading(), story_id, now=clock())
        await fan_out.release_urgent(tx, story_id, now=clock())
    (text,) = await run(db, mailbox, clock, hours=0.1)
    assert "Bridge is open" in text
    assert [chat_id for chat_id, _ in mailbox.taken] == [ANN, BOB]


async def test_beyond_the_daily_limit_the_rest_comes_in_one_digest_on_the_next_day(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(per_day=2), clock)
    for number in range(5):
        await publish(db, f"Bridge {number} opens")
    assert len(await run(db, mailbox, clock, hours=9.9)) == 2
    (rest,) = await run(db, mailbox, clock, hours=10)
    assert "3 stories" in rest


async def test_a_topic_unsubscribed_before_the_digest_is_not_in_it(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(when="digest", digest_at=(19 * 60,)), clock)
    await publish(db, "Bridge opens")
    await publish(db, "Bridge closes")
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ANN, [WAR], wanted=False)
    assert not await run(db, mailbox, clock, hours=6)


async def queue_behind(db: Database, clock: FakeClock, *, held: int) -> ChatId:
    """Enqueue a story for `held` chats in quiet hours and one behind them; return that one."""
    behind = ChatId(held + 1)
    async with db.transaction() as tx:
        for chat_id in map(ChatId, range(1, held + 2)):
            await subscribers.join(tx, chat_id, kind="private", language="en", now=clock())
            await subscribers.set_topics(tx, chat_id, [WAR], wanted=True)
            if chat_id != behind:
                await subscribers.set_timetable(tx, chat_id, Timetable(quiet=REST))
    await publish(db, "Bridge opens")
    return behind


async def test_chats_in_quiet_hours_keep_no_lane_from_the_chat_behind_them(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    behind = await queue_behind(db, clock, held=250)
    assert await sender_of(db, mailbox, clock).step()
    assert [chat_id for chat_id, _ in mailbox.taken] == [behind]


async def test_scanning_past_chats_in_quiet_hours_is_limited_and_the_next_claim_goes_on(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    behind = await queue_behind(db, clock, held=1000)
    sender = sender_of(db, mailbox, clock)
    assert not await sender.step()
    assert await sender.step()
    assert [chat_id for chat_id, _ in mailbox.taken] == [behind]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("calm", "everything"),
        ("calm", "digest"),
        ("everything", "calm"),
        ("digest", "at once"),
        ("at once", "calm"),
    ],
)
async def test_whatever_rhythm_follows_while_news_waits_each_story_comes_once(
    db: Database, clock: FakeClock, before: When, after: When
) -> None:
    room = Newsroom(db=db, mailbox=Messages(), clock=clock)
    await subscribe(db, ANN)
    await room.choose(ANN, Timetable(when=before, quiet=REST))
    for number in range(7):
        await room.publish(f"Story {number}.")
    await room.run(minutes=20)
    await room.choose(ANN, Timetable(when=after, quiet=REST, per_day=3))
    messages = await room.run(minutes=26 * 60)
    assert Counter(re.findall(r"Story \d\.", " ".join(each.text for each in messages))) == {
        f"Story {number}.": 1 for number in range(7)
    }
    assert await room.run(minutes=120) == []
