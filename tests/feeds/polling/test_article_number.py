import pytest

from bot.feeds.polling.article_number import article_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("/news/728743-mayor-opens-bridge", "728743"),
        ("/mayor-opens-bridge-728743.html", "728743"),
        ("/2026/11/30/728743/", "728743"),
        ("/news?id=728743", "728743"),
        ("/n728743", "728743"),
        ("/news/id0728743", "728743"),
        ("/10000-people-march/7287430", "7287430"),
        ("/section-10023/72874", "72874"),
        ("wire:728743", "728743"),
        ("/p/1764489600123", "1764489600123"),
    ],
)
def test_k2_an_article_number_is_found_in_a_path_or_guid(text: str, number: str) -> None:
    assert article_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/news/mayor-opens-bridge",
        "/news/1234",
        "/20261130/mayor",
        "/30112026/mayor",
        "/11302026/mayor",
        "/202611/mayor",
        "/261130/mayor",
        "/301126-mayor",
        "/202611300830",
        "/20261130083015",
        "/c4g12345ko",
        "/12345678-1234-4234-8234-123456789012",
        "/00000",
        "/" + "9" * 40,
    ],
)
def test_k2_a_date_a_small_number_and_a_part_of_a_code_are_none(text: str) -> None:
    assert article_number(text) == ""
