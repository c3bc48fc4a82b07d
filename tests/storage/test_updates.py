from datetime import timedelta

from bot.model import ChatId, RawUpdate, UpdateId
from bot.storage import updates
from bot.storage.database import Database
from tests.support.fakes import NOON

ANN, BOB = ChatId(1), ChatId(2)


def incoming(number: int, chat_id: ChatId = ANN, person_id: ChatId | None = None) -> RawUpdate:
    return RawUpdate(
        id=UpdateId(number),
        chat_id=chat_id,
        person_id=person_id or chat_id,
        kind="message",
        content='{"text": "hi"}',
    )


async def store(db: Database, *those: RawUpdate) -> None:
    async with db.transaction() as tx:
        await updates.store(tx, those, now=NOON)


async def rows(db: Database, columns: str) -> list[tuple[object, ...]]:
    found = await db.reader.execute_fetchall(f"SELECT {columns} FROM updates ORDER BY update_id")
    return [tuple(row) for row in found]


async def first(db: Database, *except_chats: ChatId, later: timedelta = timedelta()) -> int | None:
    found = await updates.first_waiting(db.reader, now=NOON + later, except_chats=except_chats)
    return found.id if found else None


async def test_the_oldest_update_comes_first_and_unchanged(db: Database) -> None:
    await store(db, incoming(8), incoming(7, BOB))
    assert await updates.first_waiting(db.reader, now=NOON) == incoming(7, BOB)


async def test_an_empty_inbox_has_no_update(db: Database) -> None:
    assert await first(db) is None


async def test_a_busy_chat_is_skipped(db: Database) -> None:
    await store(db, incoming(7), incoming(8), incoming(9, BOB))
    assert await first(db, ANN) == 9
    assert await first(db, ANN, BOB) is None


async def test_a_postponed_update_holds_up_its_chat_and_no_other(db: Database) -> None:
    await store(db, incoming(7), incoming(8), incoming(9, BOB))
    async with db.transaction() as tx:
        until = NOON + timedelta(minutes=1)
        await updates.postpone(tx, UpdateId(7), until=until, problem="torn")
    assert await first(db) == 9
    assert await first(db, BOB) is None
    assert await first(db, BOB, later=timedelta(minutes=1)) == 7
    assert (await rows(db, "attempts, problem"))[0] == (1, "torn")


async def test_only_the_id_of_a_handled_update_stays(db: Database) -> None:
    await store(db, incoming(7))
    async with db.transaction() as tx:
        await updates.mark_handled(tx, UpdateId(7), now=NOON)
    assert await first(db) is None
    assert await rows(db, "update_id, chat_id, content") == [(7, None, None)]


async def test_an_update_received_twice_is_handled_once(db: Database) -> None:
    await store(db, incoming(7))
    async with db.transaction() as tx:
        await updates.mark_handled(tx, UpdateId(7), now=NOON)
    await store(db, incoming(7), incoming(7))
    assert await first(db) is None


async def test_a_dead_letter_is_kept_with_its_problem_and_holds_up_nothing(
    db: Database,
) -> None:
    await store(db, incoming(7), incoming(8))
    async with db.transaction() as tx:
        await updates.dead_letter(tx, UpdateId(7), problem="ZeroDivisionError", now=NOON)
    assert await first(db) == 8
    assert (await rows(db, "chat_id, content, problem"))[0] == (
        ANN,
        '{"text": "hi"}',
        "ZeroDivisionError",
    )


async def test_only_waiting_updates_of_a_forgotten_chat_stay(db: Database) -> None:
    await store(db, incoming(7), incoming(8), incoming(9, BOB))
    async with db.transaction() as tx:
        await updates.dead_letter(tx, UpdateId(7), problem="x", now=NOON)
        await updates.dead_letter(tx, UpdateId(9), problem="x", now=NOON)
        await updates.forget(tx, ANN)
    assert await rows(db, "chat_id, content, problem") == [
        (None, None, None),
        (ANN, '{"text": "hi"}', None),
        (BOB, '{"text": "hi"}', "x"),
    ]


async def test_dead_letters_of_a_group_are_forgotten_with_the_supergroup(
    db: Database,
) -> None:
    await store(db, incoming(7), incoming(8))
    async with db.transaction() as tx:
        await updates.dead_letter(tx, UpdateId(7), problem="x", now=NOON)
        await updates.move(tx, ANN, BOB)
        await updates.forget(tx, BOB)
    assert await rows(db, "chat_id, problem") == [(None, None), (ANN, None)]


async def test_old_updates_are_pruned(db: Database) -> None:
    await store(db, *[incoming(number) for number in range(1, 6)])
    async with db.transaction() as tx:
        for number, days in ((1, 1), (2, 3)):
            await updates.mark_handled(tx, UpdateId(number), now=NOON - timedelta(days=days))
        for number, days in ((3, 3), (4, 8)):
            at = NOON - timedelta(days=days)
            await updates.dead_letter(tx, UpdateId(number), problem="x", now=at)
        await updates.prune(
            tx, handled_before=NOON - timedelta(days=2), failed_before=NOON - timedelta(days=7)
        )
    assert [row[0] for row in await rows(db, "update_id")] == [1, 3, 5]


async def test_a_person_who_is_busy_is_skipped_in_all_chats(db: Database) -> None:
    await store(db, incoming(7, ChatId(-1), ANN), incoming(8, ANN), incoming(9, ChatId(-2), BOB))
    found = await updates.first_waiting(db.reader, now=NOON, except_people=[ANN])
    assert found == incoming(9, ChatId(-2), BOB)


async def test_of_a_person_who_leaves_nothing_stays_of_what_they_wrote_in_a_group(
    db: Database,
) -> None:
    await store(db, incoming(7, ChatId(-1), ANN))
    async with db.transaction() as tx:
        await updates.dead_letter(tx, UpdateId(7), problem="bug", now=NOON)
        await updates.forget(tx, ANN)
    assert await rows(db, "chat_id, person_id, content, problem") == [(None, None, None, None)]
