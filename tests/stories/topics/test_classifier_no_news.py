import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.topics.classifier_no_news import no_news


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Гороскоп на завтра", "", "a horoscope"),
        ("", "♈️ Гороскоп на сьогодні: Овен сьогодні щасливий", "a horoscope"),
        ("Любовный гороскоп для всех знаков", "", "a horoscope"),
        ("Horoscope for Friday", "", "a horoscope"),
        ("☀️ Доброго ранку, друзі!", "Гарного дня.", "a greeting"),
        ("Доброе утро", "", "a greeting"),
        ("Good morning, everyone", "", "a greeting"),
        ("Головне за 17.07.2026", "", "a digest of everything"),
        ("Головні новини дня", "", "a digest of everything"),
        ("Главное за неделю", "", "a digest of everything"),
        ("Итоги дня: что случилось", "", "a digest of everything"),
        ("Your morning briefing", "", "a digest of everything"),
        ("Реклама", "Купуйте наші парасолі.", "an advertisement"),
        ("Зонты со скидкой", "ООО «Зонт». erid: 2VtzqwAb", "an advertisement"),
        ("Парасолі дешевше", "Промокод ЗЛИВА діє до п'ятниці.", "an advertisement"),
    ],
)
def test_what_is_no_news_says_so_itself(title: str, text: str, kind: str | None) -> None:
    assert no_news(title, text) == kind


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Парламент заборонив рекламу азартних ігор",
        "Астрологи проти гороскопів: що сказав суд",
        "Good morning America host retires",
        "Доброе утро, Вьетнам: фильм возвращается в кино",
        "Главное здание университета закрыли на ремонт",
        "Итоги выборов подведут в пятницу",
        "Daily exercise helps the heart",
    ],
)
def test_news_that_only_speaks_of_such_things_is_news(title: str) -> None:
    assert no_news(title, "Подробиці згодом.") is None


@given(st.text(), st.text())
def test_any_text_has_an_answer(title: str, text: str) -> None:
    assert no_news(title, text) is None or no_news(title, text)
