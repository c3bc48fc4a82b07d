import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed.choices import TypedChoice, read_choice, split_query


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("війна, світ", "війна світ", ""),
        ("-спорт", "", "спорт"),
        ("війна −спорт", "війна", "спорт"),
        ("війна - спорт, світ", "війна світ", "спорт"),
        ("without sport", "", "sport"),
        ("not sport", "", "sport"),
        ("без спорту і культури", "", "спорту і культури"),
        ("война кроме спорта", "война", "спорта"),
        ("крім спорту + наука", "наука", "спорту"),
        ("окрім спорту +наука", "наука", "спорту"),
        ("+війна -спорт", "війна", "спорт"),
        ("Івано-Франківськ COVID-19", "Івано-Франківськ COVID-19", ""),
        ("", "", ""),
        ("- -", "", ""),
    ],
)
def test_what_is_wanted_and_what_is_not(text: str, wanted: str, unwanted: str) -> None:
    assert read_choice(text) == TypedChoice(wanted, unwanted)
    assert split_query(text) == (wanted, unwanted)


@pytest.mark.parametrize(
    "text", ["усе, крім спорту", "Усі без спорту", "все -спорту", "all but спорту", "ALL -спорту"]
)
def test_all_can_be_wanted_but_for_some(text: str) -> None:
    assert read_choice(text) == TypedChoice("", "спорту", is_all=True)


def test_none_can_be_wanted() -> None:
    assert read_choice("-усі") == TypedChoice("", "", is_none=True)


def test_a_search_keeps_a_word_that_only_lists_read_as_a_minus() -> None:
    assert split_query("no deal") == ("no deal", "")
    assert read_choice("no sport") == TypedChoice("", "sport")


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    read_choice(text)
    split_query(text)
