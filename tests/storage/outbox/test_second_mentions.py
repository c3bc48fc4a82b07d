"""A story that a calm reader's bundle told comes once more, when many sources tell it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Language, OutgoingMessage, Quiet, ReplyTo, StoryId, Timetable
from bot.storage.database import Database
from bot.storage.outbox import deliveries, due
from bot.storage.subscribers import absences
from tests.delivery.test_chapters import ANN, Messages, Newsroom
from tests.support.builders import reading, retell, subscribe
from tests.support.fakes import FakeClock

CALM = Timetable(when="calm")
OTHERS = ("The Herald", "The Observer", "The Echo", "The Chronicle")


@pytest.fixture
def room(db: Database, clock: FakeClock) -> Newsroom:
    return Newsroom(db=db, mailbox=Messages(), clock=clock)


async def tell(room: Newsroom, story_id: StoryId, count: int) -> None:
    """Let so many other newspapers tell the story."""
    for source in OTHERS[:count]:
        await retell(room.db, story_id, f"As {source} has it", source=source, now=room.clock())


async def bundled(
    room: Newsroom, timetable: Timetable = CALM, language: Language = "en"
) -> tuple[StoryId, OutgoingMessage]:
    """Tell Ann two stories in a bundle; return the first, and the bundle."""
    await subscribe(room.db, ANN, language=language)
    await room.choose(ANN, timetable)
    made = reading(language=language)
    first = await room.publish("Bridge opens in Lakeside", made=made)
    await room.publish("Cup is won", made=made)
    (bundle,) = await room.run(minutes=125)
    return first, bundle


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Now told by 3 sources:"),
        ("uk", "Про це пишуть уже 3 видання:"),
        ("ru", "Об этом пишут уже 3 издания:"),
    ],
)
async def test_it_comes_with_a_sound_as_a_reply_to_its_bundle(
    room: Newsroom, language: Language, line: str
) -> None:
    first, bundle = await bundled(room, language=language)
    assert bundle.silent
    for source in OTHERS[:2]:
        made = f"As {source} has it"
        await retell(room.db, first, made, source=source, language=language, now=room.clock())
    (again,) = await room.run(minutes=2)
    assert line in again.text
    assert again.reply_to is not None
    assert again.reply_to.message_id == 1
    assert not again.silent


async def test_it_comes_no_third_time(room: Newsroom) -> None:
    first, _ = await bundled(room)
    await tell(room, first, 2)
    assert len(await room.run(minutes=2)) == 1
    await tell(room, first, 4)
    assert await room.run(minutes=180) == []


async def test_below_the_line_it_does_not_come_again(room: Newsroom) -> None:
    first, _ = await bundled(room)
    await tell(room, first, 1)
    assert await room.run(minutes=120) == []


async def test_a_bundle_of_one_story_is_replied_to_as_well(room: Newsroom) -> None:
    await subscribe(room.db, ANN)
    await room.choose(ANN, CALM)
    only = await room.publish("Bridge opens")
    await room.run(minutes=125)
    await tell(room, only, 2)
    (again,) = await room.run(minutes=2)
    assert again.reply_to == ReplyTo(1)


async def test_the_readers_own_number_counts(room: Newsroom) -> None:
    own = replace(CALM, quiet=Quiet(since=60, until=120, urgent_from=5))
    first, _ = await bundled(room, own)
    await tell(room, first, 3)
    assert await room.run(minutes=2) == []
    await tell(room, first, 4)
    assert len(await room.run(minutes=2)) == 1


async def test_quiet_hours_hold_it_until_they_end(room: Newsroom) -> None:
    # Ann's clock shows 14:00 at noon: the bundle comes at 16:00, and the quiet begins then.
    resting = replace(CALM, quiet=Quiet(since=16 * 60 + 1, until=18 * 60))
    first, _ = await bundled(room, resting)
    await tell(room, first, 2)
    assert await room.run(minutes=60) == []
    (again,) = await room.run(minutes=60)
    assert "Now told by 3 sources" in again.text


async def test_a_limit_a_day_holds_it_too(room: Newsroom) -> None:
    first, _ = await bundled(room, replace(CALM, per_day=1))
    await tell(room, first, 2)
    assert await room.run(minutes=60) == []


@pytest.mark.parametrize("when", ["digest", "everything", "at once"])
async def test_another_rhythm_ends_it(room: Newsroom, when: str) -> None:
    first, _ = await bundled(room, replace(CALM, quiet=Quiet(since=16 * 60 + 1, until=18 * 60)))
    await tell(room, first, 2)
    await room.choose(ANN, Timetable(when=when))  # type: ignore[arg-type]
    assert await room.run(minutes=24 * 60) == []


async def test_a_digest_on_request_does_not_repeat_it(room: Newsroom) -> None:
    first, _ = await bundled(room, replace(CALM, quiet=Quiet(since=16 * 60 + 1, until=18 * 60)))
    await tell(room, first, 2)
    async with room.db.transaction() as tx:
        await due.request_digest(tx, ANN, now=room.clock())
    assert await room.run(minutes=30) == []


@pytest.mark.parametrize("is_blocked", [False, True])
async def test_who_is_away_meanwhile_does_not_get_it(room: Newsroom, is_blocked: bool) -> None:
    first, _ = await bundled(room)
    async with room.db.transaction() as tx:
        if is_blocked:
            await deliveries.close(tx, ANN, reason="blocked", now=room.clock())
        else:
            await absences.pause(tx, ANN, now=room.clock())
    await tell(room, first, 2)
    assert await room.run(minutes=30) == []


async def test_what_a_bundle_told_yesterday_is_not_mentioned_again(room: Newsroom) -> None:
    first, _ = await bundled(room)
    await room.run(minutes=25 * 60)
    await tell(room, first, 2)
    assert await room.run(minutes=30) == []


async def test_who_wants_it_no_more_gets_nothing_and_the_bundle_is_remembered(
    room: Newsroom,
) -> None:
    first, _ = await bundled(room)
    await tell(room, first, 2)
    await room.put_word(ANN, "bridge", muted=True)
    assert await room.run(minutes=30) == []
    shown = await deliveries.stories_of_message(room.db.reader, ANN, 1)
    assert first in shown
    room.clock.advance(seconds=timedelta(hours=1).total_seconds())
    await tell(room, first, 4)
    assert await room.run(minutes=60) == []
