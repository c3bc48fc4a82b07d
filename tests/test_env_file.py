import pytest

from bot.env_file import EnvVariable, nearest_name, parse_env_file

NAMES = ("BOT_TOKEN", "FEEDS", "ADMINS", "KEEP_DAYS", "HTTP_LISTEN")


@pytest.mark.parametrize(
    "text",
    [
        "BOT_TOKEN=1:a",
        "BOT_TOKEN=1:a\r\n",
        "\ufeffBOT_TOKEN=1:a\n",
        "bot_token=1:a",
        "Bot_Token = '1:a'  # of @BotFather",
        'export BOT_TOKEN="1:a"',
        "BOT_TOKEN: 1:a",
        "bot_token:1:a",
        "BOT_TOKEN : '1:a' # of @BotFather",
        "  export BOT_TOKEN: 1:a",
        "BOT_TOKEN=2:b\nBOT_TOKEN=1:a",
        "PREFIX=1\nBOT_TOKEN=${PREFIX}:a",
    ],
)
def test_a_variable_is_read_in_every_common_notation(text: str) -> None:
    file = parse_env_file(text.encode())
    assert file.variables["BOT_TOKEN"].value == "1:a"
    assert not file.unreadable_lines


def test_a_value_may_contain_a_colon_and_an_equals_sign() -> None:
    file = parse_env_file(b"WEBHOOK_URL: https://bot.example/?a=b\nTELEGRAM_API=http://[::1]:80\n")
    assert [each.value for each in file.variables.values()] == [
        "https://bot.example/?a=b",
        "http://[::1]:80",
    ]


def test_a_variable_knows_its_line() -> None:
    file = parse_env_file(b"# settings\n\nFEEDS=a.toml\n\nADMINS: 7\n")
    assert file.variables == {"FEEDS": EnvVariable("a.toml", 3), "ADMINS": EnvVariable("7", 5)}


@pytest.mark.parametrize("line", ["BOT TOKEN=1:a", "BOT_TOKEN 1:a", "123456:ABC", "=x", "A='open"])
def test_a_line_that_is_no_variable_is_named_by_its_number(
    line: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = parse_env_file(f"POLL_FLOOR=600\n{line}\nKEEP_DAYS=90\n".encode())
    assert file.unreadable_lines == (2,)
    assert not caplog.records
    assert file.variables.keys() == {"POLL_FLOOR", "KEEP_DAYS"}


@pytest.mark.parametrize("text", ["", "\n\n", "# BOT_TOKEN: 1:a\n", "\ufeff"])
def test_a_file_of_comments_sets_nothing(text: str) -> None:
    file = parse_env_file(text.encode())
    assert (file.variables, file.unreadable_lines) == ({}, ())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BOT_TOKN", "BOT_TOKEN"),
        ("BOTTOKEN", "BOT_TOKEN"),
        ("BOT-TOKEN", "BOT_TOKEN"),
        ("BOT_TKOEN", "BOT_TOKEN"),
        ("BOT_TOKENS_", "BOT_TOKEN"),
        ("FEED", "FEEDS"),
        ("KEEPDAYS", "KEEP_DAYS"),
        ("HTTP_LSITEN", "HTTP_LISTEN"),
        ("TELEGRAM_BOT_TOKEN", None),
        ("KEEP_YEARS", None),
        ("TZ", None),
    ],
)
def test_a_name_within_two_letters_is_taken_for_a_misspelt_one(
    name: str, meant: str | None
) -> None:
    assert nearest_name(name, NAMES) == meant
