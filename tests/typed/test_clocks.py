import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.timezones import find_zone
from bot.typed.clocks import find_clock


@pytest.mark.parametrize(
    ("texts", "zone"),
    [
        ("час Варшави|время Варшавы|Warsaw time|варшавський час|за Варшавою", "Europe/Warsaw"),
        ("за Києвом|по Киеву|за київським часом|по киевскому времени|Kyiv clock", "Europe/Kyiv"),
        ("по Москве|по москве|московское время|мой город Москва|Moscow time", "Europe/Moscow"),
        ("я у Празі|живу в Праге|I live in Prague|празький час", "Europe/Prague"),
        ("паризький час|по Парижу|за паризьким часом|time in Paris", "Europe/Paris"),
        ("час варшави|живу у варшаві|в Варшаві", "Europe/Warsaw"),
        ("львівський час|за Львовом|я зі Львова|живу во Львове", "Europe/Kyiv"),
        ("минское время|по Минску|за мінським часом", "Europe/Minsk"),
        ("мск+2|MSK +2", "+05:00"),
        ("мск-1", "+02:00"),
        ("за Гринвічем|по Гринвичу|Greenwich time", "+00:00"),
        ("eastern european time|восточноевропейское время", "EET"),
        ("Львів|Kyiv, Ukraine", "Europe/Kyiv"),
    ],
)
def test_the_clock_of_a_place_is_known_in_any_form(texts: str, zone: str) -> None:
    assert {text: find_clock(text) for text in texts.split("|")} == dict.fromkeys(
        texts.split("|"), zone
    )


@pytest.mark.parametrize(
    "text",
    ["", "за часом", "по плану", "за рівень", "на потом", "в обід", "time", "мск+20", "я"],
)
def test_what_names_no_place_is_none(text: str) -> None:
    assert find_clock(text) is None


@given(st.text())
def test_what_is_a_zone_by_itself_stays_it(text: str) -> None:
    assert find_zone(text) in (None, find_clock(text))
