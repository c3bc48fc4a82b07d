from bot.model import ChatId, Word
from bot.storage.database import Database
from bot.storage.subscribers import subscribers, words
from bot.text.phrases import parse_phrase
from tests.support.builders import SPORT, subscribe

ANN, BOB = ChatId(1), ChatId(2)


def word(text: str, **wish: object) -> Word:
    phrase = parse_phrase(text)
    assert phrase is not None
    return Word(text=text, phrase=phrase, **wish)  # type: ignore[arg-type]


async def wishes(db: Database, chat_id: ChatId) -> tuple[Word, ...]:
    reader = await subscribers.find(db.reader, chat_id)
    assert reader is not None
    return reader.words


async def test_words_are_returned_as_they_were_typed_in_order(db: Database) -> None:
    await subscribe(db, ANN)
    chosen = (word("Зеленський"), word("football", muted=True, topic=SPORT), word("Bridge “Old”"))
    async with db.transaction() as tx:
        for each in chosen:
            await words.put(tx, ANN, each)
    assert set(await wishes(db, ANN)) == set(chosen)


async def test_each_chat_has_its_own_words_and_a_phrase_is_stored_once(db: Database) -> None:
    for chat_id in (ANN, BOB):
        await subscribe(db, chat_id)
        async with db.transaction() as tx:
            await words.put(tx, chat_id, word("football", muted=chat_id == ANN))
    assert [it.muted for it in (*await wishes(db, ANN), *await wishes(db, BOB))] == [True, False]
    rows = await db.reader.execute_fetchall("SELECT count(*) FROM phrases")
    assert [tuple(row) for row in rows] == [(1,)]
    async with db.transaction() as tx:
        assert await words.drop(tx, ANN, word("footballs").phrase)
    assert (await wishes(db, ANN), len(await wishes(db, BOB))) == ((), 1)


async def test_words_are_deleted_with_their_chat(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await words.put(tx, ANN, word("football"))
        await subscribers.forget(tx, ANN)
    assert not list(await db.reader.execute_fetchall("SELECT 1 FROM words"))
