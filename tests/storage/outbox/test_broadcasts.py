from datetime import timedelta

import pytest

from bot.model import ChatId, DeliveryResult, LetterId
from bot.storage.database import Database
from bot.storage.outbox import broadcasts, notices
from bot.storage.outbox.broadcasts import Audience
from bot.storage.subscribers import absences
from tests.support.builders import subscribe
from tests.support.fakes import NOON

ADA = ChatId(7)
LATER = DeliveryResult(state="pending", reason="busy", is_counted=False)


async def draft(db: Database, html: str = "<b>Hello</b>", *, message_id: int = 5) -> LetterId:
    async with db.transaction() as tx:
        return await broadcasts.draft(tx, html, author_id=ADA, message_id=message_id, now=NOON)


async def send(db: Database, letter_id: LetterId, audience: Audience = "all") -> bool:
    async with db.transaction() as tx:
        return await broadcasts.send(tx, letter_id, audience, now=NOON)


async def stop(db: Database, letter_id: LetterId) -> None:
    async with db.transaction() as tx:
        await broadcasts.stop(tx, letter_id, now=NOON)


async def pending(db: Database) -> list[tuple[int, str]]:
    rows = await db.reader.execute_fetchall(
        "SELECT chat_id, html FROM notices JOIN letters ON letters.id = letter_id ORDER BY chat_id"
    )
    return [(row[0], row[1]) for row in rows]


@pytest.fixture
async def readers(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2, language="uk")
    await subscribe(db, -3, kind="group", language="uk")
    for chat_id in (4, 5):
        await subscribe(db, chat_id)
    async with db.transaction() as tx:
        await absences.pause(tx, ChatId(4), now=NOON)
        await absences.mark_gone(tx, ChatId(5), now=NOON)


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize(
    ("audience", "chats"),
    [("all", [-3, 1, 2]), ("uk", [-3, 2]), ("private", [1, 2]), ("channel", [])],
)
async def test_a_broadcast_is_queued_for_its_audience_without_the_paused_and_gone(
    db: Database, audience: Audience, chats: list[int]
) -> None:
    assert (await broadcasts.audience_sizes(db.reader))[audience] == len(chats)
    letter_id = await draft(db)
    assert await pending(db) == []
    assert await send(db, letter_id, audience)
    assert await pending(db) == [(chat_id, "<b>Hello</b>") for chat_id in chats]


@pytest.mark.usefixtures("readers")
async def test_a_message_is_broadcast_once_however_often_it_is_requested(
    db: Database,
) -> None:
    letter_id = await draft(db)
    assert await send(db, letter_id, "private")
    assert not await send(db, letter_id, "all")
    assert await draft(db, "Other words") == letter_id
    assert not await send(db, letter_id)
    assert await pending(db) == [(1, "<b>Hello</b>"), (2, "<b>Hello</b>")]
    assert await draft(db, message_id=6) != letter_id


@pytest.mark.usefixtures("readers")
async def test_a_draft_has_the_last_text_of_its_author(db: Database) -> None:
    letter_id = await draft(db, "Helo")
    assert await draft(db, "Hello") == letter_id
    assert await send(db, letter_id)
    assert {html for _, html in await pending(db)} == {"Hello"}


@pytest.mark.usefixtures("readers")
async def test_a_stopped_broadcast_has_no_pending_notices_not_even_retries(
    db: Database,
) -> None:
    letter_id = await draft(db)
    await send(db, letter_id)
    claimed = []
    for _ in range(2):
        async with db.transaction() as tx:
            claimed.append(await notices.claim(tx, now=NOON))
    await stop(db, letter_id)
    assert await notices.progress(db.reader, letter_id) == {"sending": 2}
    first, second = claimed
    assert first is not None
    assert second is not None
    async with db.transaction() as tx:
        await notices.record(tx, first.id, LATER, retry_at=NOON)
    assert await notices.progress(db.reader, letter_id) == {"sending": 1}
    async with db.transaction() as tx:
        await notices.recover(tx)
    assert await notices.progress(db.reader, letter_id) == {}


@pytest.mark.usefixtures("readers")
async def test_other_notices_go_before_a_broadcast(db: Database) -> None:
    await send(db, await draft(db))
    async with db.transaction() as tx:
        await notices.enqueue(tx, "An alarm", [ChatId(1)], now=NOON + timedelta(hours=1))
        first = await notices.claim(tx, now=NOON + timedelta(hours=1))
    assert first is not None
    assert first.html == "An alarm"


async def test_the_state_of_each_broadcast_and_the_latest_are_found(db: Database) -> None:
    assert await broadcasts.latest(db.reader) is None
    assert await broadcasts.find(db.reader, LetterId(99)) is None
    letter_id = await draft(db)
    await stop(db, letter_id)
    found = await broadcasts.find(db.reader, letter_id)
    assert found is not None
    assert (found.is_sent, found.is_stopped) == (False, False)
    assert await broadcasts.latest(db.reader) is None
    await send(db, letter_id)
    await stop(db, letter_id)
    found = await broadcasts.find(db.reader, letter_id)
    assert found is not None
    assert (found.is_sent, found.is_stopped) == (True, True)
    assert await broadcasts.latest(db.reader) == letter_id


async def test_the_progress_of_a_broadcast_is_counted_by_an_index(db: Database) -> None:
    rows = await db.reader.execute_fetchall(
        "EXPLAIN QUERY PLAN SELECT state, count(*) FROM notices WHERE letter_id = 1 GROUP BY state"
    )
    assert "COVERING INDEX notices_letter" in " ".join(str(row[3]) for row in rows)
