from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.settings import read_settings

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"


pytestmark = pytest.mark.usefixtures("empty_folder")


def test_without_any_setting_the_defaults_hold() -> None:
    settings = read_settings()
    assert settings.bot_token is None
    assert settings.messages_per_second == 28
    assert settings.feeds.name == "feeds.toml"


def test_the_environment_takes_precedence_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / ".env").write_text("POLL_FLOOR=600\nLOG_FORMAT=json\n")
    monkeypatch.setenv("POLL_FLOOR", "900")
    settings = read_settings()
    assert (settings.poll_floor, settings.log_format) == (900, "json")


def test_an_override_takes_precedence_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_FLOOR", "900")
    assert read_settings(poll_floor=2).poll_floor == 2


@pytest.mark.parametrize("listen", ["127.0.0.1:8081", "[::1]:0", "localhost:65535"])
def test_a_listen_address_is_a_host_and_a_port(
    monkeypatch: pytest.MonkeyPatch, listen: str
) -> None:
    monkeypatch.setenv("WEBHOOK_LISTEN", listen)
    assert read_settings().webhook_listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:9000", "off"])
def test_the_health_check_is_served_at_an_address_or_off(
    monkeypatch: pytest.MonkeyPatch, listen: str
) -> None:
    monkeypatch.setenv("HTTP_LISTEN", listen)
    assert read_settings().http_listen == listen


def test_the_secret_of_the_webhook_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", "open-sesame")
    assert "open-sesame" not in repr(read_settings())


def test_an_empty_setting_is_no_setting(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("BOT_TOKEN=\nPOLL_FLOOR=\n")
    assert read_settings().bot_token is None


@pytest.mark.parametrize("admins", ["7,8", "7 8", " 7 , 8,", "8\t7"])
def test_admins_are_numbers_with_commas_or_spaces_between(
    monkeypatch: pytest.MonkeyPatch, admins: str
) -> None:
    monkeypatch.setenv("ADMINS", admins)
    assert read_settings().admins == {7, 8}


def test_by_default_nobody_is_an_admin() -> None:
    assert read_settings().admins == frozenset()


def test_an_unknown_variable_in_the_file_is_ignored(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("EDITOR_THEME=dark\n")
    read_settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BOT_TOKEN", "secret", "BOT_TOKEN: should look like 123456:ABC-DEF"),
        ("BOT_TOKEN", "abc:def", "BOT_TOKEN: should look like"),
        ("HTTP_LISTEN", "8080", "HTTP_LISTEN: should look like 127.0.0.1:8080, or off"),
        ("ADMINS", "@ann", "ADMINS: should be numbers of people, like 123456789"),
        ("ADMINS", "-1001", "ADMINS: should be numbers of people"),
        ("ADMINS", "7;8", "ADMINS: should be numbers of people"),
        ("BOT_TOKEN", "1:", "BOT_TOKEN: should look like"),
        ("BOT_TOKEN", "123456:ABC DEF", "BOT_TOKEN: should look like"),
        ("TELEGRAM_API", "api.telegram.org", "TELEGRAM_API: Input should be a valid URL"),
        ("WEBHOOK_URL", "bot.example", "WEBHOOK_URL: Input should be a valid URL"),
        ("WEBHOOK_LISTEN", "8081", "WEBHOOK_LISTEN: should look like 127.0.0.1:8081"),
        ("WEBHOOK_LISTEN", "::1:8081", "WEBHOOK_LISTEN: should look like 127.0.0.1:8081"),
        ("WEBHOOK_LISTEN", "localhost:80810", "WEBHOOK_LISTEN: should look like"),
        ("WEBHOOK_SECRET", "with spaces", "WEBHOOK_SECRET: should be 1 to 256 letters"),
        ("WEBHOOK_SECRET", "x" * 257, "WEBHOOK_SECRET: should be 1 to 256 letters"),
        ("POLL_FLOOR", "0", "POLL_FLOOR: Input should be greater than or equal to 1"),
        ("POLL_FLOOR", "9" * 18, "POLL_FLOOR: Input should be less than or equal to"),
        ("POLL_FLOOR", "often", "POLL_FLOOR: Input should be a valid integer"),
        ("MESSAGES_PER_SECOND", "0", "MESSAGES_PER_SECOND: Input should be greater than"),
        ("MESSAGES_PER_SECOND", "1e-300", "MESSAGES_PER_SECOND: Input should be greater than"),
        ("MESSAGES_PER_SECOND", "nan", "MESSAGES_PER_SECOND: "),
        ("ALLOW_PRIVATE_ADDRESSES", "perhaps", "ALLOW_PRIVATE_ADDRESSES: "),
        ("LOG_FORMAT", "xml", "LOG_FORMAT: Input should be 'text' or 'json'"),
    ],
)
def test_a_bad_setting_is_named_with_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SetupError) as caught:
        read_settings()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    settings = read_settings()
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    assert TOKEN not in repr(settings)


def test_a_bad_token_is_not_repeated_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "not-a-token-but-a-secret")
    with pytest.raises(SetupError) as caught:
        read_settings()
    assert "not-a-token" not in str(caught.value)


def test_a_file_that_is_not_utf_8_is_named(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("POLL_FLOOR=600\n", encoding="utf-16")
    with pytest.raises(SetupError, match=r"^\.env: save it as UTF-8$"):
        read_settings()


def test_retention_is_at_least_as_long_as_queries_look_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEEP_DAYS", "7")
    with pytest.raises(SetupError, match="KEEP_DAYS: should be 0, for ever, or at least 30"):
        read_settings()
