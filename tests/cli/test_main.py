import socket
import subprocess
import sys
from importlib.abc import MetaPathFinder

import click
import pytest
from click.testing import CliRunner

from bot.cli.main import main

pytestmark = pytest.mark.usefixtures("empty_folder")


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.output.startswith("readalso, version 0.")


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(main, ["--help"])
    for name in (
        "run",
        "check",
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
    assert result.exit_code == 1
    assert result.output.startswith("Error: BOT_TOKEN is not set: get a token from @BotFather")
    assert result.output.count("\n") == 1


def test_a_bad_setting_ends_any_command_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_FLOOR", "often")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: POLL_FLOOR: ")
    assert result.output.count("\n") == 1


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


def test_every_command_has_its_help() -> None:
    def walk(command: click.Command, *path: str) -> None:
        result = CliRunner().invoke(main, [*path, "--help"])
        assert result.exit_code == 0
        assert command.get_short_help_str(), path
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, *path, name)

    walk(main)


def test_a_command_that_does_not_exist_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["dance"]).exit_code == 2


@pytest.mark.parametrize("option", ["--port=70000", "--every=0", "--every=-1"])
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
