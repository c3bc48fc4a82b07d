"""The files by which it is run elsewhere say what the docs promise of them."""

import asyncio
import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.monitoring.health import HealthProblem, TelegramSilent
from bot.monitoring.http import serve_monitoring

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


@pytest.mark.parametrize(("problems", "code"), [([], 0), ([TelegramSilent(None)], 1)])
async def test_the_health_check_of_the_image_follows_the_readiness(
    problems: list[HealthProblem], code: int
) -> None:
    found = re.search(r"^HEALTHCHECK .*\\\n  CMD (\[.*\])$", read("Dockerfile"), re.M)
    assert found
    _, *arguments = json.loads(found[1])

    async def find_problems() -> list[HealthProblem]:
        return problems

    async def metrics() -> bytes:
        return b""

    async with serve_monitoring("127.0.0.1:0", problems=find_problems, metrics=metrics) as address:
        check = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={"HTTP_LISTEN": address.removeprefix("http://")},
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert await check.wait() == code


def test_in_compose_every_container_is_tied_down() -> None:
    services = re.split(
        r"^  (?=\w+:$)", read("compose.yaml").partition("services:\n")[2], flags=re.M
    )
    services = [service for service in services if "image:" in service]
    assert len(services) == 2
    for service in services:
        assert "read_only: true" in service
        assert "cap_drop: [ALL]" in service
        assert "no-new-privileges:true" in service


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
    assert {"make check", "make test", "make package", "make image", "make audit"} == set(called)
    assert {command.removeprefix("make ") for command in called} <= targets
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action) for action in used)
    oldest = re.search(r'requires-python = ">=([\d.]+)"', read("pyproject.toml"))
    assert oldest
    assert f'python: ["{oldest[1]}",' in workflow
