"""Queue of pending updates, read by getUpdates or posted to the webhook."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from bot_playground.bot_api.errors import BotApiError, Json, bad_request
from bot_playground.bot_api.mutations import Mutator

_COMMON = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "purchased_paid_media",
        "guest_message",
        "managed_bot",
        "subscription",
        "stopped_message_generation",
    }
)
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MAX_TIMEOUT = 50
CONFLICT = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)


@dataclass(slots=True, kw_only=True)
class Updates:
    """Pending updates, oldest first: one is returned again until a higher offset confirms it."""

    next_id: int
    mutator: Mutator = field(default_factory=lambda: Mutator(random=Random(0)))
    allowed: frozenset[str] = _COMMON
    pending: deque[Json] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _poll: asyncio.Future[None] | None = None

    def add(self, kind: str, payload: Json) -> None:
        """Queue an update of this kind, if it is among the allowed ones."""
        if kind not in self.allowed:
            return
        self.pending.append(self.mutator.mutate({"update_id": self.next_id, kind: payload}))
        self.next_id += 1
        self.changed.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def allow(self, kinds: list[object]) -> None:
        """Queue only these kinds from now on; an empty list restores the default.

        Raises:
            BotApiError: for a kind that the Bot API does not know.
        """
        unknown = [kind for kind in kinds if kind not in _COMMON | _ON_REQUEST]
        if unknown:
            raise bad_request(f'allowed_updates holds the unknown kind "{unknown[0]}"')
        self.allowed = frozenset(str(kind) for kind in kinds) or _COMMON

    def confirm(self, offset: int) -> None:
        """Drop all updates below `offset`; a negative one counts from the end of the queue."""
        if offset < 0:
            offset = self.next_id + offset
        while self.pending:
            update_id = self.pending[0]["update_id"]
            assert isinstance(update_id, int)
            if update_id >= offset:
                break
            self.pending.popleft()

    def discard(self, update: Json) -> None:
        """Drop the first update, if it is still this one."""
        if self.pending and self.pending[0] is update:
            self.pending.popleft()

    async def poll(self, *, limit: int, seconds: float) -> list[Json]:
        """Return up to `limit` updates, oldest first; wait up to `seconds` for one.

        Raises:
            BotApiError: 409, if another poll begins while this one waits.
        """
        self.interrupt()
        if not self.pending and seconds > 0:
            poll = self._poll = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await poll
            except TimeoutError:
                pass
            finally:
                if self._poll is poll:
                    self._poll = None
        return list(islice(self.pending, limit))

    def interrupt(self, *, conflict: str = CONFLICT) -> None:
        """End the waiting poll with a 409; with an empty `conflict`, as if it had timed out."""
        poll, self._poll = self._poll, None
        if poll is None or poll.done():
            return
        if conflict:
            poll.set_exception(BotApiError(409, conflict))
        else:
            poll.set_result(None)
