import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import clock
from bot.cli.feeds_feed_trial import line
from bot.cli.main import main
from bot.feeds.probe import Trial
from tests.fakes import NOON
from tests.feeds.conftest import Publisher
from tests.feeds.pressroom import item, rss

URL = "https://courier.example/rss"


async def invoke(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["feeds", "test", *arguments])


@pytest.fixture(autouse=True)
def courier(publisher: Publisher, empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    publisher.says(rss(item("Bridge", clock.now()), item("Road", clock.now())))
    table = f'[[feeds]]\nurl = "{publisher.url()}"\nsource = "Courier"\nlanguage = "en"\n'
    (empty_folder / "feeds.toml").write_text(table)
    monkeypatch.setenv("FEEDS", "feeds.toml")
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    return publisher


@pytest.mark.parametrize("arguments", [(), ("feeds.toml",), ("URL", "URL")])
async def test_the_list_a_file_or_addresses_are_tried(
    courier: Publisher, arguments: tuple[str, ...]
) -> None:
    result = await invoke(*(it.replace("URL", courier.url()) for it in arguments))
    assert result.exit_code == 0
    table = result.stdout.splitlines()
    assert table[0].startswith("✓ ")
    assert table[0].endswith(f"  {courier.url()}")
    assert table[1] == "1 of 1 can be read"
    assert "asking" in result.stderr
    assert len(courier.requests) == 1


async def test_one_that_fails_is_named_and_ends_the_command_with_1(courier: Publisher) -> None:
    result = await invoke(courier.url("/none"), courier.url())
    assert result.exit_code == 1
    first, second, total = result.stdout.splitlines()
    assert first.endswith(f"{courier.url('/none')}: HTTP 404")
    assert second.endswith(courier.url()), "in the order in which they were given"
    assert total == "1 of 2 can be read"


async def test_a_script_gets_the_same_as_json(courier: Publisher) -> None:
    good, bad = json.loads((await invoke("--json", courier.url(), courier.url("/none"))).stdout)
    assert (good["entries"], good["problem"]) == (2, None)
    assert (bad["newest_at"], bad["problem"]) == (None, "HTTP 404")


async def test_a_list_that_cannot_be_read_is_said(empty_folder: Path) -> None:
    (empty_folder / "mine.opml").write_text("<rss/>")
    result = await invoke("mine.opml")
    assert result.exit_code == 1
    assert result.output.startswith("Error: mine.opml: not OPML")


@pytest.mark.parametrize(
    ("trial", "expected"),
    [
        (
            Trial(url=URL, took=timedelta(seconds=1), entries=20, newest_at=NOON),
            f"✓   1.0 s   20  0 s ago  {URL}",
        ),
        (
            Trial(url=URL, took=timedelta(), entries=5, newest_at=NOON - timedelta(days=90)),
            f"?   0.0 s    5 90 d ago  {URL}",
        ),
        (Trial(url=URL, took=timedelta()), f"?   0.0 s    0    empty  {URL}"),
    ],
)
def test_a_feed_that_is_empty_or_silent_is_doubtful(trial: Trial, expected: str) -> None:
    assert line(trial, now=NOON) == expected
