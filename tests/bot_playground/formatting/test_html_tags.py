import pytest

from bot_playground.formatting.html_tags import MarkupError, details, language_of


def test_a_link_without_an_address_is_its_own_address() -> None:
    assert details("a", {}, content="a.example") == {"url": "http://a.example/"}
    assert details("a", {}, content="no address") is None


def test_an_emoji_has_the_number_of_one() -> None:
    assert details("tg-emoji", {"emoji-id": "12"}, content="x") == {"custom_emoji_id": "12"}
    with pytest.raises(MarkupError):
        details("tg-emoji", {"emoji-id": "0"}, content="x")


@pytest.mark.parametrize("form", ["r", "d", "D", "t", "T", "wDT", "wdt", "dT"])
def test_a_moment_is_shown_in_any_of_telegrams_formats(form: str) -> None:
    shown = details("tg-time", {"unix": "1", "format": form}, content="x")
    assert shown == {"unix_time": 1, "date_time_format": form}


def test_only_code_has_a_language() -> None:
    assert language_of("code", {"class": "language-sql"}) == "sql"
    assert language_of("code", {"class": "sql"}) == ""
    assert language_of("pre", {"class": "language-sql"}) == ""
