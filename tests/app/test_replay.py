from datetime import timedelta

from bot.app.replay import RecordedArticle, Replay, open_replay
from bot.model import Language
from bot.storage.database import Database
from tests.support.builders import TOPICS
from tests.support.fakes import NOON

FIRE = (
    "Пожежа на складі у Харкові: двоє загиблих",
    "Унаслідок пожежі на складі у Харкові загинули двоє людей, повідомили рятувальники міста.",
)


def recorded(
    number: int,
    title: str,
    text: str = "",
    *,
    language: Language = "uk",
    source: str = "Маяк",
    minutes: int = 0,
) -> RecordedArticle:
    return RecordedArticle(
        id=str(number),
        language=language,
        source=source,
        title=title,
        text=text,
        url="",
        at=NOON + timedelta(minutes=minutes),
    )


async def opened(db: Database) -> Replay:
    return await open_replay(db, [("uk", "Маяк"), ("uk", "Вісті"), ("ru", "Маяк")], TOPICS)


async def test_an_article_is_owed_to_the_reader_of_its_language(db: Database) -> None:
    replay = await opened(db)
    replayed = await replay.process(recorded(1, *FIRE))
    assert (replayed.story_id, replayed.opened, replayed.continues) == (1, True, None)
    assert replayed.headlines == {"uk": FIRE[0]}
    assert await replay.merged() == ()


async def test_the_same_headline_joins_and_is_owed_to_nobody(db: Database) -> None:
    replay = await opened(db)
    await replay.process(recorded(1, *FIRE))
    again = await replay.process(recorded(2, *FIRE, source="Вісті", minutes=5))
    assert (again.story_id, again.opened, again.headlines) == (1, False, {})


async def test_what_has_no_topic_is_owed_to_who_wants_everything(db: Database) -> None:
    replay = await opened(db)
    replayed = await replay.process(recorded(1, "Кличко і Кличко"))
    assert replayed.analysis.kind == "news"
    assert replayed.headlines == {"uk": "Кличко і Кличко"}


async def test_no_news_belongs_to_no_story(db: Database) -> None:
    replay = await opened(db)
    replayed = await replay.process(recorded(1, "Гороскоп на завтра для всіх"))
    assert (replayed.analysis.kind, replayed.story_id, replayed.headlines) == ("service", None, {})


async def test_the_clock_is_that_of_the_articles_and_is_never_set_back(db: Database) -> None:
    replay = await opened(db)
    await replay.process(recorded(1, *FIRE, minutes=60))
    await replay.process(recorded(2, "Парламент ухвалив бюджет країни на рік", minutes=0))
    rows = await db.reader.execute_fetchall("SELECT opened_at, published_at FROM stories")
    hour, noon = int((NOON + timedelta(hours=1)).timestamp()), int(NOON.timestamp())
    assert [tuple(row) for row in rows] == [(hour, hour), (hour, noon)]
