import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import clock
from bot.cli.main import main
from bot.storage.database import open_database
from tests.support.builders import publish

DATABASE = Path("data") / "readalso.db"

pytestmark = pytest.mark.usefixtures("empty_folder")


async def invoke(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["prune", *arguments])


async def fill() -> None:
    """Tell two stories, the first of them long ago."""
    async with open_database(DATABASE) as db:
        await publish(db, "Bridge opens")
        async with db.transaction() as tx:
            await tx.execute("UPDATE stories SET opened_at = 0")
            await tx.execute("UPDATE articles SET stored_at = 0")
        await publish(db, "Road closes", now=clock.now())


async def stories() -> int:
    async with open_database(DATABASE) as db:
        ((count,),) = await db.reader.execute_fetchall("SELECT count(*) FROM stories")
        return int(count)


async def test_what_would_go_is_said_and_then_it_goes() -> None:
    await fill()
    result = await invoke("--dry-run")
    assert result.output == "older than 400 days: 1 articles and 1 stories would go\n"
    assert await stories() == 2
    result = await invoke("--keep-days", "90")
    assert result.output == "older than 90 days: 1 articles and 1 stories went\n"
    assert await stories() == 1


async def test_who_keeps_all_for_ever_must_say_how_many_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEEP_DAYS", "0")
    result = await invoke()
    assert (result.exit_code, result.output) == (
        1,
        "Error: KEEP_DAYS is 0, so all is kept; choose how many with --keep-days\n",
    )


async def test_so_few_days_that_the_bot_would_miss_something_are_refused() -> None:
    result = await invoke("--keep-days", "7")
    assert (result.exit_code, result.output) == (
        1,
        "Error: KEEP_DAYS: should be 0, for ever, or at least 30\n",
    )
    assert (await invoke("--keep-days", "0")).exit_code == 2


async def test_without_a_database_there_is_nothing_to_prune() -> None:
    result = await invoke()
    assert result.exit_code == 1
    assert "there is no such database; nothing to prune" in result.output
