from datetime import datetime, timedelta

import pytest

from bot.feeds.formats.date_words import is_weekday, month, zone


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("nov", 11),
        ("листопада", 11),
        ("нояб.", 11),
        ("marz", 3),
        ("décembre", 12),
        ("smarch", None),
    ],
)
def test_a_month_is_known_in_many_languages(word: str, number: int | None) -> None:
    assert month(word) == number


@pytest.mark.parametrize(
    ("word", "expected"),
    [("tuesday", True), ("п’ятниця", True), ("mittwoch", True), ("nov", False), ("news", False)],
)
def test_a_weekday_is_told_from_other_words(word: str, expected: bool) -> None:
    assert is_weekday(word) == expected


@pytest.mark.parametrize(
    ("name", "winter", "summer"),
    [("eet", 2, 2), ("msk", 3, 3), ("et", -5, -4), ("europe/kyiv", 2, 3), ("jst", 9, 9)],
)
def test_a_zone_is_known_by_its_name(name: str, winter: int, summer: int) -> None:
    found = zone(name)
    assert found is not None
    offsets = [found.utcoffset(datetime(2026, number, 1)) for number in (1, 7)]  # noqa: DTZ001
    assert offsets == [timedelta(hours=winter), timedelta(hours=summer)]


@pytest.mark.parametrize("name", ["xyzt", "mars/olympus", "../etc/passwd", ""])
def test_a_zone_that_nobody_knows_is_none(name: str) -> None:
    assert zone(name) is None
