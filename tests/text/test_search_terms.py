import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.related import terms
from bot.text.search_terms import MAX_WORDS, query_terms


def finds(said: str, title: str) -> bool:
    held = set(terms(title, title))
    return all(held.intersection(alike) for alike in query_terms(said))


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("школами", "У місті відкрили нову школу"),
        ("Зеленский", "Зустріч із Зеленським у столиці"),
        ("Zelensky", "В столице ждут Зеленского"),
        ("Харьков", "Нічна атака на Харків"),
        ("bridges", "New bridge opens in Lakeside"),
        ("новий міст", "Міст, якого чекали: новий і широкий"),
        ("F-16", "Україна отримала F16"),
    ],
)
def test_word_forms_languages_and_spellings_meet(said: str, title: str) -> None:
    assert finds(said, title)


@pytest.mark.parametrize(
    ("said", "title"), [("міст пором", "Міст відкрито"), ("Київ", "Зелений сад розквітнув")]
)
def test_what_is_not_said_is_not_found(said: str, title: str) -> None:
    assert not finds(said, title)


@pytest.mark.parametrize("said", ["", "   ", "the and", "?!", "і та"])
def test_words_that_say_nothing_ask_for_nothing(said: str) -> None:
    assert query_terms(said) == ()


def test_a_pasted_article_asks_for_no_more_than_a_few_words() -> None:
    assert len(query_terms(" ".join(f"word{number}" for number in range(500)))) == MAX_WORDS


@given(st.text())
def test_each_word_has_a_term(said: str) -> None:
    assert all(query_terms(said))
