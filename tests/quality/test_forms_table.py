import pytest

pytest.importorskip("pymorphy3")
pytest.importorskip("wordfreq")

from collections import Counter

from quality.forms_sources import Lemma
from quality.forms_table import (
    ambiguous_lines,
    corresponding,
    form_readings,
    lemma_stems,
    table_lines,
    typed_words,
    variants,
)
from quality.forms_weights import estimate

WAR_UK, WAR_RU = Lemma("війна", "noun"), Lemma("война", "noun")
BANK, JAR = Lemma("банк", "noun"), Lemma("банка", "noun")
MOTHER, TO_HAVE = Lemma("мати", "noun"), Lemma("мати", "verb")


def test_a_ukrainian_word_corresponds_to_the_russian_one_that_is_as_frequent() -> None:
    weights = {"uk": {WAR_UK: 100.0}, "ru": {WAR_RU: 90.0}}
    assert corresponding(weights) == {WAR_UK: WAR_RU}
    assert corresponding({"uk": {WAR_UK: 1000.0}, "ru": {WAR_RU: 1.0}}) == {}
    assert "отечество" in variants("отечество")
    assert "рождение" in variants("рождення")


def test_words_that_correspond_share_a_stem_and_others_of_one_snowball_stem_do_not() -> None:
    stems = lemma_stems(
        {"uk": {WAR_UK: 5.0}, "ru": {WAR_RU: 5.0, JAR: 1.0, BANK: 9.0}},
    )
    assert stems["uk", WAR_UK] == stems["ru", WAR_RU]
    assert stems["ru", JAR] != stems["ru", BANK]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Lemma("часть", "noun"), Lemma("частый", "adjective")),
        (Lemma("сам", "adjective"), Lemma("самый", "adjective")),
        (Lemma("большой", "adjective"), Lemma("больший", "adjective")),
        (Lemma("говорить", "verb"), Lemma("говориться", "verb")),
        (Lemma("мать", "noun"), Lemma("мат", "noun")),
        (Lemma("иван", "noun"), Lemma("иванов", "noun")),
    ],
)
def test_different_words_of_a_language_have_different_stems(one: Lemma, other: Lemma) -> None:
    stems = lemma_stems({"uk": {}, "ru": {one: 5.0, other: 3.0}})
    assert stems["ru", one] != stems["ru", other]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Lemma("быстрый", "adjective"), Lemma("быстро", "adjective")),
        (Lemma("рабочий", "adjective"), Lemma("рабочий", "noun")),
    ],
)
def test_an_adjective_shares_its_stem_with_its_adverb_and_its_noun(
    one: Lemma, other: Lemma
) -> None:
    stems = lemma_stems({"uk": {}, "ru": {one: 5.0, other: 3.0}})
    assert stems["ru", one] == stems["ru", other]


def test_a_table_lists_what_the_rules_stem_wrongly_and_no_reflexive_form_of_a_listed_one() -> None:
    lines = table_lines(
        {
            "льду": Counter({("лед", "ru"): 1.0}),
            "лед": Counter({("лед", "ru"): 1.0}),
            "скажет": Counter({("сказа", "ru"): 1.0}),
            "скажется": Counter({("сказася", "ru"): 1.0}),
        }
    )
    assert [line.split()[0] for line in lines["ru"]] == ["льду", "скажет"]
    assert lines["uk"] == lines["en"] == []


def test_whoever_types_a_form_of_two_words_is_shown_unambiguous_forms_of_both() -> None:
    paradigms = {
        "uk": {
            MOTHER: frozenset({"мати", "матері"}),
            TO_HAVE: frozenset({"мати", "має", "мають"}),
        },
        "ru": {},
    }
    rates: dict[str, dict[str, float]] = {
        "uk": {"мати": 10.0, "матері": 10.0, "має": 30.0, "мають": 5.0},
        "ru": {},
    }
    known = {language: estimate(paradigms[language], rates[language]) for language in rates}
    weights = {language: known[language].words for language in rates}
    stems = lemma_stems(weights)
    readings = form_readings(known, rates, stems)
    typed = typed_words(weights, stems)
    assert list(ambiguous_lines(readings, typed)) == ["мати має,мають матері\n"]


def test_a_word_of_another_vowel_is_no_counterpart() -> None:
    house, smoke = Lemma("дім", "noun"), Lemma("дым", "noun")
    assert corresponding({"uk": {house: 5.0}, "ru": {smoke: 5.0}}) == {}
    found = corresponding({"uk": {house: 5.0}, "ru": {smoke: 5.0, Lemma("дом", "noun"): 5.0}})
    assert found == {house: Lemma("дом", "noun")}
