"""The sender's book: what is claimed and what came of it, many lanes in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import aiosqlite

from bot.delivery.outcomes import delivery_result
from bot.delivery.planning import plan_message, still_wanted
from bot.delivery.timetable import day_began_at
from bot.model import (
    PUBLIC_VISIBILITY,
    ChatGone,
    ChatId,
    ChatMigrated,
    Delivery,
    DeliveryId,
    DeliveryResult,
    HoldUntil,
    MessagePlan,
    SendOutcome,
    Sent,
    Subscriber,
    ThreadClosed,
    ThreadId,
)
from bot.storage.database import Database
from bot.storage.group_commit import GroupCommit
from bot.storage.outbox import deliveries, message_edits
from bot.storage.outbox import due as turns
from bot.storage.stories import queries, signatures
from bot.storage.subscribers import subscribers, threads

# So often one claim looks on where chats are held by their own hours, and at so many: a thousand
# who rest are passed over at once, and nobody else is kept from writing for long.
LOOKS, FURTHER = 10, 100

_WANTED_AGAIN = DeliveryResult(state="pending", reason="wanted again", is_counted=False)


class Claim(NamedTuple):
    """A portion that is being sent to its reader, by nobody else."""

    subscriber: Subscriber
    plan: MessagePlan


class SendResult(NamedTuple):
    """What Telegram said to a message of that gist, which covers these deliveries.

    `tells_of` is a closed thread that the message spoke of.
    """

    subscriber: Subscriber
    covered: tuple[Delivery, ...]
    outcome: SendOutcome
    content_hash: bytes = b""
    closed_thread_id: ThreadId | None = None


@dataclass(slots=True, kw_only=True)
class Outbox:
    """Claims are on the disk before anything is sent, outcomes right after the answer."""

    db: Database
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    _claims: GroupCommit[None, Claim | None] = field(init=False)
    _records: GroupCommit[SendResult, None] = field(init=False)

    def __post_init__(self) -> None:
        """Open the two queues: one of lanes that want work, one of answers."""
        self._claims = GroupCommit(self._claim_all)
        self._records = GroupCommit(self._record_all)

    async def claim(self) -> Claim | None:
        """Take what goes out next; None: nobody is due."""
        return await self._claims(None)

    async def record(self, answer: SendResult) -> None:
        """Store what became of the deliveries, and when their chat may be written to again."""
        await self._records(answer)

    async def withdraw(self, reader: Subscriber, unwanted: Sequence[Delivery]) -> None:
        """Owe no more what the reader has given up since it was owed; it may be owed anew."""
        chat_id, ids = reader.chat_id, [it.story_id for it in unwanted]
        async with self.db.transaction() as tx:
            # Asked again where nobody else writes: what is told in the reader's language at this
            # moment is not owed anew while this delivery stands.
            found = await subscribers.find(tx, chat_id)
            languages, visibility = (
                (found.news_languages, found.visibility) if found else ((), PUBLIC_VISIBILITY)
            )
            told = await queries.visible_stories(
                tx, ids, languages=languages, visibility=visibility
            )
            # Without a reader the chat has moved: it is asked at its new id.
            again = {it.id for it in told if still_wanted(found, it)} if found else set(ids)
            kept = [it.id for it in unwanted if it.story_id in again]
            await deliveries.record(tx, [(it, _WANTED_AGAIN) for it in kept], now=self.now())
            await deliveries.withdraw(tx, [it.id for it in unwanted])
            await turns.set_next_send(tx, [(chat_id, self.now())])

    async def _claim_all(self, lanes: Sequence[None]) -> list[Claim | None]:
        now = self.now()
        claims: list[Claim | None] = []
        # Lanes that wait for news need not keep others from writing.
        if not await subscribers.is_any_due(self.db.reader, now=now):
            return [None] * len(lanes)
        look = len(lanes)
        async with self.db.transaction() as tx:
            for _ in range(LOOKS):
                due = await subscribers.due(tx, now=now, limit=look)
                claims += await self._take(tx, due, free=len(lanes) - len(claims), now=now)
                if len(claims) == len(lanes) or len(due) < look:
                    break
                # Some are held by their own hours: whoever is behind them need not wait.
                look = FURTHER
        return claims + [None] * (len(lanes) - len(claims))

    async def _take(
        self, tx: aiosqlite.Connection, due: Sequence[Subscriber], *, free: int, now: datetime
    ) -> list[Claim]:
        """Claim for so many lanes that are free, and let those wait who cannot be written to."""
        claims: list[Claim] = []
        owed = await deliveries.owed(tx, [it.chat_id for it in due], now=now) if due else {}
        for reader in due:
            portion = await self._portion(tx, reader, owed[reader.chat_id], now=now)
            match portion:
                case None:
                    # What it was owed has gone with its story, say: it is due no more.
                    await turns.set_next_send(tx, [(reader.chat_id, now)])
                case HoldUntil(until):
                    await turns.hold_until(tx, [(reader.chat_id, until)])
                case MessagePlan():
                    claims.append(Claim(reader, portion))
            if len(claims) == free:
                break
        await deliveries.mark_sending(
            tx, [it.id for claim in claims for it in claim.plan.deliveries]
        )
        return claims

    async def _portion(
        self,
        tx: aiosqlite.Connection,
        reader: Subscriber,
        owed: Sequence[Delivery],
        *,
        now: datetime,
    ) -> MessagePlan | HoldUntil | None:
        """Ask only what the reader's timetable turns upon: most want everything at once."""
        timetable, today, sources = reader.timetable, 0, {}
        if timetable.per_day is not None:
            midnight = day_began_at(timetable, now=now)
            today = await deliveries.messages_since(tx, reader.chat_id, since=midnight)
        if timetable.quiet and timetable.quiet.urgent_from:
            sources = await signatures.sources(tx, [it.story_id for it in owed])
        return plan_message(reader, owed, now=now, today=today, sources=sources)

    async def _record_all(self, answers: Sequence[SendResult]) -> list[None]:
        now = self.now()
        verdicts, rests = [], []
        for reader, covered, outcome, *_ in answers:
            attempt = 1 + max(it.attempts for it in covered)
            verdict, rest = delivery_result(
                outcome, reader.kind, attempt=attempt, now=now, jitter=self.jitter()
            )
            verdicts += [(it.id, verdict) for it in covered]
            rests.append((_address(reader, outcome), now + rest))
        async with self.db.transaction() as tx:
            await deliveries.record(tx, verdicts, now=now)
            await message_edits.add(tx, _alone(answers), now=now)
            for answer in answers:
                await _note(tx, answer, now=now)
            await turns.set_next_send(tx, rests)
        return [None] * len(answers)


async def _note(tx: aiosqlite.Connection, answer: SendResult, *, now: datetime) -> None:
    """Note what the outcome tells of the chat itself."""
    chat_id = answer.subscriber.chat_id
    match answer.outcome:
        case ChatMigrated(new_id):
            await subscribers.move(tx, chat_id, new_id)
        case ChatGone(reason):
            await deliveries.close(tx, chat_id, reason=reason, now=now)
        case ThreadClosed(thread_id, for_good):
            await (threads.drop if for_good else threads.close)(tx, chat_id, thread_id)
        case Sent() if answer.closed_thread_id is not None:
            await threads.mark_told(tx, chat_id, answer.closed_thread_id)
        case _:
            pass


def _address(reader: Subscriber, outcome: SendOutcome) -> ChatId:
    return outcome.chat_id if isinstance(outcome, ChatMigrated) else reader.chat_id


def _alone(answers: Sequence[SendResult]) -> list[tuple[DeliveryId, bytes]]:
    """Return the deliveries that came in a message of their own: it may be edited."""
    sent = (it for it in answers if it.content_hash and isinstance(it.outcome, Sent))
    return [(delivery.id, it.content_hash) for it in sent for delivery in it.covered]
