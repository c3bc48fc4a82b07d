from bot.model import LANGUAGES, Visibility
from bot.storage.database import Database
from bot.storage.stories import queries
from bot.storage.stories.story_rows import MAX_OTHER_TEXTS, select_stories
from tests.support.builders import publish, retell, told


async def test_the_texts_of_other_articles_are_the_newest_in_all_languages(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id, "Міст відкрито", language="uk")
    story = await queries.get(db.reader, story_id, languages=["en"])
    assert story is not None
    assert story.other_texts == (("Міст відкрито", "The new bridge was opened."),)
    for number in range(MAX_OTHER_TEXTS):
        await retell(db, story_id, f"Bridge {number}")
    assert len((await told(db, story_id)).other_texts) == MAX_OTHER_TEXTS


async def test_sources_that_a_reader_refuses_do_not_count(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id, "Bridge is open", source="The Herald")
    herald = (await told(db, story_id)).feed_id
    refused = Visibility(refused=frozenset({herald}))
    story = await queries.get(db.reader, story_id, visibility=refused)
    assert story is not None
    assert (story.title, story.other_sources) == ("Bridge opens", ())


def test_a_select_is_of_the_languages_and_the_visibility() -> None:
    select = select_stories(LANGUAGES, Visibility())
    assert select.params == {"languages": '["en", "ru", "uk"]', "refused": "[]", "own": "[]"}
