from datetime import timedelta

from bot.model import StoryId
from bot.stories.matching.fingerprint import fingerprint
from bot.stories.matching.similarity import ComparedArticle
from bot.stories.matching.story_model import story_model
from quality.news_days import Archive, Item, judged_pairs, replay
from tests.support.fakes import NOON


def item(number: int, title: str, event: str) -> Item:
    return Item(
        id=str(number),
        article=ComparedArticle(
            language="ru",
            fingerprint=fingerprint(title, ""),
            published_at=NOON + number * timedelta(minutes=9),
        ),
        kind="news",
        event=event,
        storyline=event,
        continues=None,
    )


FIRE = item(1, "В Житомире сгорел склад мебели, погибли два охранника", "fire")
RINK = item(2, "В Виннице открыли новый ледовый каток", "rink")
FIRE_TOO = item(3, "Пожар на складе мебели в Житомире: погибли два охранника", "fire")


def test_a_replay_says_what_each_item_joins_and_whether_it_is_pushed() -> None:
    told = replay([FIRE, RINK, FIRE_TOO], lambda _: story_model())
    assert [each.story for each in told] == [1, 2, 1]
    assert [each.is_pushed for each in told] == [True, True, False]


def test_merged_stories_are_known_by_the_earlier_and_searched_as_one() -> None:
    archive = Archive()
    for number, each in enumerate((FIRE, FIRE_TOO), start=1):
        archive.add(each.article, StoryId(number))
    archive.merge(StoryId(2), StoryId(1))
    assert archive.known_as(StoryId(2)) == 1
    (found,) = archive.candidates(FIRE.article)
    assert found.articles == (FIRE.article, FIRE_TOO.article)


def test_an_item_is_judged_beside_the_marked_events_before_it() -> None:
    *_, (last, stories) = judged_pairs([FIRE, RINK, FIRE_TOO])
    assert last is FIRE_TOO
    assert (FIRE,) in stories
