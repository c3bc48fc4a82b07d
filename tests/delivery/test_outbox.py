"""Whatever Telegram answers, each delivery is in exactly one state, and none is lost."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.outbox import Claim, Outbox, SendResult
from bot.model import (
    ChatGone,
    ChatId,
    ChatMigrated,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    StoryId,
    ThreadClosed,
    ThreadId,
    Unanswered,
)
from bot.runtime.returns import ReturnWorker
from bot.storage.database import Database, open_database
from bot.storage.outbox import deliveries
from bot.storage.subscribers import absences, subscribers, threads
from tests.support.builders import SPORT, WAR, guard_of, publish, reading, subscribe
from tests.support.fakes import FakeClock

SECOND = timedelta(seconds=1)
CHATS = (1, 2, -5)


def outbox_of(db: Database, clock: FakeClock) -> Outbox:
    return Outbox(db=db, guard=guard_of(db), now=clock, jitter=lambda: 0.0)


async def states(db: Database) -> dict[tuple[int, int], tuple[str, int, int]]:
    rows = await db.reader.execute_fetchall(
        "SELECT chat_id, story_id, state, attempts, doubts FROM deliveries ORDER BY id"
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


async def test_lanes_that_claim_together_get_a_chat_each(db: Database, clock: FakeClock) -> None:
    outbox = outbox_of(db, clock)
    for number in (1, 2):
        await subscribe(db, number)
    await publish(db, "Bridge opens")
    claims = await asyncio.gather(*(outbox.claim() for _ in range(4)))
    readers = sorted(claim.subscriber.chat_id for claim in claims if claim)
    assert readers == [1, 2]


async def test_a_claim_is_on_disk_before_it_is_sent(db: Database, clock: FakeClock) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    assert await outbox_of(db, clock).claim()
    assert [state for state, _, _ in (await states(db)).values()] == ["sending"]


async def test_results_of_many_lanes_are_all_recorded(db: Database, clock: FakeClock) -> None:
    outbox = outbox_of(db, clock)
    for number in (1, 2, 3):
        await subscribe(db, number)
    await publish(db, "Bridge opens")
    claims = [claim for claim in [await outbox.claim() for _ in range(3)] if claim]
    outcomes: list[SendOutcome] = [Sent(5), ChatGone("blocked"), Rejected("bad")]
    await asyncio.gather(
        *(
            outbox.record(SendResult(claim.subscriber, claim.plan.deliveries, outcome))
            for claim, outcome in zip(claims, outcomes, strict=True)
        )
    )
    found = [state for state, _, _ in (await states(db)).values()]
    assert found == ["sent", "gone", "rejected"]


OUTCOMES: st.SearchStrategy[SendOutcome] = st.one_of(
    st.builds(Sent, st.integers(1, 99)),
    st.builds(RetryLater, st.sampled_from([None, SECOND, 40 * SECOND]), st.just("later")),
    st.builds(Unanswered, st.just("torn")),
    st.builds(ChatGone, st.just("blocked")),
    st.builds(Rejected, st.just("bad markup")),
    st.just(ChatMigrated(ChatId(0))),  # to where nobody was before
    st.builds(ThreadClosed, st.just(ThreadId(5)), st.booleans()),
)
# What happens next: the first or the last message that is out is answered, or else one goes out
# and is; a lane takes one more; a story comes; a chat returns; the bot is killed and starts again;
# minutes pass.
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([0, -1]), OUTCOMES),
        st.sampled_from(["claim", "claim", "publish", "return", "kill"]),
        st.integers(1, 90),
    ),
    min_size=5,
    max_size=60,
)


# `make storm` tries a thousand.
@given(events=EVENTS)
def test_whatever_happens_each_delivery_is_in_one_state_and_none_is_lost(
    migrated: Path, events: list[str | int | tuple[int, SendOutcome]]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        shutil.copy(migrated, path)
        asyncio.run(_happen(path, events))


async def _happen(path: Path, events: list[str | int | tuple[int, SendOutcome]]) -> None:
    async with open_database(path) as db:
        history = History(db=db, clock=FakeClock())
        for chat_id in CHATS:
            await subscribe(db, chat_id, WAR, SPORT, kind="private" if chat_id > 0 else "group")
        async with db.transaction() as tx:
            await threads.bind(tx, ChatId(CHATS[-1]), [WAR], ThreadId(5))
        for _ in range(3):
            await history.publish()
        for event in events:
            await history.happen(event)
            await history.check()
        await history.finish()


@dataclass(slots=True, kw_only=True)
class History:
    """The outbox, and beside it the expected state of every delivery."""

    db: Database
    clock: FakeClock
    # The chats by their first ids, and those that are gone.
    homes: dict[int, int] = field(default_factory=lambda: {chat: chat for chat in CHATS})
    gone: set[int] = field(default_factory=set)
    out: list[Claim] = field(default_factory=list)
    # By the chat's first id and the story: its state, where "sending" is "pending"; its doubts.
    ends: dict[tuple[int, int], str] = field(default_factory=dict)
    doubts: Counter[tuple[int, int]] = field(default_factory=Counter)
    sent: list[tuple[int, int]] = field(default_factory=list)
    published: list[StoryId] = field(default_factory=list)
    new_ids: Iterator[int] = field(default_factory=lambda: count(-1001, -1))
    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.outbox = outbox_of(self.db, self.clock)

    async def happen(self, event: str | int | tuple[int, SendOutcome]) -> None:
        happens = {
            "claim": self.claim,
            "publish": self.publish,
            "return": self.come_back,
            "kill": self.kill,
        }
        match event:
            case str():
                await happens[event]()
            case int():
                self.clock.advance(minutes=event)
            case (index, outcome):
                if not self.out:
                    await self.claim()
                if self.out:
                    await self.answer(self.out.pop(index), outcome)

    async def publish(self) -> None:
        number = len(self.ends)
        story_id = await publish(
            self.db,
            f"Story {number}",
            made=reading(topic=(WAR, SPORT)[number % 2]),
            now=self.clock(),
        )
        self.published.append(story_id)
        self.ends |= {(chat, story_id): "pending" for chat in CHATS if chat not in self.gone}

    async def claim(self) -> None:
        claim = await self.outbox.claim()
        if claim is None:
            return
        # A chat is in one lane at a time.
        assert claim.subscriber.chat_id not in {it.subscriber.chat_id for it in self.out}
        assert all(self.ends[key] == "pending" for key in self._keys(claim))
        self.out.append(claim)

    async def answer(self, claim: Claim, outcome: SendOutcome) -> None:
        keys = self._keys(claim)
        (chat,) = {chat for chat, _ in keys}
        if isinstance(outcome, ChatMigrated):
            outcome = ChatMigrated(ChatId(next(self.new_ids)))
            self.homes[chat] = outcome.chat_id
        await self.outbox.record(SendResult(claim.subscriber, claim.plan.deliveries, outcome))
        match outcome:
            case Sent():
                self.ends |= dict.fromkeys(keys, "sent")
                self.sent += keys
            case Rejected():
                self.ends |= dict.fromkeys(keys, "rejected")
            case ChatGone():
                pending = [
                    it for it, end in self.ends.items() if it[0] == chat and end == "pending"
                ]
                self.ends |= dict.fromkeys(pending, "gone")
                self.gone.add(chat)
            case Unanswered():
                self.doubts.update(keys)
            case _:
                pass

    async def come_back(self) -> None:
        async with self.db.transaction() as tx:
            for chat in self.gone:
                await absences.mark_back(tx, ChatId(self.homes[chat]), now=self.clock())
        worker = ReturnWorker(db=self.db, now=self.clock)
        while await worker.step():
            pass
        # What was owed when people left is owed again, and what they missed too.
        people = [chat for chat in self.gone if chat > 0]
        for key in [(chat, story_id) for chat in people for story_id in self.published]:
            if self.ends.get(key, "gone") == "gone":
                self.ends[key] = "pending"
        self.gone.clear()

    async def kill(self) -> None:
        """Restart with what is on disk."""
        for claim in self.out:
            self.doubts.update(self._keys(claim))
        self.out.clear()
        self.outbox = outbox_of(self.db, self.clock)
        async with self.db.transaction() as tx:
            await deliveries.recover(tx, ready_at=self.clock() + SECOND)

    async def check(self) -> None:
        by_home = {home: chat for chat, home in self.homes.items()}
        found = {(by_home[where], it): its for (where, it), its in (await states(self.db)).items()}
        out = {key for claim in self.out for key in self._keys(claim)}
        pending = {it for it, end in self.ends.items() if end == "pending"}
        assert {it: state for it, (state, _, _) in found.items()} == {
            it: "sending" if it in out else "pending" if it in pending else end
            for it, end in self.ends.items()
        }
        assert {it: doubts for it, (_, _, doubts) in found.items() if doubts} == self.doubts
        # Chats with pending deliveries are due, and no others; one in a lane may be.
        rows = await self.db.reader.execute_fetchall(
            "SELECT chat_id FROM subscribers WHERE due_at IS NOT NULL"
        )
        due, busy = {by_home[row[0]] for row in rows}, {chat for chat, _ in out}
        assert due - busy == {chat for chat, _ in pending - out} - busy

    async def finish(self) -> None:
        """Once Telegram accepts everything, all pending deliveries are sent, in order and once."""
        while self.out:
            await self.answer(self.out.pop(), RetryLater(None, "later"))
        self.clock.advance(hours=3)
        began = len(self.sent)
        while claim := await self.outbox.claim():
            await self.answer(claim, Sent(7))
            self.clock.advance(seconds=4)
        assert "pending" not in self.ends.values()
        assert max(Counter(self.sent).values(), default=1) == 1
        for chat in CHATS:
            sent = [story for where, story in self.sent[began:] if where == chat]
            assert sent == sorted(sent)

    def _keys(self, claim: Claim) -> list[tuple[int, int]]:
        by_home = {home: chat for chat, home in self.homes.items()}
        return [(by_home[claim.subscriber.chat_id], it.story_id) for it in claim.plan.deliveries]


async def test_a_chat_forgotten_while_it_is_being_sent_to_leaves_nothing(
    db: Database, clock: FakeClock
) -> None:
    outbox = outbox_of(db, clock)
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    claim = await outbox.claim()
    assert claim is not None
    async with db.transaction() as tx:
        await subscribers.forget(tx, ChatId(1))
    await outbox.record(SendResult(claim.subscriber, claim.plan.deliveries, Sent(5)))
    assert await states(db) == {}


async def test_deliveries_withdrawn_from_a_chat_that_has_moved_are_checked_again_at_its_new_id(
    db: Database, clock: FakeClock
) -> None:
    outbox = outbox_of(db, clock)
    await subscribe(db, -5, WAR, kind="group")
    await publish(db, "Bridge opens")
    claim = await outbox.claim()
    assert claim is not None
    async with db.transaction() as tx:
        await subscribers.move(tx, ChatId(-5), ChatId(-1005))
    await outbox.withdraw(claim.subscriber, claim.plan.deliveries)
    again = await outbox.claim()
    assert again is not None
    assert again.subscriber.chat_id == -1005
