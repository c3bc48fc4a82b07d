import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed.commands import TypedCommand, address_in, nearest_command, read_command, wish_of

NAMES = ["start", "stop", "topics", "settings", "when", "latest", "unfollow", "unmute"]


@pytest.mark.parametrize(
    "text",
    [
        "/topics війна",
        "/Topics війна",
        "/TOPICS  війна ",
        "/topics: війна",
        "/topics:війна",
        "/topics, війна",
        "／topics війна",
        "/ topics війна",
        "/ｔｏｐｉｃｓ війна",
        "/topics\nвійна",
        "\n/topics — війна".replace(" —", ""),
    ],
)
def test_a_command_is_read_in_any_case_and_with_any_sign(text: str) -> None:
    assert read_command(text) == TypedCommand("topics", "", "війна")


def test_a_command_may_mention_whom_it_is_for() -> None:
    assert read_command("/start@Read_bot: x") == TypedCommand("start", "Read_bot", "x")
    assert read_command("/start") == TypedCommand("start", "", "")
    assert read_command("/when.") == TypedCommand("when", "", "")


@pytest.mark.parametrize("text", ["", "topics", "війна /topics", "//", "/", "/ ", "1/2", "/a/b/c"])
def test_other_text_is_no_command(text: str) -> None:
    assert read_command(text) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("topcs", "topics"),
        ("tpoics", "topics"),
        ("setting", "settings"),
        ("strat", "start"),
        ("lat", "latest"),
        ("un", "unmute"),
        ("xyzzy", None),
        ("", None),
        ("s", None),
    ],
)
def test_a_misspelt_or_begun_command_is_near_one(typed: str, meant: str | None) -> None:
    assert nearest_command(typed, NAMES) == meant


@pytest.mark.parametrize(
    ("texts", "wish"),
    [
        ("Стоп!|відписатися|Отписаться|unsubscribe|хватит|STOP", "stop"),
        ("Привіт|привет!|Hi|Добрий день 👋|hello", "greeting"),
        ("меню|menu", "menu"),
        ("Новини|новости|What's new?", "latest"),
        ("налаштування|настройки|settings", "settings"),
        ("допомога|помощь|help", "help"),
    ],
)
def test_words_in_place_of_a_command_are_known(texts: str, wish: str) -> None:
    assert {wish_of(text) for text in texts.split("|")} == {wish}


@pytest.mark.parametrize("text", ["", "міст", "стоп кран", "привіт світ", "hi " * 400])
def test_other_words_are_no_wish(text: str) -> None:
    assert wish_of(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://pravda.com.ua/rss", "https://pravda.com.ua/rss"),
        ("Додай https://example.com/news.", "https://example.com/news"),
        ("example.com", "example.com"),
        (" t.me/channel ", "t.me/channel"),
        ("новини.укр", "новини.укр"),
        ("8.30", None),
        ("т.д.", None),
        ("кінець.Початок", None),
        ("ціна 5.com", None),
        ("", None),
    ],
)
def test_an_address_is_found(text: str, address: str | None) -> None:
    assert address_in(text) == address


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    read_command(text)
    wish_of(text)
    address_in(text)
