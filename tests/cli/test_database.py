import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.storage.database import open_database
from tests.support.builders import publish, subscribe

DATABASE = Path("data") / "readalso.db"

pytestmark = pytest.mark.usefixtures("empty_folder")


async def invoke(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["stats", *arguments])


async def test_stats_say_who_reads_and_what_is_owed() -> None:
    async with open_database(DATABASE) as db:
        await subscribe(db, 1)
        await publish(db, "Bridge opens")
    output = (await invoke()).output.splitlines()
    assert output[0] == "subscribers  1: private 1"
    assert output[2:7] == [
        "  topics     war 1",
        "  languages  en 1",
        "feeds        1",
        "articles     1, 0 of them not read yet",
        "stories      1",
    ]
    assert output[7] == "deliveries   sent 0, gone 0, rejected 0"
    assert output[8].startswith("owed         1, the oldest for ")
    assert output[9] == "repeats      0 possible"


async def test_a_script_gets_the_same_as_json() -> None:
    async with open_database(DATABASE) as db:
        await subscribe(db, 1)
        await publish(db, "Bridge opens")
    facts = json.loads((await invoke("--json")).output)
    assert facts["by_kind"] == {"private": 1}
    assert facts["deliveries"] == {"pending": 1}
    assert facts["oldest_owed_at"] == "2026-03-02T12:00:00+00:00"
    assert facts["database_bytes"] == DATABASE.stat().st_size


async def test_an_empty_database_has_figures_too() -> None:
    async with open_database(DATABASE):
        pass
    output = (await invoke()).output
    assert "subscribers  0\n" in output
    assert "  topics     none\n" in output
    assert "\nowed         0\n" in output


async def test_where_there_is_no_database_that_is_said() -> None:
    result = await invoke()
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {DATABASE}: there is no such database; the bot makes it at its start\n",
    )
    assert not DATABASE.exists()
