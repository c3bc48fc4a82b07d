from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.timezones import CITIES, find_zone, is_zone, zone


@pytest.mark.parametrize(
    ("typed", "zone_name"),
    [
        ("Київ", "Europe/Kyiv"),
        ("Киев", "Europe/Kyiv"),
        ("kyiv", "Europe/Kyiv"),
        (" Львів ", "Europe/Kyiv"),
        ("Днепр", "Europe/Kyiv"),
        ("Івано-Франківськ", "Europe/Kyiv"),
        ("ивано франковск", "Europe/Kyiv"),
        ("Біла Церква", "Europe/Kyiv"),
        ("Варшава", "Europe/Warsaw"),
        ("Warszawa", "Europe/Warsaw"),
        ("Берлін", "Europe/Berlin"),
        ("Praha", "Europe/Prague"),
        ("Тель-Авів", "Asia/Jerusalem"),
        ("Алматы", "Asia/Almaty"),
        ("Санкт-Петербург", "Europe/Moscow"),
        ("new york", "America/New_York"),
        ("Нью-Йорк", "America/New_York"),
    ],
)
def test_a_city_is_known_in_the_spellings_of_three_languages(typed: str, zone_name: str) -> None:
    assert find_zone(typed) == zone_name


@pytest.mark.parametrize(
    ("texts", "zone_name"),
    [
        ("м. Київ|місто Київ|Kyiv, Ukraine|Kyiv Ukraine|Україна, Київ|г. Киев", "Europe/Kyiv"),
        ("Україна|Украина|Ukraine", "Europe/Kyiv"),
        (
            "Nürnberg|Nurnberg|Nuernberg|Нюрнберг|Düsseldorf|Dusseldorf|Köln|München",
            "Europe/Berlin",
        ),
        ("Zürich|Zurich|Цюрих", "Europe/Zurich"),
        ("Göteborg|Goteborg|Malmö|Гетеборг", "Europe/Stockholm"),
        ("Plzeň|Plzen|Praha|Чехія", "Europe/Prague"),
        ("Łódź|Lodz|Kraków|Warszawa|Польща", "Europe/Warsaw"),
        ("Reykjavík|Рейк'явік", "Atlantic/Reykjavik"),
        ("Кишинів|Кишинев|Chișinău|Молдова", "Europe/Chisinau"),
        ("Lisboa|Lisbon|Лісабон", "Europe/Lisbon"),
        ("МСК|мск|СПб|MSK|г. Москва", "Europe/Moscow"),
        ("New York, USA|USA, New York|NYC|EDT", "America/New_York"),
        ("Израиль|Israel|Ізраїль", "Asia/Jerusalem"),
        ("Китай|China", "Asia/Shanghai"),
        ("EET", "EET"),
        ("CET", "CET"),
    ],
)
def test_a_place_is_known_by_its_own_name_with_its_country_and_without_accents(
    texts: str, zone_name: str
) -> None:
    assert {text: find_zone(text) for text in texts.split("|")} == dict.fromkeys(
        texts.split("|"), zone_name
    )


@pytest.mark.parametrize("typed", ["USA", "Росія", "Russia", "Австралія", "soon", "Ukraine soon"])
def test_a_country_of_several_times_names_no_zone(typed: str) -> None:
    assert find_zone(typed) is None


@pytest.mark.parametrize(
    ("typed", "zone_name"),
    [
        ("+3", "+03:00"),
        ("UTC+3", "+03:00"),
        ("gmt +3", "+03:00"),
        ("GMT-03:30", "-03:30"),
        ("−5", "-05:00"),
        ("+5.30", "+05:30"),
        ("+1400", "+14:00"),
        ("-0", "+00:00"),
        ("utc", "+00:00"),
        ("Europe/Kyiv", "Europe/Kyiv"),
        ("europe/kyiv", "Europe/Kyiv"),
    ],
)
def test_an_offset_and_the_name_of_a_zone_are_known(typed: str, zone_name: str) -> None:
    assert find_zone(typed) == zone_name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "3",
        "+15",
        "-13",
        "+3:99",
        "+3:5",
        "Атлантида",
        "/etc/passwd",
        "../UTC",
        "\0",
        "😀",
        "a" * 5000,
    ],
)
def test_what_names_no_zone_is_none(typed: str) -> None:
    assert find_zone(typed) is None


def test_of_cities_of_one_name_the_largest_is_found() -> None:
    assert find_zone("Barcelona") == "Europe/Madrid"


@given(st.text())
def test_any_text_is_an_existing_zone_or_none(typed: str) -> None:
    name = find_zone(typed)
    if name is not None:
        noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        assert noon.astimezone(zone(name)) == noon


@pytest.mark.parametrize("name", ["", "Europe/Kiyv", "../zone", "a" * 5000, "a/" * 2000, "\ud800"])
def test_a_name_of_no_zone_is_none_whatever_its_length(name: str) -> None:
    assert not is_zone(name)


def test_an_offset_is_ahead_of_utc_or_behind() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert noon.astimezone(zone("+05:30")).utcoffset() == timedelta(hours=5, minutes=30)
    assert noon.astimezone(zone("-03:30")).utcoffset() == timedelta(hours=-3, minutes=-30)


def test_each_zone_of_the_cities_exists_and_each_city_lies_in_one() -> None:
    lines = [line.split("\t") for line in CITIES.read_text("utf-8").splitlines()]
    for name, *keys in lines:
        assert zone(name).utcoffset(datetime(2026, 1, 1)) is not None  # noqa: DTZ001
        assert keys
    every = [key for _, *keys in lines for key in keys]
    assert len(every) == len(set(every))
