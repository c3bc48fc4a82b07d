import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from bot.settings import Settings

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"

pytestmark = pytest.mark.usefixtures("empty_folder")


def shown() -> dict[str, tuple[str, ...]]:
    result = CliRunner().invoke(main, ["config"])
    assert result.exit_code == 0, result.output
    rows = (line.split("  ") for line in result.output.splitlines() if "  " in line)
    return {row[0]: tuple(cell.strip() for cell in row[1:] if cell.strip()) for row in rows}


def test_every_setting_is_shown_with_its_value_and_where_it_comes_from(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / ".env").write_text("ADMINS=8 7\nKEEP_DAYS: 90\nEMBEDDINGS=no\nTZ=UTC\n")
    monkeypatch.setenv("keep_days", "60")
    rows = shown()
    assert rows.keys() == {name.upper() for name in Settings.model_fields}
    assert rows["ADMINS"] == ("7, 8", ".env, line 1")
    assert rows["KEEP_DAYS"] == ("60", "environment")
    assert rows["EMBEDDINGS"] == ("false", ".env, line 3")
    assert rows["MESSAGES_PER_SECOND"] == ("28", "default")
    assert rows["TOPICS"] == ("-", "default")
    assert "TZ: no setting of ReadAlso" in CliRunner().invoke(main, ["config"]).output


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WEBHOOK_SECRET", "open-sesame")
    monkeypatch.setenv("TELEGRAM_API", "https://ann:pass-word@api.example/bot")
    rows = shown()
    assert rows["BOT_TOKEN"] == rows["WEBHOOK_SECRET"] == ("(set, not shown)", "environment")
    assert rows["TELEGRAM_API"][0] == "https://***@api.example/bot"


@pytest.mark.parametrize(
    ("line", "code"),
    [(f"bot_token: {TOKEN}", 0), ("BOT_TOKEN=", 1), ("# BOT_TOKEN=1:a", 1), ("BOT_TOKN=1:a", 78)],
)
def test_a_script_can_ask_whether_a_setting_is_set(
    empty_folder: Path, line: str, code: int
) -> None:
    (empty_folder / ".env").write_text(f"{line}\n")
    result = CliRunner().invoke(main, ["config", "--is-set", "BOT_TOKEN"])
    assert (result.exit_code, TOKEN in result.output) == (code, False)


def test_a_setting_that_does_not_exist_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["config", "--is-set", "BOT_TOKENS"])
    assert result.exit_code == 2


def test_json_names_each_value_and_origin_and_no_secret(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / ".env").write_text(f"BOT_TOKEN={TOKEN}\nTZ=UTC\n")
    monkeypatch.setenv("keep_days", "60")
    result = CliRunner().invoke(main, ["config", "--json"])
    assert TOKEN not in result.output
    facts = json.loads(result.output)
    assert facts["settings"].keys() == {name.upper() for name in Settings.model_fields}
    assert facts["settings"]["KEEP_DAYS"]["origin"] == "environment"
    assert facts["settings"]["KEEP_DAYS"]["value"] == "60"
    assert facts["settings"]["BOT_TOKEN"]["is_secret"]
    assert facts["settings"]["WEBHOOK_URL"]["value"] is None
    assert facts["unknown"] == ["TZ"]
