"""Rules of the whole tree: sizes, names, docstrings, where SQL and tests live, docs that agree.

Layers and purity are import-linter's contracts in pyproject.toml; test_wire_names.py has the names
on the wire. Each test collects every violation, so that one run shows all.
"""

import ast
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import bot
from bot.i18n import speak
from bot.settings import Settings, read_settings
from bot.storage.migrations import migrate
from bot.telegram import command_menu

CODE = Path(bot.__file__).parent
ROOT = CODE.parent
PLAYGROUND = ROOT / "bot_playground"
TESTS = ROOT / "tests"

MAX_LINES = 400
MAX_MODULES = 12
# A private helper needs a second caller, a test of its own, or lines that earn a name.
MAX_USED_ONCE = 0.12
SQL = re.compile(r"\b(SELECT .+ FROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM)\b", re.S)
# Words that say nothing of what they hold; the singular of what is walked does.
BANNED = {"it", "its", "said", "told", "made", "heard", "ways", "deeds"}
# They decide nothing, or only join what is tested elsewhere.
WITHOUT_TESTS = {"__main__.py", "errors.py", "clock.py", "dispatcher.py"}


def modules(*folders: Path) -> list[Path]:
    return [
        path
        for folder in folders or (CODE, PLAYGROUND)
        for path in sorted(folder.rglob("*.py"))
        if path.name != "__init__.py"
    ]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_module_reads_in_one_go() -> None:
    lengths = {
        named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()
    }
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_a_package_fits_on_one_page() -> None:
    sizes = Counter(named(path.parent) for path in modules())
    assert {name: size for name, size in sizes.items() if size > MAX_MODULES} == {}


def mirrored(path: Path) -> Path:
    place = path.relative_to(CODE) if path.is_relative_to(CODE) else path.relative_to(ROOT)
    return TESTS / place.parent / f"test_{place.name}"


def test_a_module_has_its_tests_in_the_same_place_and_at_least_one_that_runs() -> None:
    missing = []
    for path in modules():
        if path.parent == CODE / "model" or path.name in WITHOUT_TESTS:
            continue
        tests = mirrored(path)
        functions = (
            [node for node in ast.walk(tree_of(tests)) if isinstance(node, FUNCTION)]
            if tests.exists()
            else []
        )
        if not any(node.name.startswith("test_") and runs(node) for node in functions):
            missing.append(named(path))
    assert missing == []


FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def runs(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return not any("mark.skip" in ast.unparse(decorator) for decorator in test.decorator_list)


def test_a_docstring_states_and_never_asks() -> None:
    asking = [
        f"{named(path)}: {getattr(node, 'name', 'module')}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTION))
        and "?" in re.sub(r"`[^`]*`|“[^”]*”|\"[^\"]*\"|«[^»]*»", "", ast.get_docstring(node) or "")
    ]
    assert asking == []


def bound_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.MatchAs | ast.ExceptHandler) and node.name:
            yield node.lineno, node.name


def test_a_variable_says_what_it_holds() -> None:
    vague = [
        f"{named(path)}:{line} {name}"
        for path in modules()
        for line, name in bound_names(tree_of(path))
        if name in BANNED
    ]
    assert vague == []


def test_no_class_name_means_two_things() -> None:
    places = defaultdict(list)
    for path in modules():
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(named(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_few_private_functions_have_a_single_use() -> None:
    functions, once = 0, []
    for path in modules(CODE):
        nodes = list(ast.walk(tree_of(path)))
        uses = Counter(node.id for node in nodes if isinstance(node, ast.Name))
        uses += Counter(node.attr for node in nodes if isinstance(node, ast.Attribute))
        for node in nodes:
            if isinstance(node, FUNCTION):
                functions += 1
                private = node.name.startswith("_") and not node.name.startswith("__")
                if private and uses[node.name] <= 1 and not node.decorator_list:
                    once.append(f"{named(path)}:{node.lineno} {node.name}")
    assert len(once) <= MAX_USED_ONCE * functions, (len(once), functions, once)


def test_sql_lives_in_storage_only() -> None:
    strays = [
        f"{named(path)}:{node.lineno}"
        for path in modules(CODE)
        if not path.is_relative_to(CODE / "storage")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert strays == []


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


def test_each_file_of_the_code_that_the_docs_name_is_there() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    missing = [
        f"{named(page)}: {path}"
        for page in pages
        for path in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)\b", page.read_text(encoding="utf-8"))
        if not any((folder / path).exists() for folder in (ROOT, CODE, TESTS, PLAYGROUND))
    ]
    assert missing == []


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
        schema = "\n\n".join(f"{sql};" for (sql,) in rows)
    assert (ROOT / "docs" / "schema.sql").read_text(encoding="utf-8").strip() == schema.strip()


def test_the_project_speaks_of_itself_alone() -> None:
    private = re.compile(r"/work/|/root/|\bclaude\b|\banthropic\b|\bshared/docs\b", re.I)
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *modules()]
    assert not [path for path in texts if private.search(path.read_text(encoding="utf-8"))]
