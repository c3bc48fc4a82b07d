"""The files by which it is run elsewhere say what the docs promise of them."""

import asyncio
import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bot import __version__
from bot.cli.common import CONFIGURATION_EXIT_CODE
from bot.monitoring.health import HealthProblem, TelegramSilent
from bot.monitoring.http import serve_monitoring
from bot.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs" / "readalso.service"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def service() -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT)
    return parser["Service"]


def test_the_service_may_write_to_its_own_folder_alone_and_become_nobody_else() -> None:
    unit = service()
    assert unit["DynamicUser"] == unit["NoNewPrivileges"] == unit["PrivateTmp"] == "yes"
    assert unit["ProtectSystem"] == "strict"
    assert unit["CapabilityBoundingSet"] == ""
    assert unit["Environment"] == f"DATABASE=/var/lib/{unit['StateDirectory']}/readalso.db"
    assert unit["Restart"] == "on-failure"


def test_the_service_lets_feeds_be_read_within_limits_and_memory_be_measured() -> None:
    # Both would go unnoticed until the first feed, or the first look at the metrics.
    assert "@resources" not in service()["SystemCallFilter"]
    assert "ProcSubset" not in service()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_understands_the_service_and_finds_it_safe(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text))

    def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["systemd-analyze", *arguments, str(unit)], capture_output=True, text=True, check=False
        )

    verified = analyze("verify", "--man=no")
    assert not [line for line in verified.stderr.splitlines() if UNIT.name in line], verified.stderr
    # 0 is the safest, 10 the least safe; in tenths.
    safe = analyze("security", "--offline=true", "--threshold=15", "--no-pager")
    assert safe.returncode == 0, safe.stdout[-300:] + safe.stderr


def test_the_image_does_not_run_as_root_and_brings_the_uv_that_we_use() -> None:
    dockerfile = read("Dockerfile")
    last = dockerfile.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root|0)\w+$", last, re.M)
    assert "VOLUME /data" in last
    assert re.findall(r"uv==([\d.]+)", dockerfile) == re.findall(r"uv==([\d.]+)", read("Makefile"))


def test_only_what_the_image_is_built_of_is_sent_to_docker() -> None:
    wanted = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile"), re.M)
        for name in line.split()
    }
    assert wanted == copied
    assert read(".dockerignore").startswith("*\n")


def test_a_change_of_the_readme_builds_no_library_anew() -> None:
    libraries = read("Dockerfile").partition("--no-install-project")[0]
    copied = re.findall(r"^COPY (.+) \S+$", libraries, re.M)
    assert copied == ["pyproject.toml uv.lock"]


async def is_healthy(listen: str) -> bool:
    """Return what the health check of the image says."""
    found = re.search(r"^HEALTHCHECK .*\\\n  CMD (\[.*\])$", read("Dockerfile"), re.M)
    assert found
    _, *arguments = json.loads(found[1])
    check = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={"HTTP_LISTEN": listen}, stderr=asyncio.subprocess.DEVNULL
    )
    return await check.wait() == 0


async def test_the_image_is_healthy_while_the_process_lives_ready_or_not() -> None:
    async def find_problems() -> list[HealthProblem]:
        return [TelegramSilent(None)]

    async def metrics() -> bytes:
        return b""

    async with serve_monitoring("127.0.0.1:0", problems=find_problems, metrics=metrics) as address:
        assert await is_healthy(address.removeprefix("http://"))
    assert not await is_healthy(address.removeprefix("http://"))
    assert await is_healthy("off")


def services() -> dict[str, str]:
    """Return the text of each service of compose.yaml."""
    text = read("compose.yaml").partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]
    return dict(re.findall(r"^  (\w+):\n((?: {4}.*\n|\n|  #.*\n)+)", f"{text}\n", re.M))


def test_in_compose_every_container_is_tied_down() -> None:
    assert services().keys() == {"readalso", "litestream", "proxy"}
    for name, service in services().items():
        assert "read_only: true" in service, name
        assert "cap_drop: [ALL]" in service, name
        assert "no-new-privileges:true" in service, name
        # The bot alone is started without being asked for.
        assert ("profiles:" in service) == (name != "readalso")


def test_in_compose_the_proxy_reaches_the_port_on_which_updates_are_awaited() -> None:
    assert "WEBHOOK_LISTEN: ${WEBHOOK_LISTEN:-0.0.0.0:8081}" in services()["readalso"]
    assert "--to readalso:8081\n" in services()["proxy"]
    assert '"443:443"' in services()["proxy"]


def libraries_of(lock: dict[str, Any], name: str) -> set[str]:
    """Return the packages that one is run with, extras included, itself left out."""
    packages = {package["name"]: package for package in lock["package"]}
    found, names = set[str](), [name]
    while names:
        package = packages[names.pop()]
        extras = package.get("optional-dependencies", {}).values()
        needed = {each["name"] for each in chain(package.get("dependencies", []), *extras)}
        names += needed - found
        found |= needed
    return found


def test_every_library_comes_ready_made_for_arm64_too() -> None:
    lock = tomllib.loads(read("uv.lock"))
    version = re.findall(r"^FROM python:3\.(\d+)-slim$", read("Dockerfile"), re.M)[0]
    fits = re.compile(
        rf"-((?:py2\.)?py3|cp3{version}|cp3\d+-abi3)-.*(any|manylinux\S*aarch64)\S*\.whl$"
    )
    libraries = libraries_of(lock, "readalso")
    assert "lxml" in libraries
    for package in lock["package"]:
        if package["name"] in libraries:
            wheels = [wheel["url"] for wheel in package.get("wheels", [])]
            assert any(map(fits.search, wheels)), package["name"]


def exposed_names() -> set[str]:
    """Return the names under which Prometheus knows what the bot exposes."""
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""]}
    families = [line.split()[:2] for line in read("tests/golden/metrics.txt").splitlines()]
    return {f"{name}{suffix}" for kind, name in families for suffix in suffixes[kind]}


def test_the_dashboard_and_the_alerts_ask_for_what_is_exposed() -> None:
    for name in ("docs/grafana.json", "docs/alerts.yml", "docs/operations.md"):
        asked = set(re.findall(r"\breadalso_\w+(?=[\[{ )<>\"]|$)", read(name), re.M))
        assert asked, name
        assert asked <= exposed_names(), name


def test_each_alert_has_an_expression_and_says_what_is_wrong() -> None:
    _, *rules = read("docs/alerts.yml").split("      - alert: ")
    assert len(rules) > 5
    for rule in rules:
        expression = re.search(
            r"^        expr: (.+?)^        (?:for|annotations):", rule, re.M | re.S
        )
        assert expression, rule
        assert expression[1].count("(") == expression[1].count(")")
        assert re.search(r'^        annotations: \{ summary: "[A-Z].+\." \}$', rule, re.M), rule


@pytest.mark.skipif(not shutil.which("promtool"), reason="there is no Prometheus here")
def test_prometheus_understands_the_alerts() -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", ROOT / "docs" / "alerts.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_litestream_finds_the_database_and_no_secret_in_its_configuration() -> None:
    configuration = read("docs/litestream.yml")
    assert "path: ${DATABASE}" in configuration
    assert "key" not in re.sub(r"#.*", "", configuration)
    for name in ("DATABASE", "REPLICA_URL"):
        assert re.search(rf"^      {name}:", read("compose.yaml"), re.M)


def test_ci_calls_the_targets_of_make_with_actions_that_cannot_change() -> None:
    workflow = read(".github/workflows/ci.yml")
    targets = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.M))
    called = re.findall(r"- run: (.+)", workflow)
    judged = {"check", "test", "coverage", "package", "image", "audit"}
    assert judged == {command.removeprefix("make ") for command in called}
    assert {command.removeprefix("make ") for command in called} <= targets
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action) for action in used)
    oldest = re.search(r'requires-python = ">=([\d.]+)"', read("pyproject.toml"))
    assert oldest
    assert f'python: ["{oldest[1]}",' in workflow


def test_the_service_is_not_restarted_where_the_configuration_is_wrong() -> None:
    assert service()["RestartPreventExitStatus"] == str(CONFIGURATION_EXIT_CODE)


def test_the_service_is_installed_from_a_wheel_of_this_version() -> None:
    for page in ("docs/readalso.service", "docs/deployment.md", "docs/upgrading.md"):
        named = set(re.findall(r"readalso-([\d.]+)-py3-none-any\.whl", read(page)))
        assert named == {__version__}, page
        assert not re.search(r"pipx? install readalso\b(?!-)", read(page)), page


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, ["-m bot run"]),
        (1, ["no BOT_TOKEN in .env: starting the playground", "-m bot playground --port 0"]),
        (78, []),
    ],
)
def test_make_run_asks_the_bot_itself_whether_there_is_a_token(
    tmp_path: Path, code: int, expected: list[str]
) -> None:
    stub = tmp_path / "stub.py"
    stub.write_text(
        f"import sys\nif 'config' in sys.argv: sys.exit({code})\nprint(*sys.argv[1:], flush=True)\n"
    )
    result = subprocess.run(
        [
            *("make", "--silent", "--no-print-directory", "--old-file=.venv/run.stamp", "run"),
            *(f"PY={sys.executable} {stub}", "ARGS=--port 0"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout.splitlines(), result.returncode == 0) == (expected, code != 78)


def test_a_release_is_built_by_one_script_with_actions_that_cannot_change() -> None:
    workflow = read(".github/workflows/release.yml")
    assert 'tags: ["v*"]' in workflow
    assert "- run: .ci/release" in workflow
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert set(used) <= set(re.findall(r"uses: (\S+)", read(".github/workflows/ci.yml")))
    script = read(".ci/release")
    assert "make package" in script
    assert "docker save" in script
    assert "sha256sum" in script
    assert "twine check" in read(".ci/package")


@pytest.mark.parametrize("tag", ["v9.9.9", __version__, f"v{__version__}-rc1"])
def test_a_tag_of_another_version_is_not_released(tag: str) -> None:
    result = subprocess.run(
        [ROOT / ".ci" / "release", tag], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == f"release: the tag is {tag}, but bot/__init__.py says {__version__}\n"


def test_this_version_has_its_section_in_the_changelog_with_breaking_changes_first() -> None:
    changelog = read("CHANGELOG.md")
    section = re.search(
        rf"^## {re.escape(__version__)} - \d{{4}}-\d\d-\d\d\n(.+?)(?=^## |\Z)",
        changelog,
        re.M | re.S,
    )
    assert section
    assert re.findall(r"^### (.+)", section[1], re.M)[0] == "Breaking"


def test_the_wheel_is_tried_with_the_oldest_pip_that_the_docs_claim() -> None:
    oldest = re.search(r"^oldest_pip=([\d.]+)", read(".ci/package"), re.M)
    assert oldest
    assert f"pip {oldest[1]} or newer" in read("docs/deployment.md")


def test_every_python_that_is_claimed_is_tried() -> None:
    claimed = re.findall(r"Programming Language :: Python :: (3\.\d+)", read("pyproject.toml"))
    assert claimed
    assert f"for version in {' '.join(claimed)}; do" in read(".ci/package")
    assert f"python: {json.dumps(claimed)}" in read(".github/workflows/ci.yml")


def test_what_compose_reads_from_the_file_is_no_unknown_setting(empty_folder: Path) -> None:
    names = re.findall(r"\$\{(\w+)", read("compose.yaml"))
    assert names
    others = [name for name in names if name.lower() not in Settings.model_fields]
    (empty_folder / ".env").write_text("".join(f"{name}=x\n" for name in others))
    assert load_settings().unknown_names == ()
