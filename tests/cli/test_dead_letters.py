import asyncio
import json
from pathlib import Path

from click.testing import CliRunner

from bot.cli.main import main
from bot.storage.database import open_database
from bot.storage.queues import attempts
from bot.storage.queues.attempts import QueueRow
from tests.support.builders import receive
from tests.support.fakes import NOON


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["dead-letters", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


async def set_aside(database: Path) -> None:
    async with open_database(database) as db:
        article = await receive(db, "Bridge opens")
        async with db.transaction() as tx:
            rows = [QueueRow("articles", article.id), QueueRow("pages", article.id)]
            for row in rows:
                await attempts.dead_letter(tx, row, reason="torn \x1b[2J", now=NOON)


def test_what_is_set_aside_is_listed_printably_and_put_back(empty_folder: Path) -> None:
    database = empty_folder / "data" / "readalso.db"
    asyncio.run(set_aside(database))
    assert invoke().splitlines() == [
        "2026-03-02 12:00  articles 1  torn \\u001b[2J",
        "2026-03-02 12:00  pages 1  torn \\u001b[2J",
    ]
    assert invoke("pages", "--retry").endswith("pages 1  torn \\u001b[2J\n1 put back\n")
    assert invoke("pages") == "nothing is set aside\n"
    assert invoke("--retry").endswith("articles 1  torn \\u001b[2J\n1 put back\n")
    assert invoke() == "nothing is set aside\n"


def test_a_script_gets_json_and_what_was_put_back(empty_folder: Path) -> None:
    asyncio.run(set_aside(empty_folder / "data" / "readalso.db"))
    expected = {
        "queue": "pages",
        "key": 1,
        "since": "2026-03-02T12:00:00+00:00",
        "reason": "torn \x1b[2J",
        "put_back": False,
    }
    assert json.loads(invoke("pages", "--json")) == [expected]
    assert json.loads(invoke("pages", "--json", "--retry")) == [expected | {"put_back": True}]
    assert json.loads(invoke("pages", "--json")) == []


def test_without_a_database_there_is_a_sentence(empty_folder: Path) -> None:
    result = CliRunner().invoke(main, ["dead-letters"])
    assert result.exit_code
    assert "there is no such database" in result.output
