import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.rate_limiter import (
    MAX_DEBT,
    MAX_WAIT,
    MIN_CHAT_GAP,
    PERSON_BURST,
    PERSON_SHARE,
    RateLimiter,
)
from bot.delivery.token_bucket import CHAT_GAPS, TokenBucket
from bot.model import ChatGone, ChatId, RetryLater, Sent

ANN, BOB, CAT, GROUP = ChatId(1), ChatId(2), ChatId(3), ChatId(-5)
SECOND = timedelta(seconds=1)
NONE = timedelta(0)


@dataclass(slots=True)
class Time:
    """Seconds that pass only in sleep; `at_sleep` may hold what happens meanwhile."""

    at: float = 0.0
    at_sleep: list[object] = field(default_factory=list)

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


async def answer(rate_limiter: RateLimiter, chat_id: ChatId, *, is_new: bool) -> None:
    async with rate_limiter.reply_slot(chat_id, is_new=is_new):
        pass


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def rate_limiter(time: Time) -> RateLimiter:
    return RateLimiter(bucket=TokenBucket.at_rate(1, now=0), now=time, sleep=time.sleep)


async def test_messages_are_a_gap_apart(rate_limiter: RateLimiter, time: Time) -> None:
    for expected in (0, 1, 2):
        assert await rate_limiter.acquire(ANN, gap=SECOND) == NONE
        assert time.at == expected


async def test_a_reply_goes_ahead_of_broadcasts_that_wait_already(
    rate_limiter: RateLimiter, time: Time
) -> None:
    await rate_limiter.acquire(ANN, gap=SECOND)
    waiting = asyncio.ensure_future(rate_limiter.acquire(BOB, gap=SECOND))
    await asyncio.sleep(0)
    await answer(rate_limiter, CAT, is_new=True)
    await waiting
    assert time.at == 2


async def test_a_reply_that_waits_for_its_chat_holds_up_no_other_chat(time: Time) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=time.sleep)
    await rate_limiter.acquire(ANN, gap=SECOND)
    async with rate_limiter.reply_slot(ANN, is_new=True):
        waited_until = time.at
        assert not await rate_limiter.acquire(BOB, gap=SECOND)
        assert time.at <= waited_until + 0.002
    time.at = 0.0
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=asleep)
    await rate_limiter.acquire(ANN, gap=SECOND)
    waiting = asyncio.ensure_future(answer(rate_limiter, ANN, is_new=True))
    await asyncio.sleep(0)
    assert rate_limiter.bucket.delay(time.at) < 0.01
    waiting.cancel()


async def asleep(_: float) -> None:
    await asyncio.Event().wait()


async def test_a_chat_that_got_a_reply_gets_its_news_a_gap_later(time: Time) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=time.sleep)
    await answer(rate_limiter, GROUP, is_new=True)
    time.at += 1
    await rate_limiter.acquire(BOB, gap=SECOND)
    assert time.at == 1
    await rate_limiter.acquire(GROUP, gap=3 * SECOND)
    assert time.at == 3


@pytest.mark.parametrize(("chat", "second"), [(ANN, 1), (GROUP, 1), (BOB, 0.25)])
async def test_a_chat_that_got_news_gets_a_reply_a_second_later_at_most(
    time: Time, chat: ChatId, second: float
) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=time.sleep)
    for reader in (ANN, GROUP):
        await rate_limiter.acquire(reader, gap=CHAT_GAPS["private" if reader > 0 else "group"])
    time.at = 0.25
    await answer(rate_limiter, chat, is_new=False)
    assert time.at == 0.25
    await answer(rate_limiter, chat, is_new=True)
    assert time.at - 0.25 <= 1
    assert time.at >= second


async def test_news_for_a_group_waits_until_its_many_replies_are_paid_for(
    time: Time,
) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=time.sleep)
    for _ in range(5):
        await answer(rate_limiter, GROUP, is_new=True)
        time.at += 1
    # Five messages of three seconds each, and the last of them waited for no second.
    assert (
        await rate_limiter.acquire(GROUP, gap=3 * SECOND)
        == timedelta(seconds=15) - time.at * SECOND
    )


async def test_a_chat_that_gets_a_reply_while_its_news_is_queued_rests_first(time: Time) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(4, now=0), now=time, sleep=time.sleep)
    await rate_limiter.acquire(BOB, gap=SECOND)
    waiting = asyncio.ensure_future(rate_limiter.acquire(ANN, gap=SECOND))
    await asyncio.sleep(0)
    await answer(rate_limiter, ANN, is_new=True)
    answered_at = time.at
    assert await waiting == NONE
    assert time.at >= answered_at + 1


@pytest.mark.parametrize("wrote", ["news", "reply"])
async def test_a_chat_rests_from_the_answer_on_however_long_the_message_took(
    time: Time, wrote: str
) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=time.sleep)
    if wrote == "news":
        await rate_limiter.acquire(ANN, gap=SECOND)
        time.at = 1.5
        rate_limiter.record_outcome(ANN, Sent(1))
    else:
        async with rate_limiter.reply_slot(ANN, is_new=True):
            time.at = 1.5
    await rate_limiter.acquire(BOB, gap=SECOND)
    assert time.at == 1.5
    await rate_limiter.acquire(ANN, gap=SECOND)
    assert time.at == 2.5


async def test_chats_that_the_process_before_may_have_written_to_rest_first(time: Time) -> None:
    rate_limiter = RateLimiter(
        bucket=TokenBucket.at_rate(1000, now=0),
        now=time,
        sleep=time.sleep,
        blocked_until=MIN_CHAT_GAP,
    )
    await answer(rate_limiter, ANN, is_new=True)
    assert time.at == MIN_CHAT_GAP


async def test_chats_that_have_rested_are_forgotten(time: Time) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=time.sleep)
    for number in range(1, 5000):
        await rate_limiter.acquire(ChatId(number), gap=SECOND)
    assert len(rate_limiter._chats) < 1200


# Who writes, to which chat, and how many seconds later the next one comes.
EVENTS = st.lists(
    st.tuples(st.sampled_from(["news", "reply"]), st.sampled_from([ANN, GROUP]), st.floats(0, 4)),
    max_size=120,
)


@given(events=EVENTS)
def test_no_chat_gets_more_than_it_may_whoever_writes(
    events: list[tuple[str, ChatId, float]],
) -> None:
    sent = asyncio.run(_written(events))
    for chat, most, seconds in [(ANN, 1, 1.0), (GROUP, 1, 1.0), (GROUP, 20, 60.0)]:
        for end, kind, chat_id in sent:
            since = end - seconds + 1e-6
            within = [at for at, _, where in sent if where == chat and since < at <= end]
            # Twenty replies a minute are people's own doing; news stays away from them.
            if chat_id == chat and (kind == "news" or most == 1):
                assert len(within) <= most, (chat, seconds, within)


async def _written(events: list[tuple[str, ChatId, float]]) -> list[tuple[float, str, ChatId]]:
    """Return what was written and when; news that is told to wait comes when it may."""
    time, sent = Time(), list[tuple[float, str, ChatId]]()
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(1000, now=0), now=time, sleep=time.sleep)
    for kind, chat, pause in events:
        if kind == "reply":
            await answer(rate_limiter, chat, is_new=True)
        else:
            gap = CHAT_GAPS["private" if chat > 0 else "group"]
            while pause_left := await rate_limiter.acquire(chat, gap=gap):
                time.at += pause_left.total_seconds()
        sent.append((time.at, kind, chat))
        time.at += pause
    return sent


async def test_a_short_pause_is_waited_out_and_a_long_one_is_returned(
    rate_limiter: RateLimiter, time: Time
) -> None:
    rate_limiter.bucket = rate_limiter.bucket.blocked_until(MAX_WAIT)
    assert not rate_limiter.pause_left()
    assert await rate_limiter.acquire(ANN, gap=SECOND) == NONE
    rate_limiter.bucket = rate_limiter.bucket.blocked_until(time.at + 60)
    assert rate_limiter.pause_left() == 60 * SECOND
    assert await rate_limiter.acquire(BOB, gap=SECOND) == 60 * SECOND
    assert time.at == MAX_WAIT


async def test_many_chats_refused_and_none_accepted_between_pause_all_chats(
    rate_limiter: RateLimiter,
) -> None:
    refusal = RetryLater(40 * SECOND, "too many requests")
    rate_limiter.record_outcome(ANN, refusal)
    rate_limiter.record_outcome(BOB, refusal)
    rate_limiter.record_outcome(CAT, Sent(1))
    rate_limiter.record_outcome(CAT, refusal)
    rate_limiter.record_outcome(ANN, ChatGone("blocked"))
    assert not rate_limiter.pause_left()
    rate_limiter.record_outcome(ANN, refusal)
    rate_limiter.record_outcome(BOB, refusal)
    assert rate_limiter.pause_left() == 40 * SECOND


async def flood(
    rate_limiter: RateLimiter, time: Time, *, people: int, seconds: float
) -> tuple[int, int]:
    """Return how many replies and how many messages of news go in so many seconds."""
    went = [0, 0]

    async def press(person: int) -> None:
        while time.at < seconds:
            async with rate_limiter.reply_slot(ChatId(person), is_new=False):
                went[0] += time.at < seconds
            await asyncio.sleep(0)

    async def tell(lane: int) -> None:
        chat = lane
        while time.at < seconds:
            chat += 1000
            await rate_limiter.acquire(ChatId(-chat), gap=SECOND)
            went[1] += time.at < seconds

    async with asyncio.TaskGroup() as tasks:
        for person in range(1, people + 1):
            tasks.create_task(press(person))
        for lane in range(6):
            tasks.create_task(tell(lane))
    return went[0], went[1]


@dataclass(slots=True)
class SharedTime(Time):
    """Seconds that pass when all tasks sleep: the one that wakes first moves them."""

    waking: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heappush(self.waking, (self.at + seconds, id(future), future))
        while not future.done():
            was_first = self.waking[0][2] is future
            # Long enough for a task that has just been woken to sleep again.
            for _ in range(20):
                await asyncio.sleep(0)
            if was_first and not future.done() and self.waking[0][2] is future:
                self.at, _, _ = heappop(self.waking)
                future.set_result(None)


@pytest.mark.parametrize("people", [1, 3, 8])
async def test_however_many_press_news_keeps_half_of_the_rate_and_one_person_has_a_tenth(
    people: int,
) -> None:
    time, rate, seconds = SharedTime(), 20, 10.0
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(rate, now=0), now=time, sleep=time.sleep)
    replies, news = await flood(rate_limiter, time, people=people, seconds=seconds)
    of_all = rate * seconds
    assert news >= of_all / 2 - 2 * rate * MAX_DEBT
    assert replies <= people * (of_all * PERSON_SHARE + PERSON_BURST)
    assert replies >= min(of_all / 2 - rate, people * of_all * PERSON_SHARE)


async def test_where_no_news_waits_replies_have_all_of_the_rate(time: Time) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(10, now=0), now=time, sleep=time.sleep)
    for person in range(1, 101):
        async with rate_limiter.reply_slot(ChatId(person), is_new=True):
            pass
    assert time.at == pytest.approx(100 / 10 - MAX_DEBT, abs=0.3)
    assert rate_limiter.pause_left() == NONE


async def test_a_person_has_one_budget_over_all_chats(time: Time) -> None:
    rate_limiter = RateLimiter(bucket=TokenBucket.at_rate(10, now=0), now=time, sleep=time.sleep)
    for number in range(PERSON_BURST):
        async with rate_limiter.reply_slot(ChatId(-number - 1), is_new=False, person_id=ANN):
            pass
    assert time.at == 0
    async with rate_limiter.reply_slot(ChatId(-99), is_new=False, person_id=ANN):
        pass
    assert time.at == pytest.approx(1 / (10 * PERSON_SHARE))
