import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

pytestmark = pytest.mark.usefixtures("empty_folder")


def test_the_version_is_said() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.output.startswith("readalso, version 0.")


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(main, ["--help"])
    for name in ("run", "playground", "migrate", "feeds", "explain"):
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


def test_migrate_makes_the_database_and_then_finds_it_new(empty_folder: Path) -> None:
    first = CliRunner().invoke(main, ["migrate"])
    assert "migrations applied" in first.output
    assert (empty_folder / "data" / "readalso.db").exists()
    second = CliRunner().invoke(main, ["migrate"])
    assert "up to date" in second.output


def test_migrate_refuses_a_file_that_is_no_database(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "notes.txt").write_text("These are my notes. " * 200)
    monkeypatch.setenv("DATABASE", "notes.txt")
    result = CliRunner().invoke(main, ["migrate"])
    assert "Error: notes.txt is damaged (file is not a database): keep it" in result.output
    assert result.output.count("\n") == 1


def test_no_command_but_run_and_playground_needs_aiogram() -> None:
    code = "import sys, bot.cli, bot.settings, bot.storage.migrate; print('aiogram' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"


@pytest.mark.parametrize("option", ["--port=70000", "--every=0", "--every=-1"])
def test_a_senseless_option_of_the_playground_is_refused(option: str) -> None:
    result = CliRunner().invoke(main, ["playground", option])
    assert result.exit_code == 2
    assert "Invalid value" in result.output
