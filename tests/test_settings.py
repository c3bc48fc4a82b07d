from pathlib import Path

import pytest

from bot.errors import ConfigurationError, SetupError
from bot.settings import load_settings, read_settings

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


def test_an_unknown_variable_in_the_file_is_named_but_for_those_of_compose(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR_COLOUR", "blue")
    (empty_folder / ".env").write_text("EDITOR_THEME=dark\nREPLICA_URL=s3://a\nPOLL_FLOOR=9\n")
    assert load_settings().unknown_names == ("EDITOR_THEME",)


@pytest.mark.parametrize("name", ["BOT_TOKN", "BOTTOKEN", "bot_token_", "BOT-TOKEN", "BOT_TKOEN"])
def test_a_nearly_right_name_in_the_file_is_refused_with_the_right_one(
    empty_folder: Path, name: str
) -> None:
    (empty_folder / ".env").write_text(f"# mine\n{name}={TOKEN}\n")
    with pytest.raises(ConfigurationError) as caught:
        read_settings()
    assert str(caught.value) == (
        f"{name.upper()}: there is no such setting in .env, line 2; BOT_TOKEN is meant"
    )


def test_a_nearly_right_name_in_the_environment_is_refused_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLL_FLOR", "600")
    with pytest.raises(
        ConfigurationError, match=r"^POLL_FLOR: .* environment, POLL_FLOOR is meant"
    ):
        read_settings()


def test_all_faults_are_named_at_once_a_line_each(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / ".env").write_text("BOT TOKEN=x\nKEPE_DAYS=90\nPOLL_FLOOR: often\n")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ConfigurationError) as caught:
        read_settings()
    assert str(caught.value).splitlines() == [
        ".env, line 1: should be NAME=value",
        "KEPE_DAYS: there is no such setting in .env, line 2; KEEP_DAYS is meant",
        "POLL_FLOOR: should be a whole number (.env, line 3)",
        "LOG_FORMAT: should be 'text' or 'json' (environment)",
    ]


def test_each_setting_knows_where_it_comes_from(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / ".env").write_text("poll_floor: 600\nKEEP_DAYS=90\nLOG_FORMAT=json\n")
    monkeypatch.setenv("KEEP_DAYS", "60")
    loaded = load_settings(log_format="text")
    assert loaded.settings.poll_floor == 600
    assert loaded.origins == {"poll_floor": ".env, line 1", "keep_days": "environment"}


def test_a_tilde_is_the_home_folder(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(empty_folder))
    (empty_folder / ".env").write_text("DATABASE=~/a.db\nFEEDS=~/b.toml\nTOPICS=~/c.toml\n")
    settings = read_settings()
    assert settings.database == empty_folder / "a.db"
    assert settings.feeds == empty_folder / "b.toml"
    assert settings.topics == empty_folder / "c.toml"


@pytest.mark.parametrize("value", [f"{TOKEN}\n", f" {TOKEN}\r"])
def test_space_around_a_value_of_the_environment_does_not_count(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("BOT_TOKEN", value)
    token = read_settings().bot_token
    assert token is not None
    assert token.get_secret_value() == TOKEN


def test_a_folder_in_the_place_of_the_file_is_named(empty_folder: Path) -> None:
    (empty_folder / ".env").mkdir()
    with pytest.raises(ConfigurationError, match=r"^\.env: cannot be read: Is a directory$"):
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
        ("TELEGRAM_API", "api.telegram.org", "TELEGRAM_API: should be an address like https"),
        ("WEBHOOK_URL", "bot.example", "WEBHOOK_URL: should be an address like https"),
        ("WEBHOOK_LISTEN", "8081", "WEBHOOK_LISTEN: should look like 127.0.0.1:8081"),
        ("WEBHOOK_LISTEN", "::1:8081", "WEBHOOK_LISTEN: should look like 127.0.0.1:8081"),
        ("WEBHOOK_LISTEN", "localhost:80810", "WEBHOOK_LISTEN: should look like"),
        ("WEBHOOK_SECRET", "with spaces", "WEBHOOK_SECRET: should be 1 to 256 letters"),
        ("WEBHOOK_SECRET", "x" * 257, "WEBHOOK_SECRET: should be 1 to 256 letters"),
        ("POLL_FLOOR", "0", "POLL_FLOOR: should be at least 1 (environment)"),
        ("POLL_FLOOR", "9" * 18, "POLL_FLOOR: should be at most 604800"),
        ("POLL_FLOOR", "9" * 5000, "POLL_FLOOR: should be a whole number"),
        ("POLL_FLOOR", "1.5", "POLL_FLOOR: should be a whole number"),
        ("DATABASE", ".", "DATABASE: . is a folder; name a file in it"),
        ("DATABASE", f"{__file__}/a.db", f"DATABASE: {__file__} is not a folder"),
        ("DATABASE", "~nobody-of-this-name/a.db", "DATABASE: nobody here has the home folder"),
        ("POLL_FLOOR", "often", "POLL_FLOOR: should be a whole number"),
        ("MESSAGES_PER_SECOND", "0", "MESSAGES_PER_SECOND: should be at least 0.01"),
        ("MESSAGES_PER_SECOND", "1e-300", "MESSAGES_PER_SECOND: should be at least 0.01"),
        ("MESSAGES_PER_SECOND", "nan", "MESSAGES_PER_SECOND: should be "),
        ("ALLOW_PRIVATE_ADDRESSES", "perhaps", "ALLOW_PRIVATE_ADDRESSES: should be true or false"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT: should be 'text' or 'json'"),
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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1251"])
def test_a_file_that_is_not_utf_8_is_named(empty_folder: Path, encoding: str) -> None:
    (empty_folder / ".env").write_text("# налаштування\nPOLL_FLOOR=600\n", encoding=encoding)
    with pytest.raises(SetupError, match=r"^\.env: save it as UTF-8$"):
        read_settings()


def test_retention_is_at_least_as_long_as_queries_look_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEEP_DAYS", "7")
    with pytest.raises(SetupError, match="KEEP_DAYS: should be 0, for ever, or at least 30"):
        read_settings()


def test_a_schedule_of_backups_that_is_none_is_refused_with_an_example(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_settings().backups == "daily:3"
    monkeypatch.setenv("BACKUPS", "every monday")
    with pytest.raises(SetupError, match="BACKUPS: should look like daily:3"):
        read_settings()
