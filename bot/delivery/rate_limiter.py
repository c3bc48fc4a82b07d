"""Rate limiter of all messages: per bot and per chat, with priority for replies over news.

Replies go ahead of news by a second of the rate at most, and while news waits they take half of it.
One person's replies take a tenth, over all chats. It lives in memory and starts anew with the
process.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from math import inf

from bot.delivery.token_bucket import CHAT_GAPS, FloodDetector, TokenBucket
from bot.model import ChatId, RetryLater, SendOutcome, Sent

# Seconds that a lane waits for its token; before a longer wait it lets go of its message.
MAX_WAIT = 2.0
# Seconds between two messages in any chat, and the longest wait for a reply.
MIN_CHAT_GAP = 1.0
# Seconds of the rate that replies may take in advance, and their part of it while news waits.
MAX_DEBT = 1.0
REPLY_SHARE = 0.5
# The part of the rate that is for the replies to one person, and how many go without a wait.
PERSON_SHARE = 0.1
PERSON_BURST = 5


@dataclass(slots=True, kw_only=True)
class RateLimiter:
    """The limits that all lanes share; `now` is in seconds of a monotonic clock.

    No chat is written to before `blocked_until`: the process before may have done so just now.
    """

    bucket: TokenBucket
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    blocked_until: float = 0.0
    _flood_detector: FloodDetector = field(default_factory=FloodDetector)
    # Chats written to just now; what lasts for longer is in the tables.
    _chats: dict[ChatId, TokenBucket] = field(default_factory=dict)
    # The first in the queue looks again after its sleep: a reply may have gone ahead of it.
    _queue: asyncio.Lock = field(default_factory=asyncio.Lock)
    _replies: TokenBucket = field(init=False)
    _replies_beside_news: TokenBucket = field(init=False)
    # People answered just now.
    _people: dict[ChatId, TokenBucket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the buckets of all replies, with a second of their rate saved."""
        gap, rested = self.bucket.gap, -inf
        self._replies = TokenBucket(gap=gap, slack=MAX_DEBT, next_at=rested)
        self._replies_beside_news = replace(self._replies, gap=gap / REPLY_SHARE)

    def pause_left(self) -> timedelta:
        """Return how long all chats must still be left alone; zero if for `MAX_WAIT` at most."""
        delay = self.bucket.delay(self.now())
        return timedelta(seconds=delay) if delay > MAX_WAIT else timedelta(0)

    async def acquire(self, chat_id: ChatId, *, gap: timedelta) -> timedelta:
        """Take a token for what is no reply; or return the long wait that must come first.

        `gap` is the time that the chat rests afterwards.
        """
        while True:
            # Outside the queue: a chat that must wait holds up no other.
            if delay := self._chat_delay(chat_id):
                if delay > MAX_WAIT:
                    return timedelta(seconds=delay)
                await self.sleep(delay)
            async with self._queue:
                while delay := self.bucket.delay(self.now()):
                    if pause := self.pause_left():
                        return pause
                    await self.sleep(delay)
                # The chat may have got a reply in the meantime.
                if not self._chat_delay(chat_id):
                    self.bucket = self.bucket.take(self.now())
                    self._take_of_chat(chat_id, gap, self.now())
                    return timedelta(0)

    async def send_limited(
        self, chat_id: ChatId, *, gap: timedelta, call: Callable[[], Awaitable[SendOutcome]]
    ) -> SendOutcome:
        """Make the call within the limits and record its outcome; in a long pause do not."""
        pause = await self.acquire(chat_id, gap=gap)
        if pause:
            return RetryLater(pause, "this chat, or all, must wait")
        outcome = await call()
        self.record_outcome(chat_id, outcome)
        return outcome

    @asynccontextmanager
    async def reply_slot(
        self, chat_id: ChatId, *, is_new: bool, person_id: ChatId | None = None
    ) -> AsyncIterator[None]:
        """Reply in the block: at once, or a second after the chat's last message.

        An edit, which is not new, does not wait for the chat. The news after it pays for either.
        Who has had more than their share waits for it; a `person_id` of None is that of the chat.
        """
        await self._take_reply_token(chat_id if person_id is None else person_id)
        now = self.now()
        wait = min(self._chat_delay(chat_id), MIN_CHAT_GAP) if is_new else 0.0
        # The ids of groups and channels are negative.
        self._take_of_chat(chat_id, CHAT_GAPS["private" if chat_id > 0 else "group"], now + wait)
        if wait:
            await self.sleep(wait)
        # Not before: a token of a later time would hold up all chats until then.
        self.bucket = self.bucket.take(self.now())
        try:
            yield
        finally:
            self._block_chat(chat_id)

    def record_outcome(self, chat_id: ChatId, outcome: SendOutcome) -> None:
        """Learn from Telegram's answer whether all chats are to be left alone."""
        self._block_chat(chat_id)
        match outcome:
            case Sent():
                self._flood_detector = FloodDetector()
            case RetryLater(after=timedelta() as after):
                now = self.now()
                self._flood_detector = self._flood_detector.after_refusal(chat_id, now)
                if self._flood_detector.is_global:
                    self.bucket = self.bucket.blocked_until(now + after.total_seconds())
            case _:
                pass

    async def _take_reply_token(self, person_id: ChatId) -> None:
        """Wait until a reply to the person may go ahead of the news, and take its tokens."""
        gap = self.bucket.gap / PERSON_SHARE
        fresh = TokenBucket(gap=gap, slack=(PERSON_BURST - 1) * gap, next_at=-inf)
        while delay := max(
            self._people.get(person_id, fresh).delay(self.now()),
            self._replies.delay(self.now()),
            self._replies_beside_news.delay(self.now()) if self._queue.locked() else 0.0,
        ):
            await self.sleep(delay)
        now = self.now()
        self._replies = self._replies.take(now)
        if self._queue.locked():
            self._replies_beside_news = self._replies_beside_news.take(now)
        self._people[person_id] = self._people.pop(person_id, fresh).take(now)
        _drop_rested(self._people, now)

    def _chat_delay(self, chat_id: ChatId) -> float:
        """Return the seconds for which this chat must still be left alone."""
        now, bucket = self.now(), self._chats.get(chat_id)
        return max(self.blocked_until - now, bucket.delay(now) if bucket else 0.0)

    def _block_chat(self, chat_id: ChatId) -> None:
        """Leave the chat alone from the answer on: the message may have been late on its way."""
        bucket = self._chats.pop(chat_id, None)
        bucket = bucket or TokenBucket(gap=MIN_CHAT_GAP, slack=0.0, next_at=0.0)
        self._chats[chat_id] = bucket.blocked_until(self.now() + MIN_CHAT_GAP)

    def _take_of_chat(self, chat_id: ChatId, gap: timedelta, at: float) -> None:
        """Take a token for a message to the chat at that time from the bucket of the chat."""
        before = self._chats.pop(chat_id, None)
        next_at = before.next_at if before else at
        bucket = TokenBucket(gap=gap.total_seconds(), slack=0.0, next_at=next_at)
        self._chats[chat_id] = bucket.take(at)
        _drop_rested(self._chats, self.now())


def _drop_rested(buckets: dict[ChatId, TokenBucket], now: float) -> None:
    """Drop two that have rested, for the one that has come, so that there are never many."""
    for chat_id, bucket in list(islice(buckets.items(), 2)):
        if bucket.next_at + bucket.slack <= now:
            del buckets[chat_id]
