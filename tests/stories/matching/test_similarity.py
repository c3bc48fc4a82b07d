from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ArticleLanguage
from bot.stories.matching.fingerprint import fingerprint
from bot.stories.matching.similarity import CONTRADICTED, ComparedArticle, compare, log_odds

FIRE = (
    "Пожежа на складі в Житомирі: загинули двоє людей",
    "Уночі у Житомирі загорівся склад меблів. Вогонь охопив 800 метрів. Загинули двоє охоронців.",
)
FIRE_TOO = (
    "В Житомире сгорел мебельный склад, есть жертвы",
    "Ночью в Житомире вспыхнул склад мебели площадью 800 метров. Погибли два охранника.",
)
ELSEWHERE = (
    "В Виннице открыли новый каток",
    "Ледовая арена на две тысячи зрителей заработала в субботу. Вход первую неделю бесплатный.",
)
TEXTS = st.text(max_size=300)
VECTORS = st.none() | st.binary(min_size=384, max_size=384) | st.binary(max_size=3)


def telling(
    title: str, text: str = "", language: ArticleLanguage = "ru", vector: bytes | None = None
) -> ComparedArticle:
    return ComparedArticle(language=language, fingerprint=fingerprint(title, text), vector=vector)


@given(TEXTS, TEXTS, VECTORS, TEXTS, TEXTS, VECTORS)
def test_a_comparison_is_symmetric_and_never_fails(
    one: str, body: str, vector: bytes | None, other: str, more: str, second: bytes | None
) -> None:
    this, that = telling(one, body, vector=vector), telling(other, more, "en", second)
    assert compare(this, that) == compare(that, this)
    assert 0 <= compare(this, that).words <= 1.000001


def test_an_article_on_the_event_in_another_language_has_higher_odds_than_another_event() -> None:
    fire, fire_too, elsewhere = telling(*FIRE, "uk"), telling(*FIRE_TOO), telling(*ELSEWHERE)
    assert log_odds(compare(fire, fire_too)) > 0 > log_odds(compare(fire, elsewhere))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17 dead in prison riot", "47 dead in prison riot"),
        ("В области 11 смертей от вируса", "В области 12 смертей от вируса"),
        ("Мост через реку закроют", "Власти опровергли закрытие моста через реку"),
        ("US imposes sanctions on Iran", "Tehran reacts to US sanctions on Iran"),
        ("Рейс в Прагу", "Рейс в Прагу отложили"),
    ],
)
def test_different_counts_and_decisive_events_are_contradictions(one: str, other: str) -> None:
    assert log_odds(compare(telling(one), telling(other))) == CONTRADICTED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Внешний долг вырос на 83,4 млрд", "Внешний долг вырос на 83 миллиарда"),
        ("Заразились 120 врачей", "Заражен 121 врач"),
        ("Бюджет на 2025 год", "Бюджет на 2026 год"),
        ("Погибли 10 человек", "Погибли люди"),
    ],
)
def test_roundings_and_years_are_no_contradictions(one: str, other: str) -> None:
    assert not compare(telling(one), telling(other)).contradiction


def test_an_event_in_the_others_lead_is_no_contradiction() -> None:
    told = telling("Мост через реку", "В мэрии опровергли слухи о его закрытии.")
    assert not compare(telling("Власти опровергли закрытие моста"), told).contradiction


def test_similar_vectors_raise_the_odds_and_dissimilar_ones_lower_them() -> None:
    same, other = bytes([20] * 384), bytes([20] * 192 + [236] * 192)
    lead, second = telling(*FIRE, "uk", same), telling(*FIRE_TOO, "ru", same)
    assert (
        log_odds(compare(lead, second)) > 0 > log_odds(compare(lead, replace(second, vector=other)))
    )


def test_across_alphabets_a_lower_cosine_counts_as_much() -> None:
    vector = bytes([20] * 384)
    near = compare(telling(*FIRE, "uk", vector), telling(*FIRE_TOO, "ru", vector)).semantic
    far = compare(telling(*FIRE, "uk", vector), telling(*FIRE_TOO, "en", vector)).semantic
    assert near is not None
    assert far is not None
    assert far > near


def test_vectors_of_other_models_are_not_compared() -> None:
    assert (
        compare(telling(*FIRE, "uk", b"\x01"), telling(*FIRE_TOO, "ru", b"\x01\x02")).semantic
        is None
    )


def test_titles_alone_have_weights_of_their_own() -> None:
    headline = "Six dead as bus plunges off bridge in Rome"
    english = compare(telling(headline, "", "en"), telling(headline, "", "en"))
    russian = compare(telling(headline), telling(headline))
    assert english.titles_only
    assert english.both_english
    assert not russian.both_english
    assert log_odds(english) > log_odds(russian) > 0
    vector = bytes([20] * 384)
    for language in ("en", "ru"):
        both = telling(headline, "", language, vector)
        assert log_odds(compare(both, both)) > 0
