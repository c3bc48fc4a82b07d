import pytest

from bot.cli.dead_letters import QUEUES as CLI_QUEUES
from bot.storage.database import Database
from bot.storage.queues import attempts
from bot.storage.queues.attempts import MAX_REASON_CHARS, QUEUES, Queue, QueueRow
from tests.support.builders import receive
from tests.support.fakes import NOON

ROW = QueueRow("articles", 1)


async def test_attempts_are_counted_forgiven_and_forgotten(db: Database) -> None:
    async with db.transaction() as tx:
        await attempts.begin(tx, [ROW])
        await attempts.begin(tx, [ROW])
        assert await attempts.counts(tx) == {ROW: 2}
        await attempts.forgive(tx, [ROW])
        assert await attempts.counts(tx) == {ROW: 1}
        await attempts.forgive(tx, [ROW])
        assert await attempts.counts(tx) == {}
        await attempts.begin(tx, [ROW])
        await attempts.finish(tx, [ROW])
    assert await attempts.counts(db.reader) == {}


@pytest.mark.parametrize(
    "reason", ["\ud800", "\x00", "\udfff\ud800 \x1b]0;x\x07", "a" * 10_000, "", "\U0001f600" * 2000]
)
@pytest.mark.parametrize("queue", QUEUES)
async def test_any_reason_can_be_stored(db: Database, queue: Queue, reason: str) -> None:
    async with db.transaction() as tx:
        await attempts.record_failure(tx, QueueRow(queue, 7), reason=reason)
        await attempts.dead_letter(tx, QueueRow(queue, 7), reason=reason, now=NOON)
    (letter,) = await attempts.dead_letters(db.reader)
    assert letter.row == QueueRow(queue, 7)
    assert len(letter.reason) <= MAX_REASON_CHARS


async def test_dead_letters_are_listed_and_counted_by_queue(db: Database) -> None:
    async with db.transaction() as tx:
        await attempts.dead_letter(tx, QueueRow("pages", 5), reason="torn", now=NOON)
        await attempts.dead_letter(tx, QueueRow("edits", 6), reason="odd", now=NOON)
    assert [letter.row.key for letter in await attempts.dead_letters(db.reader)] == [6, 5]
    assert [row.row.key for row in await attempts.dead_letters(db.reader, queue="pages")] == [5]
    counts = await attempts.count_dead_letters(db.reader)
    assert list(counts) == list(QUEUES)
    assert {queue for queue, count in counts.items() if count} == {"pages", "edits"}


async def test_attempts_at_rows_that_are_gone_are_deleted(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    kept = QueueRow("articles", article.id)
    async with db.transaction() as tx:
        await attempts.begin(tx, [kept, *(QueueRow(queue, 999) for queue in QUEUES)])
        await attempts.delete_orphans(tx)
    assert await attempts.counts(db.reader) == {kept: 1}


async def test_a_row_with_three_attempts_is_exhausted_until_it_is_a_dead_letter(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        for _ in range(attempts.MAX_ATTEMPTS):
            assert await attempts.exhausted(tx) == ()
            await attempts.begin(tx, [ROW])
        assert await attempts.exhausted(tx) == ((ROW, None),)
        await attempts.dead_letter(tx, ROW, reason="the process ended", now=NOON)
        assert await attempts.exhausted(tx) == ()


def test_the_command_knows_all_queues() -> None:
    assert CLI_QUEUES == QUEUES
