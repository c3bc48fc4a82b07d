from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import ExactMatch, StoryId
from bot.stories.matching.exact import agrees, is_next_chapter, is_same_news
from tests.stories.builders import make_article
from tests.support.fakes import NOON

OPENED = "Міст відкрито у Луговому після ремонту"
LEAD = "Мер перерізав стрічку, рух транспорту відновлено в обидва боки."


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (OPENED, ""),
        ("Оновлено: міст у Луговому відкрито після ремонту", ""),
        ("Рух відновлено", f"{OPENED}. {LEAD}"),
        ("Стрічку перерізано", LEAD),
        ("У Луговому відкрито міст", "Фото з місця події."),
    ],
)
def test_an_edited_headline_or_a_kept_text_agree(title: str, text: str) -> None:
    assert agrees(title, text, known_title=OPENED, known_text=LEAD)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Парламент ухвалив бюджет на рік", ""),
        ("Землетрус у Греції: є загиблі", "Підземні поштовхи відчули в Афінах."),
        ("", ""),
    ],
)
def test_other_news_at_the_address_does_not_agree(title: str, text: str) -> None:
    assert not agrees(title, text, known_title=OPENED, known_text=LEAD)


@pytest.mark.parametrize(
    ("source", "hours", "same"),
    [("Маяк", 1, True), ("Маяк", 24, False), ("Маяк", -24, False), ("Вісті", 24, True)],
)
def test_a_headline_that_its_source_repeats_on_another_day_decides_nothing(
    source: str, hours: int, same: bool
) -> None:
    match = ExactMatch(
        story_id=StoryId(1),
        by_address=False,
        title=OPENED,
        text=LEAD,
        source="Маяк",
        published_at=NOON,
    )
    article = replace(
        make_article(OPENED, LEAD), source=source, published_at=NOON + timedelta(hours=hours)
    )
    assert is_same_news(article, match) is same


def test_an_address_decides_by_the_words() -> None:
    match = ExactMatch(
        story_id=StoryId(1),
        by_address=True,
        title=OPENED,
        text=LEAD,
        source="Маяк",
        published_at=NOON,
    )
    assert is_same_news(make_article(OPENED, LEAD), match)
    assert not is_same_news(make_article("Парламент ухвалив бюджет", ""), match)


@pytest.mark.parametrize(
    ("hours", "text", "relation"),
    [
        # The second alert of a day under one headline.
        (2, "Увечері тривога лунає знову: дрони летять з північного сходу.", "chapter"),
        (11, "Увечері тривога лунає знову: дрони летять з північного сходу.", "chapter"),
        # The same article in another section, cut shorter, longer, or without its text.
        (0.5, "Увечері тривога лунає знову: дрони летять з північного сходу.", "same"),
        (5, LEAD, "same"),
        (5, f"{LEAD} Старий міст зачинять на ремонт до весни.", "same"),
        (5, "Мер перерізав стрічку, рух транспорту відновлено.", "same"),
        (5, "", "same"),
    ],
)
def test_what_a_source_says_anew_under_its_headline_is_a_chapter(
    hours: float, text: str, relation: str
) -> None:
    match = ExactMatch(
        story_id=StoryId(1),
        by_address=False,
        title=OPENED,
        text=LEAD,
        source="Маяк",
        published_at=NOON,
    )
    article = replace(
        make_article(OPENED, text), source="Маяк", published_at=NOON + timedelta(hours=hours)
    )
    assert is_same_news(article, match) is (relation == "same")
    assert is_next_chapter(article, match) is (relation == "chapter")
    other = replace(article, source="Вісті")
    assert is_same_news(other, match)
    assert not is_next_chapter(other, match)
