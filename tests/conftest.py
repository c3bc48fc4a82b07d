"""What every test may ask for."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

import bot.telegram  # noqa: F401 - all tests see aiogram as the bot imports it
from bot.settings import Settings, read_settings
from bot.storage.database import Database, open_database
from bot.storage.migrations import migrate
from tests.support.fakes import FakeClock

if TYPE_CHECKING:
    from bot_playground.fake_telegram import FakeTelegram
    from tests.support.feed_server import Press

# No test measures time: machines are busy. EXAMPLES=1000 tries more than the suite has time for.
hypothesis.settings.register_profile(
    "untimed", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "50"))
)
hypothesis.settings.load_profile("untimed")
# What a test starts runs the code of this folder, wherever it is started.
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let each worker of a whole run begin with tests of its own.

    To rewrite the assertions of a new clone takes half a minute: not each worker need do it all.
    """
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args != config.getini("testpaths"):
        return
    first, step = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    names = sorted(
        ".".join(path.relative_to(config.rootpath).with_suffix("").parts)
        for path in (config.rootpath / "tests").rglob("test_*.py")
    )
    for name in names[first::step]:
        # What cannot be imported, or skips itself, is told of when it is collected.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(name)


def pytest_collection_finish() -> None:
    """Leave what has been imported out of all collections of garbage: there are thousands."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make what a test printed and logged encodable, as reports between processes must be."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "replace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest schema: to copy it is far cheaper than to migrate another."""
    path = tmp_path_factory.mktemp("migrated") / "readalso.db"
    migrate(path)
    return path


@pytest.fixture
async def db(tmp_path: Path, migrated: Path) -> AsyncIterator[Database]:
    path = tmp_path / "readalso.db"
    shutil.copy(migrated, path)
    async with open_database(path) as database:
        yield database


@pytest.fixture
async def live_telegram() -> AsyncIterator[FakeTelegram]:
    """A fake Telegram that goes by the real clock."""
    from bot.clock import now
    from bot_playground.fake_telegram import open_fake_telegram
    from tests.support.fakes import TOKEN

    async with open_fake_telegram(token=TOKEN, now=lambda: now().timestamp()) as fake_telegram:
        yield fake_telegram


@pytest.fixture
async def press() -> AsyncIterator[Press]:
    """A press with one feed, `war`, that has one old story."""
    from tests.support.builders import entry
    from tests.support.feed_server import open_press

    async with open_press() as opened:
        opened.publish("war", entry("Old news from before anyone subscribed"))
        yield opened


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without `.env`, and an environment without our settings."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


@pytest.fixture
def settings(live_telegram: FakeTelegram, press: Press, empty_folder: Path) -> Settings:
    """The settings of a whole bot that reads the press and speaks to the look-alike."""
    from tests.support.fakes import TOKEN

    return read_settings(
        bot_token=TOKEN,
        telegram_api=live_telegram.url,
        database=empty_folder / "readalso.db",
        feeds=press.catalogue(empty_folder / "feeds.toml", war="war"),
        poll_floor=1,
        allow_private_addresses=True,
        messages_per_second=1000,
        # Whether they are installed or not, all tests of the whole see the same bot.
        embeddings=False,
        http_listen="off",
    )
