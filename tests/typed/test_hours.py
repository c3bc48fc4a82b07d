import pytest

from bot.typed.hours import TimeOfDay, TimeRange, dotted, dotted_range, read_hours
from bot.typed.tokens import Cursor, tokenize


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        ("8:30 9", TimeOfDay(510), ["number"]),
        ("23:00-7:00 soon", TimeRange(1380, 420), ["word"]),
        ("soon", None, ["word"]),
        ("8:75", None, ["number", "colon", "number"]),
        ("з 23", None, ["from", "number"]),
        ("25", None, ["number"]),
    ],
)
def test_a_time_or_a_range_is_read_and_nothing_else(
    text: str, found: TimeOfDay | TimeRange | None, left: list[str]
) -> None:
    cursor = Cursor(tokenize(text))
    assert read_hours(cursor) == found
    assert [token.kind for token in cursor.tokens[cursor.place :]] == left


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("1 ночі", 60),
        ("11 ночі", 1380),
        ("2 дня", 840),
        ("11 дня", 660),
        ("20:00 вечора", 1200),
        ("вранці о 6", 360),
        ("о пів на сьому", 390),
        ("полвосьмого", 450),
        ("полвосьмого вечера", 1170),
        ("8 год 15 хв", 495),
        ("8h", 480),
        ("о восьмій тридцять", 510),
        ("08 05", 485),
        ("8 05", 485),
    ],
)
def test_a_time_of_day_is_read(text: str, minute: int) -> None:
    found = read_hours(Cursor(tokenize(text)))
    assert isinstance(found, TimeOfDay)
    assert found.minute == minute


def test_what_is_written_back_can_only_be_read_so() -> None:
    for minute in (0, 485, 1439):
        assert read_hours(Cursor(tokenize(dotted(minute)))) == TimeOfDay(minute)
    assert read_hours(Cursor(tokenize(dotted_range(600, 420)))) == TimeRange(600, 420)
