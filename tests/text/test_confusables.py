import pytest

from bot.text.confusables import APOSTROPHES, fold_confusables, fold_numbered_name
from bot.text.stemming import words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Вiйна", "Війна"),
        ("Kиїв", "Київ"),
        ("Пpезидент", "Президент"),
        ("Укpaїнa", "Україна"),
        ("peкa", "река"),
        ("сovid", "covid"),
        ("Аpple", "Apple"),
        ("HATO", "НАТО"),
        ("XАМАС", "ХАМАС"),
        ("НATO", "НАТО"),
        ("AEС", "АЕС"),
    ],
)
def test_look_alike_letters_are_those_of_the_words_script(typed: str, meant: str) -> None:
    assert fold_confusables(typed) == meant


@pytest.mark.parametrize("text", ["iPhone", "MacBook", "BBC and CNN", "ВДВ-шник", "Яndex", "Київ"])
def test_other_words_keep_their_letters(text: str) -> None:
    assert fold_confusables(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("F-16", "Ф-16"),
        ("C-300", "С-300"),
        ("Tу-95", "Ту-95"),
        ("T-72", "Т-72"),
        ("A-50", "А50"),
        ("B-52", "В-52"),
    ],
)
def test_a_numbered_name_is_one_word_in_either_script(one: str, other: str) -> None:
    assert len(words(one)) == 1
    assert words(one) == words(other)


def test_a_numbered_name_without_look_alikes_stays_as_it_is() -> None:
    assert fold_numbered_name("g20") == "g20"


@pytest.mark.parametrize("apostrophe", [*APOSTROPHES, "'"])
def test_all_apostrophes_are_one(apostrophe: str) -> None:
    assert words(f"комп{apostrophe}ютер") == ("комп'ютер",)
