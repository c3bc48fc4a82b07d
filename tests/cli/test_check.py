import asyncio
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from bot import clock
from bot.cli import check as module
from bot.cli.check import Finding, check_clock, check_database, check_disk, identify
from bot.cli.main import main
from bot.storage import schema
from bot.storage.database import open_database
from bot.storage.feeds import polls
from bot.storage.migrations import migrate
from bot_playground.fake_telegram import FakeTelegram
from tests.feeds.conftest import Publisher, Wire, answer
from tests.feeds.conftest import wire as wire
from tests.storage.feeds.test_polls import FAILED, POLL
from tests.support.builders import add_feed
from tests.support.fakes import TOKEN
from tests.support.poller_setup import item, rss

DATABASE = Path("data") / "readalso.db"

pytestmark = pytest.mark.usefixtures("empty_folder")


async def invoke(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["check", *arguments])


def line(result: Result, subject: str) -> str:
    (match,) = (line for line in result.output.splitlines() if line[2:].startswith(f"{subject}: "))
    return match


@pytest.fixture
def telegram(live_telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> FakeTelegram:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API", live_telegram.url)
    return live_telegram


@pytest.fixture
def courier(publisher: Publisher, empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    publisher.says(rss(item("Bridge")))
    table = f'[[feeds]]\nurl = "{publisher.url()}"\nsource = "Courier"\nlanguage = "en"\n'
    (empty_folder / "feeds.toml").write_text(table)
    monkeypatch.setenv("FEEDS", "feeds.toml")
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    return publisher


async def test_without_problems_each_subject_has_a_tick(
    telegram: FakeTelegram, courier: Publisher
) -> None:
    result = await invoke()
    assert result.exit_code == 0, result.output
    assert [line[0] for line in result.output.splitlines()] == ["✓"] * 9
    assert line(result, "token").startswith("✓ token: is that of @")
    assert line(result, "clock") == "✓ clock: agrees with Telegram's"
    assert line(result, "database") == f"✓ database: {DATABASE} will be made when the bot starts"
    assert line(result, "feeds") == "✓ feeds: 1 of 1 can be read, asked just now"
    assert not DATABASE.exists(), "a check makes nothing"


async def test_a_script_gets_the_same_as_json(telegram: FakeTelegram, courier: Publisher) -> None:
    findings = json.loads((await invoke("--json")).output)
    assert [finding["subject"] for finding in findings] == [
        "libraries",
        "settings",
        "token",
        "clock",
        "database",
        "disk",
        "topics",
        "list of feeds",
        "feeds",
    ]
    assert all(finding["ok"] for finding in findings)


async def test_with_invalid_settings_each_is_found_and_all_else_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLL_FLOOR", "often")
    monkeypatch.setenv("LOG_FORMAT", "xml")
    result = await invoke()
    assert result.exit_code == 78
    assert [line.partition(": should")[0] for line in result.output.splitlines()] == [
        "✓ libraries: are all installed",
        "✗ settings: POLL_FLOOR",
        "✗ settings: LOG_FORMAT",
        "– all else: was not checked",
    ]


async def test_a_library_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if trafilatura could not be imported.
    monkeypatch.setitem(sys.modules, "bot.stories.page_extraction", None)
    result = await invoke("--offline")
    assert result.exit_code == 1
    assert line(result, "libraries").startswith(
        "✗ libraries: import of bot.stories.page_extraction"
    )
    assert line(result, "libraries").endswith(
        ": install ReadAlso anew, with all that it depends on"
    )


async def test_names_in_the_file_that_are_no_settings_are_listed(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("EDITOR_THEME=dark\nTZ=UTC\n")
    result = await invoke("--offline")
    assert line(result, "settings") == "✓ settings: can be used; not ours: EDITOR_THEME, TZ"


async def test_without_a_token_the_remedy_is_said() -> None:
    result = await invoke("--offline")
    assert result.exit_code == 78
    assert line(result, "token").startswith(
        "✗ token: BOT_TOKEN is not set: get one from @BotFather"
    )


async def test_a_token_that_is_revoked_is_found(telegram: FakeTelegram, courier: Publisher) -> None:
    telegram.revoke_token()
    result = await invoke()
    assert result.exit_code == 1
    assert line(result, "token") == "✗ token: Unauthorized: copy the token again from @BotFather"


async def test_when_telegram_cannot_be_reached_the_clock_is_not_checked(
    telegram: FakeTelegram, courier: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_API", "http://127.0.0.1:9")
    result = await invoke()
    assert result.exit_code == 1
    assert line(result, "token").endswith("): is this machine online?")
    assert line(result, "clock") == "– clock: could not be compared with Telegram's"


async def test_offline_sends_no_request(telegram: FakeTelegram, courier: Publisher) -> None:
    result = await invoke("--offline")
    assert result.exit_code == 0
    assert line(result, "token").startswith("– token: has the form of one")
    assert line(result, "feeds") == "– feeds: were never polled, and not asked now"
    assert not courier.requests
    assert not telegram.calls("getMe")


@pytest.mark.parametrize(
    ("hours", "words"), [(1, "3600 s ahead of Telegram's: "), (-1, "3600 s behind Telegram's: ")]
)
async def test_a_wrong_clock_is_found(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch, hours: int, words: str
) -> None:
    at = clock.now()
    finding = check_clock(at, now=at + timedelta(hours=hours))
    assert (finding.ok, finding.words.startswith(words)) == (False, True)


async def test_feeds_are_judged_by_their_last_polls(
    telegram: FakeTelegram, courier: Publisher
) -> None:
    async with open_database(DATABASE) as db:
        feed_id = await add_feed(db)
        async with db.transaction() as tx:
            await polls.add(tx, feed_id, POLL)
    result = await invoke()
    assert line(result, "feeds") == "✓ feeds: 1 of 1 can be read, by their last polls"
    assert line(result, "database").startswith(f"✓ database: {DATABASE} is sound, ")
    async with open_database(DATABASE) as db, db.transaction() as tx:
        await polls.add(tx, feed_id, FAILED)
        await tx.execute("UPDATE feeds SET problem = 'HTTP 503'")
    result = await invoke()
    assert line(result, "feeds").startswith("✗ feeds: 0 of 1 can be read, by their last polls: ")


async def test_feeds_that_cannot_be_read_are_found(
    telegram: FakeTelegram, courier: Publisher
) -> None:
    courier.answers.clear()
    result = await invoke()
    assert line(result, "feeds").startswith("✗ feeds: 0 of 1 can be read, asked just now: ")


async def test_files_that_cannot_be_read_are_found(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDS", "mine.toml")
    monkeypatch.setenv("TOPICS", "topics.toml")
    result = await invoke("--offline")
    cure = "there is no such file: correct the file, or unset"
    assert result.exit_code == 78
    assert line(result, "list of feeds") == f"✗ list of feeds: FEEDS: mine.toml: {cure} FEEDS"
    assert line(result, "topics") == f"✗ topics: TOPICS: topics.toml: {cure} TOPICS"
    assert "feeds: " not in result.output.replace("list of feeds: ", "")


async def test_a_damaged_database_is_found() -> None:
    DATABASE.parent.mkdir()
    DATABASE.write_text("These are my notes. " * 200)
    result = await invoke("--offline")
    assert line(result, "database") == (
        f"✗ database: {DATABASE}: file is not a database; restore a backup: readalso restore FILE"
    )


async def test_a_database_of_another_schema_is_found(empty_folder: Path) -> None:
    scripts = empty_folder / "older"
    scripts.mkdir()
    for script in sorted(schema.MIGRATIONS.glob("*.sql"))[:-1]:
        shutil.copy(script, scripts)
    migrate(DATABASE, scripts)
    words = line(await invoke("--offline"), "database")
    assert words.endswith(f", at schema {schema.newest_schema() - 1}: run readalso migrate")
    assert schema.schema_version(DATABASE) == schema.newest_schema() - 1, "a check changes nothing"
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    assert "newer than this ReadAlso: update it" in line(await invoke("--offline"), "database")


async def test_a_large_database_is_verified_only_when_thorough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    migrate(DATABASE)
    monkeypatch.setattr(module, "MAX_VERIFIED_BYTES", 1)
    assert "not read whole" in line(await invoke("--offline"), "database")
    assert "is sound" in line(await invoke("--offline", "--thorough"), "database")


def test_a_folder_that_cannot_be_written_to_is_found(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(DATABASE)
    monkeypatch.setattr("os.access", lambda *_: False)
    finding = check_database(DATABASE, thorough=False)
    assert (finding.ok, "cannot be written to" in finding.words) == (False, True)
    finding = check_database(empty_folder / "new" / "x.db", thorough=False)
    assert (finding.ok, "is not writable; change DATABASE" in finding.words) == (False, True)


def test_a_disk_that_is_nearly_full_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(20_000_000))
    assert check_disk(DATABASE) == Finding(
        "disk", False, "only 20 MB free: make room, or set KEEP_DAYS and run readalso prune"
    )


async def test_telegram_names_the_bot_of_the_token_and_the_time(
    live_telegram: FakeTelegram,
) -> None:
    identity = await identify(TOKEN, live_telegram.url)
    assert identity.username
    assert identity.problem == ""
    assert identity.answered_at is not None


async def test_a_token_that_telegram_does_not_know_is_a_problem(
    live_telegram: FakeTelegram,
) -> None:
    identity = await identify("1:nobody", live_telegram.url)
    assert (identity.username, identity.problem) == ("", "Unauthorized")
    assert identity.answered_at is not None


async def test_a_missing_answer_is_reported_without_the_token(wire: Wire) -> None:
    api = (await wire.serve(b"")).removesuffix("/rss")
    identity = await identify(TOKEN, api)
    assert identity.problem == "no answer of the Bot API (ServerDisconnectedError)"
    assert identity.answered_at is None


async def test_an_answer_that_is_not_of_the_bot_api_is_a_problem(wire: Wire) -> None:
    for body in (b"[1]", b"{}"):
        api = (await wire.serve(answer(body, "Date: yesterday"))).removesuffix("/rss")
        identity = await identify(TOKEN, api)
        assert (identity.problem, identity.answered_at) == ("not an answer of the Bot API", None)


async def test_of_a_new_list_all_feeds_are_requested_and_those_that_fail_are_named(
    courier: Publisher, empty_folder: Path
) -> None:
    publisher = courier
    tables = [
        f'[[feeds]]\nurl = "{publisher.url(f"/{number}")}"\nsource = "C"\nlanguage = "en"\n'
        for number in range(9)
    ]
    (empty_folder / "feeds.toml").write_text("\n".join(tables))
    for number in range(7):
        publisher.says("<rss version='2.0'><channel/></rss>", path=f"/{number}")
    result = await invoke()
    lines = result.output.splitlines()
    first = lines.index(
        "✓ feeds: 7 of 9 can be read, asked just now: these cannot; /admin can leave them out"
    )
    assert lines[first + 1 : first + 3] == [
        f"  {publisher.url(f'/{number}')}: HTTP 404" for number in (7, 8)
    ]


def test_of_many_feeds_that_fail_the_first_are_named() -> None:
    failing = {f"https://{number}.example/": "HTTP 404" for number in range(module.MAX_NAMED + 5)}
    finding = module._judge_feeds(99, failing, "asked just now")
    assert finding.words.splitlines()[-1] == "  and 5 more: readalso feeds list --troubled"
    assert len(finding.words.splitlines()) == module.MAX_NAMED + 2
