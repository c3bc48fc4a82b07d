"""What a reader missed comes in one message at the return: nothing is lost, nothing comes twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import ChatId, Language, OutgoingMessage, Quiet, Timetable
from bot.runtime.pauses import PauseWorker
from bot.runtime.returns import MAX_AWAY, ReturnWorker
from bot.storage.clock_reset import reset_waits
from bot.storage.database import Database
from bot.storage.outbox import deliveries, due
from bot.storage.stories import storylines
from bot.storage.subscribers import absences, subscribers
from tests.delivery.test_chapters import ANN, Messages, Newsroom
from tests.support.builders import SPORT, WAR, publish, reading, retell, subscribe
from tests.support.fakes import FakeClock

CALM = Timetable(when="calm")


@pytest.fixture
def room(db: Database, clock: FakeClock) -> Newsroom:
    return Newsroom(db=db, mailbox=Messages(), clock=clock)


async def leave(room: Newsroom, *, is_blocked: bool = False) -> None:
    async with room.db.transaction() as tx:
        if is_blocked:
            await deliveries.close(tx, ANN, reason="blocked", now=room.clock())
        else:
            await absences.pause(tx, ANN, now=room.clock())


async def come_back(
    room: Newsroom, *, minutes: int = 5, meanwhile: Sequence[str] = ()
) -> Sequence[OutgoingMessage]:
    """Let Ann return, and return what she gets in the next minutes.

    The stories `meanwhile` come within the second of her return, before anybody looks at what she
    missed.
    """
    room.clock.advance(seconds=1)
    async with room.db.transaction() as tx:
        await absences.resume(tx, ANN, now=room.clock())
        await absences.mark_back(tx, ANN, now=room.clock())
    for title in meanwhile:
        await room.publish(title)
    room.clock.advance(seconds=3)
    worker = ReturnWorker(db=room.db, now=room.clock)
    while await worker.step():
        pass
    return await room.run(minutes=minutes)


@pytest.mark.parametrize("is_blocked", [False, True])
@pytest.mark.parametrize(
    ("language", "when", "text"),
    [
        ("en", "at once", "While you were away, 7 stories came."),
        ("uk", "calm", "Поки вас не було, надійшло 7 новин."),
        ("ru", "everything", "Пока вас не было, пришло 7 новостей."),
    ],
)
async def test_one_message_counts_and_lists_what_came(
    room: Newsroom, language: Language, when: str, text: str, is_blocked: bool
) -> None:
    await subscribe(room.db, ANN, WAR, language=language)
    await room.choose(ANN, Timetable(when=when))  # type: ignore[arg-type]
    made = reading(language=language)
    await leave(room, is_blocked=is_blocked)
    for number in range(7):
        await room.publish(f"Story {number}", made=made)
        room.clock.advance(hours=9)
    await room.publish("Cup is won", made=replace(made, topic=SPORT))
    (message,) = await come_back(room)
    assert text in message.text
    assert message.text.count("Story") == 7
    assert "Cup" not in message.text
    assert await come_back(room, minutes=180) == [], "nothing comes twice"


async def test_more_than_fits_is_counted_and_linked(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    for number in range(33):
        await room.publish(f"Story {number}")
    (message,) = await come_back(room)
    assert "33 stories" in message.text
    assert message.text.count("Story ") == 20
    assert "/latest" in message.text


async def test_a_storyline_is_one_line_its_newest_state(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    first = await room.publish("Talks begin")
    await room.publish("Truce agreed", continues=first)
    (message,) = await come_back(room)
    assert "1 story" in message.text
    assert "Truce agreed" in message.text
    assert "Talks begin" not in message.text


@pytest.mark.parametrize("is_blocked", [False, True])
async def test_what_was_owed_before_comes_too_and_what_was_told_does_not(
    room: Newsroom, is_blocked: bool
) -> None:
    await subscribe(room.db, ANN)
    told = await room.publish("Told before")
    await room.run(minutes=2)
    await room.publish("Owed before")
    await leave(room, is_blocked=is_blocked)
    await retell(room.db, told, "Told again", now=room.clock(), owed=True)
    room.clock.advance(hours=2)
    await room.publish("Meanwhile")
    (message,) = await come_back(room)
    assert "2 stories" in message.text
    assert "Owed before" in message.text
    assert "Told" not in message.text


async def test_who_missed_nothing_gets_nothing(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    room.clock.advance(hours=30)
    assert await come_back(room) == []


async def test_words_bring_and_keep_away_as_they_would_have(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await room.put_word(ANN, "comet")
    await room.put_word(ANN, "harbour", muted=True)
    await leave(room)
    await room.publish("Comet seen", made=reading(topic=SPORT))
    await room.publish("Harbour shelled")
    (message,) = await come_back(room)
    assert "1 story" in message.text
    assert "Comet seen" in message.text


async def test_what_is_new_after_the_return_comes_as_ever(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    await room.publish("Meanwhile")
    room.clock.advance(hours=1)
    await come_back(room)
    await room.publish("Afterwards")
    (message,) = await room.run(minutes=2)
    assert message.text.startswith("<b>")
    assert "While you were away" not in message.text


@pytest.mark.parametrize("is_blocked", [False, True])
async def test_what_comes_before_the_missed_is_counted_comes_by_itself(
    room: Newsroom, is_blocked: bool
) -> None:
    await subscribe(room.db, ANN)
    await leave(room, is_blocked=is_blocked)
    for number in range(25):
        await room.publish(f"Meanwhile {number}")
    room.clock.advance(hours=1)
    missed, news = await come_back(room, meanwhile=["Afterwards"])
    assert "25 stories" in missed.text
    assert "Afterwards" in news.text


async def test_of_many_sources_it_is_still_one_message(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await room.choose(ANN, CALM)
    await leave(room)
    for number in range(4):
        story_id = await room.publish(f"Great {number}")
        for source in ("The Herald", "The Observer"):
            await retell(room.db, story_id, f"{source} {number}", source=source, now=room.clock())
    room.clock.advance(hours=3)
    assert len(await come_back(room, minutes=180)) == 1


async def test_a_pause_that_ends_within_quiet_hours_waits_for_their_end(room: Newsroom) -> None:
    # At noon Ann's clock shows 14:00.
    await subscribe(room.db, ANN)
    await room.choose(ANN, Timetable(quiet=Quiet(since=13 * 60, until=15 * 60)))
    async with room.db.transaction() as tx:
        until = room.clock() + timedelta(minutes=20)
        await absences.pause(tx, ANN, now=room.clock(), until=until)
    await room.publish("Meanwhile")
    room.clock.advance(minutes=21)
    pauses = PauseWorker(db=room.db, now=room.clock, interval=timedelta(0))
    await pauses.step()
    assert await come_back(room, minutes=30) == []
    (message,) = await room.run(minutes=30)
    assert "While you were away, 1 story came." in message.text


async def test_who_gets_digests_finds_it_in_the_next_one(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await room.choose_digest(ANN, hour=16)
    await leave(room)
    for number in range(3):
        await room.publish(f"Story {number}")
    room.clock.advance(minutes=30)
    assert await come_back(room, minutes=60) == []
    (message,) = await room.run(minutes=60)
    assert "3 stories" in message.text


async def test_a_digest_on_request_takes_it_along(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await room.choose(ANN, CALM)
    await leave(room)
    await room.publish("Meanwhile")
    room.clock.advance(hours=1)
    async with room.db.transaction() as tx:
        await absences.resume(tx, ANN, now=room.clock())
    await ReturnWorker(db=room.db, now=room.clock).step()
    async with room.db.transaction() as tx:
        assert await due.request_digest(tx, ANN, now=room.clock())
    assert len(await room.run(minutes=120)) == 1


async def test_after_a_long_absence_the_last_week_is_counted(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    await room.publish("Long ago")
    room.clock.advance(hours=MAX_AWAY / timedelta(hours=1) + 1)
    await room.publish("Lately")
    (message,) = await come_back(room)
    assert "Lately" in message.text
    assert "Long ago" not in message.text


async def test_a_clock_that_was_set_back_harms_nothing(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    await room.publish("Meanwhile")
    room.clock.advance(hours=-5)
    (message,) = await come_back(room)
    assert "Meanwhile" in message.text
    room.clock.advance(hours=6)
    assert await come_back(room, minutes=90) == []


async def test_a_followed_storyline_is_missed_too(room: Newsroom) -> None:
    await subscribe(room.db, ANN, SPORT)
    first = await publish(room.db, "Talks begin", now=room.clock())
    async with room.db.transaction() as tx:
        await storylines.follow(tx, ANN, first, now=room.clock())
    await leave(room)
    await room.publish("Truce agreed", continues=first)
    (message,) = await come_back(room)
    assert "Truce agreed" in message.text


async def test_a_chat_that_was_forgotten_is_no_hindrance(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await subscribe(room.db, ChatId(2))
    await leave(room)
    async with room.db.transaction() as tx:
        await absences.resume(tx, ANN, now=room.clock())
        await subscribers.forget(tx, ANN)
    assert not await ReturnWorker(db=room.db, now=room.clock).step()


async def test_after_the_clock_was_set_right_news_is_news_again(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    room.clock.advance(hours=5)
    await come_back(room)
    room.clock.advance(hours=-4)
    async with room.db.transaction() as tx:
        await reset_waits(tx, now=room.clock())
    room.clock.advance(minutes=1)
    await room.publish("Afterwards")
    (message,) = await room.run(minutes=2)
    assert "While you were away" not in message.text


async def test_who_chooses_topics_at_the_return_is_owed_nothing_yet(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room, is_blocked=True)
    await room.publish("Meanwhile")
    async with room.db.transaction() as tx:
        until = room.clock() + timedelta(minutes=10)
        await subscribers.begin_choice(tx, ANN, until=until)
    assert await come_back(room) == []


async def test_a_story_that_cannot_be_read_silences_nobody(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await leave(room)
    broken = await room.publish("Broken")
    async with room.db.transaction() as tx:
        await tx.execute("UPDATE stories SET published_at = ?", (10**17,))
        await tx.execute("UPDATE articles SET published_at = ?", (10**17,))
    assert await come_back(room) == []
    async with room.db.transaction() as tx:
        await tx.execute("DELETE FROM articles WHERE story_id = ?", (broken,))
    await room.publish("Afterwards")
    (message,) = await room.run(minutes=2)
    assert "Afterwards" in message.text
