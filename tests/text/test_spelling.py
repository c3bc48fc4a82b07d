import pytest

from bot.text.spelling import suggestion

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
