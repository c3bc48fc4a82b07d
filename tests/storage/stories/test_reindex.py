from bot.model import ChatId, Phrase, StoryId, Word
from bot.storage.database import Database
from bot.storage.stories import reindex, stories
from bot.storage.subscribers import subscribers, words
from bot.text.phrases import parse_phrase
from tests.support.builders import publish, subscribe

OLD, NEW = 1, 2


async def store_word(db: Database, chat: int, text: str, stems: str, *, muted: bool) -> None:
    async with db.transaction() as tx:
        word = Word(text=text, phrase=Phrase(stems=stems), muted=muted)
        await words.put(tx, ChatId(chat), word)


async def begin(db: Database, version: int) -> bool:
    async with db.transaction() as tx:
        return await reindex.begin(tx, version)


async def words_of(db: Database, chat: int) -> dict[str, tuple[Phrase, bool]]:
    found = await subscribers.find(db.reader, ChatId(chat))
    assert found is not None
    return {word.text: (word.phrase, word.muted) for word in found.words}


async def test_words_are_stored_by_the_new_stems(db: Database) -> None:
    await subscribe(db, 1)
    await store_word(db, 1, "ринок", " старий ", muted=False)
    await store_word(db, 1, "вогонь", " ринок ", muted=True)
    assert await begin(db, NEW)
    assert await words_of(db, 1) == {
        "ринок": (parse_phrase("ринок"), False),
        "вогонь": (parse_phrase("вогонь"), True),
    }


async def test_a_word_whose_new_stems_are_the_old_ones_of_another_is_kept(db: Database) -> None:
    await subscribe(db, 1)
    one, other = parse_phrase("ринок"), parse_phrase("вогонь")
    assert one is not None
    assert other is not None
    await store_word(db, 1, "ринок", other.stems, muted=False)
    await store_word(db, 1, "вогонь", one.stems, muted=False)
    await begin(db, NEW)
    assert await words_of(db, 1) == {"ринок": (one, False), "вогонь": (other, False)}


async def test_a_word_that_is_no_phrase_any_more_keeps_its_stems(db: Database) -> None:
    await subscribe(db, 1)
    await store_word(db, 1, "C#", " c ", muted=False)
    await begin(db, NEW)
    assert await words_of(db, 1) == {"C#": (Phrase(stems=" c "), False)}


async def test_nothing_is_outdated_when_the_version_is_the_stored_one(db: Database) -> None:
    await publish(db, "Bridge opens")
    assert await begin(db, OLD)
    assert not await begin(db, OLD)
    assert await begin(db, NEW)


async def test_the_newest_stories_come_first_and_one_that_was_replaced_never_again(
    db: Database,
) -> None:
    for number in range(3):
        await publish(db, f"Bridge {number} opens")
    await begin(db, NEW)
    await publish(db, "Road closes")
    seen: list[str] = []
    while outdated := await reindex.outdated(db.reader, limit=2):
        seen += [story.title for story in outdated]
        async with db.transaction() as tx:
            await reindex.replace_terms(tx, [(story.id, ("new",), ()) for story in outdated])
    assert seen == ["Bridge 2 opens", "Bridge 1 opens", "Bridge 0 opens"]
    assert [await stories.terms(db.reader, StoryId(number)) for number in (1, 2, 3)] == [
        ("new",)
    ] * 3
    assert "new" not in await stories.terms(db.reader, StoryId(4))
