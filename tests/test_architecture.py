"""What holds for the whole tree."""

import ast
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import bot
import bot_playground
from bot.i18n import speak
from bot.settings import Settings, read_settings
from bot.storage.migrations import migrate
from bot.telegram import command_menu

CODE = Path(bot.__file__).parent
PLAYGROUND = Path(bot_playground.__file__).parent
ROOT = CODE.parent
TESTS = ROOT / "tests"
SQL = re.compile(r"\b(SELECT .+ FROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM)\b", re.S)


def modules() -> list[Path]:
    found = [*CODE.rglob("*.py"), *PLAYGROUND.rglob("*.py")]
    return [path for path in sorted(found) if path.name != "__init__.py"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_module_is_short_enough_to_read_in_one_go(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_module_has_its_tests_in_the_same_place(path: Path) -> None:
    place = path.relative_to(CODE if path.is_relative_to(CODE) else ROOT)
    if place.parts[0] == "model" or place.name in (
        "__main__.py",
        "errors.py",
        "clock.py",
        "routing.py",
        "dispatcher.py",
    ):
        return  # nothing in them decides anything
    assert (TESTS / place.parent / f"test_{place.name}").exists()


@pytest.mark.parametrize("path", modules(), ids=named)
def test_sql_lives_in_storage_only(path: Path) -> None:
    if path.is_relative_to(CODE / "storage"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not SQL.search(node.value), f"line {node.lineno}"


def test_the_example_of_settings_names_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named_there = set(re.findall(r"^#?([A-Z_]+)=", example, re.M))
    assert named_there == {name.upper() for name in Settings.model_fields}


def test_the_example_of_settings_shows_the_defaults() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", example, re.M))
    for name, field in Settings.model_fields.items():
        # Of what has no default, or one that is a file of ours, it shows an example.
        if field.default is not None and name not in ("bot_token", "feeds"):
            given = read_settings(**{name: shown[name.upper()]})
            assert getattr(given, name) == field.default, name


def test_each_test_that_the_page_on_security_names_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named_there = re.findall(r"`([\w/]+\.py): (\w+)`", page)
    assert len(named_there) > 20
    for file, name in named_there:
        assert f"def test_{name}(" in (TESTS / file).read_text(encoding="utf-8"), name


def test_the_readme_names_every_command_of_the_menu() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"/{name}" in readme for name, _ in command_menu.commands(speak("en")))


def test_the_schema_in_the_docs_is_the_one_that_the_migrations_make(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    migrate(database)
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_schema"
            " WHERE sql IS NOT NULL AND name NOT LIKE 'story_terms_%'"
            " AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
        made = "\n\n".join(f"{sql};" for (sql,) in rows)
    assert (ROOT / "docs" / "schema.sql").read_text(encoding="utf-8").strip() == made.strip()


def test_the_project_speaks_of_itself_alone() -> None:
    private = re.compile(r"/work/|/root/|\bclaude\b|\banthropic\b|\bshared/docs\b", re.I)
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *modules()]
    assert not [path for path in texts if private.search(path.read_text(encoding="utf-8"))]
