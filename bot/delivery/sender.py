"""The worker that sends what is owed: claim, render, send, record what Telegram answered."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

import aiosqlite

from bot.delivery.composer import Composed, Composer
from bot.delivery.outbox import Answer, Ledger
from bot.delivery.outcomes import in_words
from bot.delivery.rate_limiter import Metronome
from bot.delivery.token_bucket import CHAT_GAPS
from bot.model import (
    ChatId,
    Delivery,
    Message,
    Outcome,
    Portion,
    Rejected,
    Subscriber,
)
from bot.rendering.story import plain
from bot.storage.errors import persist

log = logging.getLogger(__name__)

Send = Callable[[ChatId, Message], Awaitable[Outcome]]
Note = Callable[[Answer], Awaitable[None]]


async def _nobody(_: Answer) -> None:
    """Note nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Delivers what is owed, to whom it is owed for the longest first, in order in each chat.

    `step` is one lane and may run many times at once: a claim never takes a chat that
    another lane is writing to. `note` is told of every answer that is recorded.
    """

    ledger: Ledger
    composer: Composer
    metronome: Metronome
    send: Send
    note: Note = _nobody

    async def step(self) -> bool:
        """Send one message to one chat; return whether one was due."""
        if self.metronome.silence():
            return False
        claim = await self.ledger.claim()
        if claim is None:
            return False
        await self._deliver(*claim)
        return True

    async def _deliver(self, reader: Subscriber, portion: Portion) -> None:
        # What is claimed is in nobody else's hands: it must come to its end.
        composed = await persist(partial(self._compose, reader, portion))
        if isinstance(composed, Rejected):
            await self._record(Answer(reader, portion.deliveries, composed))
            return
        unwanted = tuple(it for it in portion.deliveries if it.story_id not in composed.wanted)
        if unwanted:
            await persist(partial(self.ledger.withdraw, reader, unwanted))
            log.info("deliveries %s: wanted no more", _ids(unwanted), extra=_fields(unwanted))
        if composed.message is not None:
            covered = tuple(it for it in portion.deliveries if it.story_id in composed.wanted)
            message = replace(composed.message, silent=portion.silent)
            outcome = await self._attempt(reader, message)
            answer = Answer(reader, covered, outcome, message.gist, composed.tells_of)
            await self._record(answer)

    async def _compose(self, reader: Subscriber, portion: Portion) -> Composed | Rejected:
        try:
            return await self.composer.compose(reader, portion)
        # That the database fails is no fault of the story.
        except aiosqlite.Error:
            raise
        # A story that cannot be rendered would come back for ever; it is set aside instead,
        # with its traceback, and the news goes on.
        except Exception as error:
            log.exception("deliveries %s cannot be rendered", _ids(portion.deliveries))
            return Rejected(f"cannot be rendered: {error}")

    async def _attempt(self, reader: Subscriber, message: Message) -> Outcome:
        """Send the message; where its markup is refused, once more as plain text."""
        outcome = await self._send(reader, message)
        if isinstance(outcome, Rejected):
            log.error("refused, and sent as plain text: %s", outcome.reason)
            bare = replace(message, text=plain(message.text), is_html=False)
            outcome = await self._send(reader, bare)
        return outcome

    async def _send(self, reader: Subscriber, message: Message) -> Outcome:
        call = partial(self.send, reader.chat_id, message)
        gap = CHAT_GAPS[reader.kind]
        return await self.metronome.in_turn(reader.chat_id, gap=gap, call=call)

    async def _record(self, answer: Answer) -> None:
        # A message that is out, and not noted, would go out again.
        await persist(partial(self.ledger.record, answer))
        await self.note(answer)
        its = answer.covered
        log.info("deliveries %s: %s", _ids(its), in_words(answer.outcome), extra=_fields(its))


def _ids(covered: tuple[Delivery, ...]) -> str:
    return " ".join(str(it.id) for it in covered)


def _fields(covered: tuple[Delivery, ...]) -> dict[str, list[int]]:
    return {
        "deliveries": [it.id for it in covered],
        "stories": [it.story_id for it in covered],
    }
