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


@pytest.mark.parametrize(
    "text",
    [
        *("mute sport", "no more sport", "sport off", "sport, please go away", "tired of sport"),
        *("сховай sport", "досить sport", "ніякого sport", "sport вимкни", "набрид sport"),
        *("скрой sport", "хватит sport", "никакого sport", "sport убери", "надоел sport"),
    ],
)
def test_a_verb_takes_away_what_stands_after_it_or_before(text: str) -> None:
    assert read_choice(text) == TypedChoice("", "sport")


def test_a_search_that_ends_in_a_word_of_taking_away_keeps_its_words() -> None:
    assert split_query("deal without") == ("deal", "")
    assert split_query("lights off") == ("lights off", "")


@pytest.mark.parametrize(
    "text", ["нічого, крім sport", "ничего кроме sport", "nothing except sport", "лише sport"]
)
def test_nothing_but_some_is_only_some(text: str) -> None:
    assert read_choice(text) == TypedChoice("sport", "", is_only=True)


def test_none_can_be_wanted() -> None:
    assert read_choice("-усі") == TypedChoice("", "", is_none=True)


def test_a_search_keeps_a_word_that_only_lists_read_as_a_minus() -> None:
    assert split_query("no deal") == ("no deal", "")
    assert read_choice("no sport") == TypedChoice("", "sport")


@pytest.mark.parametrize(
    ("texts", "wanted", "unwanted"),
    [
        ("прибери спорт|убери спорт|remove спорт|I don't want спорт|не хочу спорт", "", "спорт"),
        (
            "додай спорт|добавь спорт|add спорт|хочу спорт|мене цікавить спорт",
            "спорт",
            "",
        ),
        ("хочу науку, не хочу спорт|I want науку, not спорт", "науку", "спорт"),
    ],
)
def test_a_list_is_read_as_people_say_it(texts: str, wanted: str, unwanted: str) -> None:
    for text in texts.split("|"):
        assert read_choice(text) == TypedChoice(wanted, unwanted), text


@pytest.mark.parametrize("text", ["тільки спорт", "лише спорт", "только спорт", "just спорт"])
def test_nothing_else_may_be_wanted(text: str) -> None:
    assert read_choice(text) == TypedChoice("спорт", "", is_only=True)


def test_what_introduces_a_search_is_no_part_of_it() -> None:
    assert split_query("будь ласка, знайди новини про мости без Риги") == ("мости", "Риги")
    assert split_query("Tesla but not Musk") == ("Tesla", "Musk")


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    read_choice(text)
    split_query(text)
