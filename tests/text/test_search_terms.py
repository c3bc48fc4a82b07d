import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.related import terms
from bot.text.search_terms import MAX_WORDS, query_terms


def finds(query: str, title: str) -> bool:
    held = set(terms(title, title))
    return all(held.intersection(alike) for alike in query_terms(query))


@pytest.mark.parametrize(
    ("query", "title"),
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
def test_word_forms_languages_and_spellings_share_terms(query: str, title: str) -> None:
    assert finds(query, title)


@pytest.mark.parametrize(
    ("query", "title"), [("міст пором", "Міст відкрито"), ("Київ", "Зелений сад розквітнув")]
)
def test_a_missing_word_is_not_found(query: str, title: str) -> None:
    assert not finds(query, title)


@pytest.mark.parametrize("query", ["", "   ", "the and", "?!", "і та"])
def test_stop_words_are_an_empty_query(query: str) -> None:
    assert query_terms(query) == ()


def test_a_pasted_article_is_a_query_of_a_few_words() -> None:
    assert len(query_terms(" ".join(f"word{number}" for number in range(500)))) == MAX_WORDS


@given(st.text())
def test_each_word_has_a_term(query: str) -> None:
    assert all(query_terms(query))
