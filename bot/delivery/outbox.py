"""Outbox: claims of pending deliveries and their results, those of many lanes in one transaction.

A claim is on disk before anything is sent, its result right after Telegram's answer.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import aiosqlite

from bot.delivery.outcomes import delivery_result
from bot.delivery.planning import ChatFacts, is_calm, plan_message, still_wanted
from bot.delivery.timetable import HOUR, day_began_at
from bot.model import (
    ChatGone,
    ChatMigrated,
    Delivery,
    DeliveryResult,
    HoldUntil,
    MessagePlan,
    OutgoingMessage,
    SendOutcome,
    Sent,
    Subscriber,
    ThreadClosed,
    ThreadId,
)
from bot.storage.database import Database
from bot.storage.outbox import deliveries, due, loud_lines, message_edits
from bot.storage.queues.attempts import NEVER
from bot.storage.queues.group_commit import GroupCommit
from bot.storage.queues.poison_guard import PoisonGuard, failure_reason, is_own_failure
from bot.storage.stories import queries, signatures
from bot.storage.subscribers import subscribers, threads

log = logging.getLogger(__name__)

# One claim scans again, and further, where chats turn out to be held by their timetables: a
# thousand of them are passed over at once, and no other transaction waits for long.
MAX_SCANS, SCAN_SIZE = 10, 100
UNPLANNABLE_PAUSE = timedelta(minutes=1)

_WANTED_AGAIN = DeliveryResult(state="pending", reason="wanted again", is_counted=False)


class Claim(NamedTuple):
    """A planned message that one lane sends to its subscriber."""

    subscriber: Subscriber
    plan: MessagePlan


class SendResult(NamedTuple):
    """Telegram's answer to a message, and the deliveries that the message covers.

    `message` is kept, to be edited, if it is of one story by itself; `closed_thread_id` is the
    thread that the message says is closed. A `bug` is a failure of our own to compose or send the
    message, which counts against its deliveries. `is_bundle`: it is a bundle of calm mode.
    """

    subscriber: Subscriber
    covered: tuple[Delivery, ...]
    outcome: SendOutcome
    message: OutgoingMessage | None = None
    closed_thread_id: ThreadId | None = None
    bug: str | None = None
    is_bundle: bool = False


@dataclass(slots=True, kw_only=True)
class Outbox:
    """Groups the claims of lanes, and their results, into transactions."""

    db: Database
    guard: PoisonGuard
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    _claims: GroupCommit[None, Claim | None] = field(init=False)
    _results: GroupCommit[SendResult, None] = field(init=False)

    def __post_init__(self) -> None:
        """Open the queue of lanes that want work and the queue of results."""
        self._claims = GroupCommit(self._claim_batch)
        self._results = GroupCommit(self._record_batch)

    async def claim(self) -> Claim | None:
        """Claim the next message; None: no chat is due."""
        return await self._claims(None)

    def attempt(self, claim: Claim) -> AbstractAsyncContextManager[None]:
        """Compose and send the message in the block; that it is in hand is on the disk already."""
        ids = [delivery.id for delivery in claim.plan.deliveries]
        return self.guard.attempt("deliveries", *ids, is_written=True)

    async def record(self, result: SendResult) -> None:
        """Store the state of the deliveries, and when their chat may be written to again."""
        await self._results(result)

    async def withdraw(self, subscriber: Subscriber, unwanted: Sequence[Delivery]) -> None:
        """Delete deliveries that the chat does not want any more; they may be enqueued again."""
        chat_id, ids = subscriber.chat_id, [delivery.story_id for delivery in unwanted]
        async with self.db.transaction() as tx:
            # Checked again under the write lock: an article that appears in the reader's language
            # right now enqueues nothing while this delivery exists.
            current = await subscribers.find(tx, chat_id)
            if current is None:
                # The chat has moved: the deliveries are checked at its new id.
                wanted_ids = set(ids)
            else:
                stories = await queries.visible_stories(
                    tx, ids, languages=current.news_languages, visibility=current.visibility
                )
                wanted_ids = {story.id for story in stories if still_wanted(current, story)}
            wanted_again = [
                (delivery.id, _WANTED_AGAIN)
                for delivery in unwanted
                if delivery.story_id in wanted_ids
            ]
            await deliveries.record(tx, wanted_again, now=self.now())
            await deliveries.withdraw(tx, [delivery.id for delivery in unwanted])
            await self.guard.finish(tx, "deliveries", [delivery.id for delivery in unwanted])
            await due.set_next_send(tx, [(chat_id, self.now())])

    async def _claim_batch(self, lanes: Sequence[None]) -> list[Claim | None]:
        now = self.now()
        claims: list[Claim] = []
        # Idle lanes do not open a write transaction.
        if not await subscribers.is_any_due(self.db.reader, now=now):
            return [None] * len(lanes)
        limit = len(lanes)
        async with self.db.transaction() as tx:
            for _ in range(MAX_SCANS):
                due_now = await subscribers.due(tx, now=now, limit=limit)
                claims += await self._claim_due(tx, due_now, len(lanes) - len(claims), now=now)
                if len(claims) == len(lanes) or len(due_now) < limit:
                    break
                # Some chats are held by their timetables: those behind them need not wait.
                limit = SCAN_SIZE
        return [*claims, *[None] * (len(lanes) - len(claims))]

    async def _claim_due(
        self, tx: aiosqlite.Connection, due_now: Sequence[Subscriber], limit: int, *, now: datetime
    ) -> list[Claim]:
        """Claim up to `limit` messages, and postpone chats that cannot be written to now."""
        claims: list[Claim] = []
        chats = [subscriber.chat_id for subscriber in due_now]
        pending = await deliveries.pending(tx, chats, now=now) if chats else {}
        for subscriber in due_now:
            plan = await self._plan_or_hold(tx, subscriber, pending[subscriber.chat_id], now=now)
            match plan:
                case None:
                    # Its deliveries are gone, with their story for example.
                    await due.set_next_send(tx, [(subscriber.chat_id, now)])
                case HoldUntil(until):
                    await due.hold_until(tx, [(subscriber.chat_id, until)])
                case MessagePlan():
                    claims.append(Claim(subscriber, plan))
            if len(claims) == limit:
                break
        bundled = [claim.subscriber.chat_id for claim in claims if claim.plan.is_bundle]
        await due.mark_bundled(tx, bundled, now=now)
        await deliveries.mark_sending(
            tx, [delivery.id for claim in claims for delivery in claim.plan.deliveries]
        )
        return claims

    async def _plan_or_hold(
        self,
        tx: aiosqlite.Connection,
        subscriber: Subscriber,
        pending: Sequence[Delivery],
        *,
        now: datetime,
    ) -> MessagePlan | HoldUntil | None:
        """Plan the message; a chat whose message cannot be planned is held, and no other one."""
        chat_id = subscriber.chat_id
        try:
            plan = await self._plan(tx, subscriber, pending, now=now)
        except Exception as error:
            if not is_own_failure(error):
                raise
            log.exception("chat %d: no message can be planned", chat_id)
            is_dead = await self.guard.fail(tx, "chats", chat_id, reason=failure_reason(error))
            return HoldUntil(NEVER if is_dead else now + UNPLANNABLE_PAUSE)
        await self.guard.finish(tx, "chats", [chat_id])
        return plan

    async def _plan(
        self,
        tx: aiosqlite.Connection,
        subscriber: Subscriber,
        pending: Sequence[Delivery],
        *,
        now: datetime,
    ) -> MessagePlan | HoldUntil | None:
        """Plan the message; query only what the timetable needs, which is mostly nothing.

        A delivery that failed in company goes alone, and after all others.
        """
        isolated = self.guard.isolated("deliveries", (each.id for each in pending))
        if isolated:
            pending = [each for each in pending if each.id not in isolated] or pending[:1]
        timetable, chat_id, facts = subscriber.timetable, subscriber.chat_id, ChatFacts()
        ids = [delivery.story_id for delivery in pending]
        if timetable.per_day is not None:
            midnight = day_began_at(timetable, now=now)
            count = await deliveries.count_messages(tx, chat_id, since=midnight)
            facts = replace(facts, messages_today=count)
        if is_calm(subscriber) or (timetable.quiet and timetable.quiet.urgent_from):
            facts = replace(facts, source_counts=await signatures.count_sources(tx, ids))
        if is_calm(subscriber):
            facts = replace(facts, loud_from=await loud_lines.of_pending(tx, chat_id, ids))
        if timetable.when == "everything" or subscriber.look.per_hour is not None:
            sent = await deliveries.sent_since(tx, chat_id, since=now - HOUR)
            facts = replace(facts, sent_lately=sent)
        return plan_message(subscriber, pending, now=now, facts=facts)

    async def _record_batch(self, results: Sequence[SendResult]) -> list[None]:
        now = self.now()
        recorded, next_sends, editable = [], [], []
        for subscriber, covered, outcome, message, _, _, is_bundle in results:
            attempt = 1 + max(delivery.attempts for delivery in covered)
            result, wait = delivery_result(
                outcome, subscriber.kind, attempt=attempt, now=now, jitter=self.jitter()
            )
            if is_bundle:
                result = replace(result, is_bundle=True)
            ids = [delivery.id for delivery in covered]
            recorded += [(delivery_id, result) for delivery_id in ids]
            # A message of several chapters stays: each of them would edit it in its own way.
            is_story = message is not None and message.content_hash
            if message and is_story and isinstance(outcome, Sent) and len(ids) == 1:
                editable.append((ids[0], message))
            chat_id = outcome.chat_id if isinstance(outcome, ChatMigrated) else subscriber.chat_id
            next_sends.append((chat_id, now + wait))
        async with self.db.transaction() as tx:
            await deliveries.record(tx, recorded, now=now)
            await message_edits.add(tx, editable, now=now)
            for send_result in results:
                await _record_chat(tx, send_result, now=now)
                ids = [delivery.id for delivery in send_result.covered]
                await self.guard.end(tx, "deliveries", ids, failure=send_result.bug)
            await due.set_next_send(tx, next_sends)
        return [None] * len(results)


async def _record_chat(tx: aiosqlite.Connection, result: SendResult, *, now: datetime) -> None:
    """Store what the outcome says about the chat itself."""
    chat_id = result.subscriber.chat_id
    match result.outcome:
        case ChatMigrated(new_id):
            await subscribers.move(tx, chat_id, new_id)
        case ChatGone(reason):
            await deliveries.close(tx, chat_id, reason=reason, now=now)
        case ThreadClosed(thread_id, for_good):
            await (threads.drop if for_good else threads.close)(tx, chat_id, thread_id)
        case Sent() if result.closed_thread_id is not None:
            await threads.mark_notified(tx, chat_id, result.closed_thread_id)
        case _:
            pass
