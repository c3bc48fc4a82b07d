import pytest

from bot.text.spelling import edit_distance, nearest, suggestion

HEADLINES = ("Президент у Харкові", "Харків і ринок праці", "Президента чекають", "The election")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("презедент", "президент"),
        ("презиент", "президент"),
        ("прреззидент", None),
        ("Хакрів", "харків"),
        ("elecion", "election"),
        ("харків", None),
        ("ринку", None),
        ("рник", None),
        ("презедент Харків", None),
        ("", None),
    ],
)
def test_a_slip_of_one_letter_leads_to_a_word_of_the_headlines(
    typed: str, meant: str | None
) -> None:
    assert suggestion(typed, HEADLINES) == meant


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("topics", "topcs", 1),
        ("topics", "tpoics", 1),
        ("a", "", 1),
        ("кіт", "кит", 1),
        ("ab", "cd", 2),
    ],
)
def test_letters_added_dropped_replaced_or_swapped_are_counted(
    one: str, other: str, distance: int
) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == distance


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("topcs", "topics"),
        ("tpoics", "topics"),
        ("setings", "settings"),
        ("stop", None),
        ("wen", None),
        ("whem", "when"),
        ("then", None),
        ("sport", None),
        ("x" * 1000, None),
    ],
)
def test_the_nearest_of_few_words_is_found(typed: str, meant: str | None) -> None:
    assert nearest(typed, ["topics", "settings", "when", "add"]) == meant
