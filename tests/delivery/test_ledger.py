"""Whatever Telegram answers, each delivery is in exactly one state, and none is lost."""

import asyncio
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.ledger import Answer, Ledger
from bot.model import (
    ChatId,
    Gone,
    Moved,
    Outcome,
    Rejected,
    RetryLater,
    Sent,
    Shut,
    ThreadId,
    Unanswered,
)
from bot.storage import subscribers, threads
from bot.storage.database import Database, open_database
from tests.builders import SPORT, WAR, publish, reading, subscribe
from tests.fakes import NOON, FakeClock

SECOND = timedelta(seconds=1)
CHATS = (1, 2, -5)
TELLINGS = 6


def ledger_of(db: Database, clock: FakeClock) -> Ledger:
    return Ledger(db=db, now=clock, jitter=lambda: 0.0)


async def states(db: Database) -> dict[tuple[int, int], tuple[str, int, int]]:
    rows = await db.reader.execute_fetchall(
        "SELECT chat_id, story_id, state, attempts, doubts FROM deliveries ORDER BY id"
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


async def test_lanes_that_claim_together_get_a_chat_each(db: Database, clock: FakeClock) -> None:
    ledger = ledger_of(db, clock)
    for number in (1, 2):
        await subscribe(db, number)
    await publish(db, "Bridge opens")
    claims = await asyncio.gather(*(ledger.claim() for _ in range(4)))
    readers = sorted(claim.reader.chat_id for claim in claims if claim)
    assert readers == [1, 2]


async def test_what_is_claimed_is_on_the_disk_before_it_is_sent(
    db: Database, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    assert await ledger_of(db, clock).claim()
    assert [state for state, _, _ in (await states(db)).values()] == ["sending"]


async def test_answers_of_many_lanes_are_all_recorded(db: Database, clock: FakeClock) -> None:
    ledger = ledger_of(db, clock)
    for number in (1, 2, 3):
        await subscribe(db, number)
    await publish(db, "Bridge opens")
    claims = [claim for claim in [await ledger.claim() for _ in range(3)] if claim]
    outcomes: list[Outcome] = [Sent(5), Gone("blocked"), Rejected("bad")]
    await asyncio.gather(
        *(
            ledger.record(Answer(claim.reader, claim.portion.deliveries, outcome))
            for claim, outcome in zip(claims, outcomes, strict=True)
        )
    )
    found = [state for state, _, _ in (await states(db)).values()]
    assert found == ["sent", "gone", "rejected"]


OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Sent, st.integers(1, 99)),
    st.builds(RetryLater, st.sampled_from([None, SECOND, 40 * SECOND]), st.just("later")),
    st.builds(Unanswered, st.just("torn")),
    st.builds(Gone, st.just("blocked")),
    st.builds(Rejected, st.just("bad markup")),
    st.just(Moved(ChatId(0))),  # to where nobody was before
    st.builds(Shut, st.just(ThreadId(5)), st.booleans()),
)
# Minutes that pass, or else the answer to the next message.
EVENTS = st.lists(st.one_of(st.integers(1, 90), OUTCOMES), max_size=40)


@settings(max_examples=40, deadline=None)
@given(events=EVENTS)
def test_after_any_answers_each_delivery_is_in_one_state_and_none_is_lost(
    events: list[int | Outcome],
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_any_answers(Path(folder) / "x.db", events))


async def _any_answers(path: Path, events: list[int | Outcome]) -> None:
    clock, new_ids = FakeClock(), count(-1001, -1)
    async with open_database(path) as db:
        ledger = ledger_of(db, clock)
        for chat_id in CHATS:
            await subscribe(db, chat_id, WAR, SPORT, kind="private" if chat_id > 0 else "group")
        async with db.transaction() as tx:
            await threads.bind(tx, ChatId(CHATS[-1]), [WAR], ThreadId(5))
        for number in range(TELLINGS):
            await publish(db, f"Story {number}", made=reading(topic=(WAR, SPORT)[number % 2]))
        homes = {ChatId(chat_id): chat_id for chat_id in CHATS}
        for event in events:
            if isinstance(event, int):
                clock.advance(minutes=event)
                continue
            claim = await ledger.claim()
            if claim is None:
                continue
            outcome = Moved(ChatId(next(new_ids))) if isinstance(event, Moved) else event
            await ledger.record(Answer(claim.reader, claim.portion.deliveries, outcome))
            if isinstance(outcome, Moved):
                homes[outcome.chat_id] = homes.pop(claim.reader.chat_id)
            await _check(db, homes)
        await _finish(db, ledger, clock)


async def _check(db: Database, homes: dict[ChatId, int]) -> None:
    found = await states(db)
    assert len(found) == len(CHATS) * TELLINGS
    assert {chat_id for chat_id, _ in found} == set(homes)
    assert all(state in ("pending", "sent", "gone", "rejected") for state, _, _ in found.values())
    # Who is owed something is due, and nobody else.
    rows = await db.reader.execute_fetchall(
        "SELECT chat_id, due_at IS NOT NULL FROM subscribers ORDER BY chat_id"
    )
    owed = {chat_id for (chat_id, _), (state, _, _) in found.items() if state == "pending"}
    assert {row[0] for row in rows if row[1]} == owed


async def _finish(db: Database, ledger: Ledger, clock: FakeClock) -> None:
    """Once Telegram accepts all, all that is owed is sent, in order and once."""
    clock.at = max(clock.at, NOON) + timedelta(minutes=10)
    sent: list[tuple[int, int]] = []
    while claim := await ledger.claim():
        sent += [(it.chat_id, it.story_id) for it in claim.portion.deliveries]
        await ledger.record(Answer(claim.reader, claim.portion.deliveries, Sent(7)))
        clock.advance(seconds=4)
    assert len(sent) == len(set(sent))
    by_chat = {chat: [story for where, story in sent if where == chat] for chat, _ in sent}
    assert all(told == sorted(told) for told in by_chat.values())
    assert not any(state == "pending" for state, _, _ in (await states(db)).values())


async def test_a_chat_forgotten_while_it_is_being_sent_to_leaves_nothing(
    db: Database, clock: FakeClock
) -> None:
    ledger = ledger_of(db, clock)
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    claim = await ledger.claim()
    assert claim is not None
    async with db.transaction() as tx:
        await subscribers.forget(tx, ChatId(1))
    await ledger.record(Answer(claim.reader, claim.portion.deliveries, Sent(5)))
    assert await states(db) == {}


async def test_what_seems_unwanted_to_a_chat_that_has_moved_is_asked_again_at_its_new_id(
    db: Database, clock: FakeClock
) -> None:
    ledger = ledger_of(db, clock)
    await subscribe(db, -5, WAR, kind="group")
    await publish(db, "Bridge opens")
    claim = await ledger.claim()
    assert claim is not None
    async with db.transaction() as tx:
        await subscribers.move(tx, ChatId(-5), ChatId(-1005))
    await ledger.withdraw(claim.reader, claim.portion.deliveries)
    again = await ledger.claim()
    assert again is not None
    assert again.reader.chat_id == -1005
