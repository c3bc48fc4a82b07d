import pytest

from bot.text.vocabulary import outcomes


@pytest.mark.parametrize(
    ("headline", "told"),
    [
        ("Власти опровергли закрытие моста", {"deny"}),
        ("У Кабміні спростували чутки", {"deny"}),
        ("Kremlin reacts to sanctions", {"react"}),
        ("Суд отпустил задержанных", {"free", "arrest"}),
        ("Flight postponed", {"postpone"}),
        ("Мост не закроют", {"no"}),
        ("Мост открыт", set()),
        ("", set()),
    ],
)
def test_turns_of_events_are_found_in_every_language(headline: str, told: set[str]) -> None:
    assert outcomes(headline) == told
