import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ArticleLanguage
from bot.stories.matching.fingerprint import fingerprint
from bot.stories.matching.similarity import (
    ComparedArticle,
    gather_evidence,
)
from bot.stories.matching.vectors import VECTOR_BYTES, VECTOR_LENGTH
from tests.support.fakes import NOON

FIRE = (
    "Пожежа на складі в Житомирі: загинули двоє людей",
    "Уночі у Житомирі загорівся склад меблів. Вогонь охопив 800 метрів. Загинули двоє охоронців.",
)
FIRE_TOO = (
    "В Житомире сгорел мебельный склад, есть жертвы",
    "Ночью в Житомире вспыхнул склад мебели площадью 800 метров. Погибли два охранника.",
)
RINK = (
    "В Виннице открыли новый каток",
    "Ледовая арена на две тысячи зрителей заработала в субботу. Вход первую неделю бесплатный.",
)
TEXTS = st.text(max_size=300)
VECTORS = st.none() | st.binary(min_size=768, max_size=768) | st.binary(max_size=3)


def article(
    title: str, text: str = "", language: ArticleLanguage = "ru", vector: bytes | None = None
) -> ComparedArticle:
    return ComparedArticle(
        language=language, fingerprint=fingerprint(title, text), vector=vector, published_at=NOON
    )


def compare(one: ComparedArticle, other: ComparedArticle) -> Mapping[str, float]:
    (evidence,) = gather_evidence(one, [other])
    return evidence


def of_titles(one: str, other: str) -> Mapping[str, float]:
    return compare(article(one), article(other))


@given(TEXTS, TEXTS, VECTORS, TEXTS, TEXTS, VECTORS)
def test_a_comparison_is_symmetric_and_never_fails(
    one: str, body: str, vector: bytes | None, other: str, more: str, second: bytes | None
) -> None:
    this, that = article(one, body, vector=vector), article(other, more, "en", second)
    assert compare(this, that) == pytest.approx(compare(that, this))


def test_an_event_in_another_language_shares_words_names_and_quantities() -> None:
    same = compare(article(*FIRE, "uk"), article(*FIRE_TOO))
    other = compare(article(*FIRE, "uk"), article(*RINK))
    for name in ("lead_cosine", "title_cosine", "names_cosine", "rarest_shared"):
        assert same[name] > other[name]
    assert same["quantities_agree"] > 0 == other["quantities_agree"]


def test_what_many_of_the_compared_have_weighs_less() -> None:
    one, other = article("Шторм у Луговому"), article("Пожежа у Луговому")
    crowd = [article(f"Луговому {word}") for word in ("мост", "рынок", "порт", "парк", "хлеб")]
    alone, _ = gather_evidence(one, [other, article("Каток")])
    in_crowd, *_ = gather_evidence(one, [other, *crowd * 6])
    assert in_crowd["rarest_shared"] < alone["rarest_shared"]
    assert in_crowd["rarest_shared_general"] == alone["rarest_shared_general"]


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("17 killed in prison riot", "Prison riot: 17 dead", "title_quantities_agree"),
        ("17 killed in prison riot", "47 dead in prison riot", "title_quantities_differ"),
        ("Долг вырос на 83,4 млрд долларов", "Долг: $83 billion", "title_quantities_agree"),
        ("Заразились 20 человек", "Заражены 22 человека", "quantities_near"),
        ("Втрати за 4 серпня", "Втрати за 5 серпня", "dates_differ"),
        ("Вибори 4 серпня", "Выборы 4 августа", "dates_agree"),
        ("Рейс 815 сел", "Посадка рейса 815", "telling_numbers"),
        ("Мост через реку", "Власти опровергли закрытие моста", "events_decisive"),
        ("Мост закрыли", "Мост может упасть", "events_unmatched"),
        ("Умер мэр Лугового", "Мэр Лугового скончался", "events_shared"),
        ("Міст упав, — Reuters", "Reuters: мост упал", "same_outlet"),
        ("Мост упал", "Почему упал мост?", "feature"),
        ("Взрыв в Одессе", "Взрыв в Харькове", "places_apart"),
        ("Куно уволил Линда", "Вальмора купила порт", "names_apart"),
    ],
)
def test_agreement_and_contradiction_are_evidence(one: str, other: str, name: str) -> None:
    assert of_titles(one, other)[name] > 0
    assert of_titles(one, one)[name] == 0 or name == name.removesuffix("_differ").removesuffix(
        "_apart"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Бюджет на 2025 год", "Бюджет на 2026 год"),
        ("Погибли 10 человек", "Погибли люди"),
        ("Погибли 10 человек", "Закупили 20 ракет"),
    ],
)
def test_years_and_unlike_units_do_not_differ(one: str, other: str) -> None:
    evidence = of_titles(one, other)
    assert evidence["title_quantities_differ"] == evidence["quantities_differ"] == 0


def test_a_report_of_the_same_source_a_day_later_is_daily() -> None:
    first = replace(article("Втрати ворога за 4 серпня", language="uk"), source="Маяк")
    second = replace(
        article("Втрати ворога за 5 серпня", language="uk"),
        source="Маяк",
        published_at=NOON + timedelta(days=1),
    )
    assert compare(second, first)["daily"] == compare(second, first)["same_source"] == 1
    assert compare(replace(second, source="Порт"), first)["daily"] == 0
    assert compare(replace(second, published_at=NOON), first)["daily"] == 0


def test_the_hours_between_two_articles_count() -> None:
    later = replace(article(*FIRE), published_at=NOON + timedelta(hours=5))
    assert (
        compare(later, article(*FIRE))["hours"] > compare(article(*FIRE), article(*FIRE))["hours"]
    )


@pytest.mark.parametrize(
    ("later", "hours"),
    [(timedelta(hours=13), 0), (timedelta(hours=24), 0), (timedelta(hours=30), 6)],
)
def test_of_a_time_that_is_midnight_only_the_day_is_known(later: timedelta, hours: int) -> None:
    midnight = NOON.replace(hour=0)
    dated = replace(article(*FIRE), published_at=midnight)
    timed = replace(article(*FIRE_TOO), published_at=midnight + later)
    assert compare(timed, dated)["hours"] == pytest.approx(math.log1p(hours))


def test_each_pair_of_languages_and_lengths_is_told_apart() -> None:
    bare = compare(article("Мост упал", "", "uk"), article("Bridge falls", "", "en"))
    assert (bare["uk_en"], bare["uk_ru"], bare["both_bare"], bare["one_bare"]) == (1, 0, 1, 0)
    full = compare(article(*FIRE, "uk"), article("Мост упал", "", "ru"))
    assert (full["uk_en"], full["uk_ru"], full["both_bare"], full["one_bare"]) == (0, 1, 0, 1)


def _unit_vector(place: int) -> bytes:
    # All of its length in one number does not fit in a byte, so in sixteen.
    height = round(VECTOR_LENGTH / 4)
    return bytes(height if place <= each < place + 16 else 0 for each in range(VECTOR_BYTES))


def test_similar_vectors_are_far_above_those_of_unrelated_articles() -> None:
    one, other = _unit_vector(0), _unit_vector(100)
    same = compare(article(*FIRE, "uk", one + other), article(*FIRE_TOO, "ru", one + other))
    apart = compare(article(*FIRE, "uk", one + one), article(*FIRE_TOO, "ru", other + other))
    assert min(same["vector_titles"], same["vector_leads"]) > 5
    assert same["vector_most"] == max(same["vector_titles"], same["vector_leads"])
    assert abs(apart["vector_most"]) < 1
    assert same["vector_crossed"] < 1
    assert same["vector_mean"] < same["vector_most"]


@pytest.mark.parametrize("vector", [None, b"", b"\x01" * 384])
def test_without_vectors_of_this_model_there_is_no_evidence_of_them(vector: bytes | None) -> None:
    other = _unit_vector(0) * 2
    assert "vector_mean" not in compare(article(*FIRE, vector=vector), article(*FIRE, vector=other))
    assert "vector_mean" in compare(article(*FIRE, vector=other), article(*FIRE, vector=other))
