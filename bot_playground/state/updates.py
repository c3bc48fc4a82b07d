"""Which updates does the bot still have to confirm? A queue for one reader, or for its webhook."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json, RefusalError, bad_request

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
    """The queue behind getUpdates: an update is given again until a higher offset confirms it."""

    next_id: int
    allowed: frozenset[str] = _COMMON
    waiting: deque[Json] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _poll: asyncio.Future[None] | None = None

    def add(self, kind: str, payload: Json) -> None:
        """Queue an update of this kind, unless the bot did not ask for such."""
        if kind not in self.allowed:
            return
        self.waiting.append({"update_id": self.next_id, kind: payload})
        self.next_id += 1
        self.changed.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def allow(self, kinds: list[object]) -> None:
        """Give only these kinds from now on; what is queued stays. An empty list is the default.

        Raises:
            RefusalError: for a kind that the Bot API does not know.
        """
        unknown = [kind for kind in kinds if kind not in _COMMON | _ON_REQUEST]
        if unknown:
            raise bad_request(f'allowed_updates holds the unknown kind "{unknown[0]}"')
        self.allowed = frozenset(str(kind) for kind in kinds) or _COMMON

    def confirm(self, offset: int) -> None:
        """Forget all updates below `offset`; a negative one counts from the end of the queue."""
        if offset < 0:
            offset = self.next_id + offset
        while self.waiting and self._first() < offset:
            self.waiting.popleft()

    def forget(self, update: Json) -> None:
        """Forget the first update, if it is still this one."""
        if self.waiting and self.waiting[0] is update:
            self.waiting.popleft()

    async def poll(self, *, limit: int, seconds: float) -> list[Json]:
        """Return up to `limit` updates, oldest first; wait up to `seconds` for one.

        Raises:
            RefusalError: 409, once another poll begins while this one waits.
        """
        self.interrupt()
        if not self.waiting and seconds > 0:
            await self._wait(seconds)
        return [self.waiting[at] for at in range(min(limit, len(self.waiting)))]

    def interrupt(self, *, conflict: str = CONFLICT) -> None:
        """End the poll that waits: with a conflict, or, without words, as if its time were over."""
        poll, self._poll = self._poll, None
        if poll is None or poll.done():
            return
        if conflict:
            poll.set_exception(RefusalError(409, conflict))
        else:
            poll.set_result(None)

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def _first(self) -> int:
        first = self.waiting[0]["update_id"]
        assert isinstance(first, int)
        return first
