import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import clock
from bot.cli.feeds import health_lines, poll_line, probe_line
from bot.cli.main import main
from bot.feeds.probe import ProbeResult
from bot.model import Poll
from bot.storage.database import open_database
from bot.storage.feeds import feeds, polls
from tests.feeds.conftest import Publisher
from tests.rendering.test_feed_status import FINE
from tests.storage.feeds.test_polls import FAILED, POLL
from tests.support.builders import add_feed, listed_feed
from tests.support.fakes import NOON
from tests.support.poller_setup import item, rss

DATABASE = Path("data") / "readalso.db"
URL = "https://courier.example/rss"
OTHER = "https://post.example/rss"


async def invoke(*arguments: str) -> Result:
    """Run the command in a thread: it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, main, ["feeds", *arguments])


async def set_up(*, stop: bool = False, read: bool = False, merged: bool = False) -> None:
    async with open_database(DATABASE) as db:
        await add_feed(db)
        (feed,) = await feeds.due(db.reader, now=NOON, limit=1)
        async with db.transaction() as tx:
            await feeds.save(
                tx,
                replace(feed, read_at=NOON if read else None),
                checked_at=NOON,
                due_at=NOON,
                problem="HTTP 410" if stop else None,
                stop="gone" if stop else None,
            )
            if merged:
                await feeds.sync(tx, [listed_feed(URL), listed_feed(OTHER)], now=NOON)
                await feeds.relocate(tx, feed, OTHER, domain="post.example")


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (
            replace(FINE, polls=(POLL, POLL)),
            f"✓ Courier: fine\n  {URL}\n"
            "  read 0 s ago, asked again in 15 min; 6 new in the last 2 polls",
        ),
        (
            replace(FINE, has_readers=False, polls=(POLL,)),
            f"✓ Courier: rests: nobody reads it\n  {URL}\n"
            "  read 0 s ago, asked again when somebody reads it; 3 new in the last poll",
        ),
        (
            replace(FINE, stop_reason="gone", read_at=None),
            f"✗ Courier: gone: its publisher says so\n  {URL}\n  never read, asked no more",
        ),
        (
            replace(FINE, due_at=NOON - timedelta(seconds=1), polls=()),
            f"✓ Courier: fine\n  {URL}\n  read 0 s ago, asked again now",
        ),
    ],
)
def test_a_feed_is_shown_in_three_lines(health: object, expected: str) -> None:
    assert health_lines(health, now=NOON) == expected  # type: ignore[arg-type] # the table is mixed


@pytest.mark.usefixtures("empty_folder")
async def test_list_shows_each_feed_and_counts_those_in_trouble() -> None:
    await set_up()
    result = await invoke("list")
    assert "✓ The Harbour Courier: " in result.output
    assert result.output.endswith("\n1 feed, 0 in trouble\n")
    assert (await invoke("list", "--troubled")).output == "1 feed, 0 in trouble\n"


@pytest.mark.usefixtures("empty_folder")
async def test_list_says_where_feeds_come_from_when_there_are_none() -> None:
    async with open_database(DATABASE):
        pass
    result = await invoke("list")
    assert result.output == "0 feeds: the bot notes those of its list when it starts\n"


@pytest.mark.parametrize(
    ("poll", "expected"),
    [
        (POLL, "2026-03-02 12:00:00  read: HTTP 200, 81 kB in 0.2 s, asked for all; 3 new"),
        (
            replace(POLL, outcome="unchanged", status=304, received=0, conditional=True, news=0),
            "2026-03-02 12:00:00  unchanged: HTTP 304, 0 kB in 0.2 s; 0 new",
        ),
        (FAILED, "2026-03-02 12:00:00  failed: could not be reached, after 10.0 s"),
        (
            replace(POLL, outcome="torn", problem="broke off"),
            "2026-03-02 12:00:00  torn: broke off, after 0.2 s; 3 new",
        ),
    ],
)
def test_a_poll_is_shown_in_a_line(poll: Poll, expected: str) -> None:
    assert poll_line(poll) == expected


@pytest.mark.usefixtures("empty_folder")
async def test_show_tells_how_the_last_polls_of_a_feed_went() -> None:
    await set_up()
    async with open_database(DATABASE) as db, db.transaction() as tx:
        (feed,) = await feeds.due(tx, now=NOON, limit=1)
        for poll in (POLL, FAILED):
            await polls.add(tx, feed.id, poll)
    output = (await invoke("show", URL)).output.splitlines()
    assert output[0].startswith("✓ The Harbour Courier: ")
    assert output[3:] == ["", f"  {poll_line(FAILED)}", f"  {poll_line(POLL)}"]


@pytest.mark.usefixtures("empty_folder")
async def test_show_of_a_feed_that_is_not_in_the_list_says_so() -> None:
    await set_up()
    result = await invoke("show", "https://no.example/")
    assert result.exit_code == 1
    assert result.output.startswith("Error: https://no.example/: no feed of your list")


@pytest.mark.usefixtures("empty_folder")
async def test_poll_makes_even_a_stopped_feed_due() -> None:
    await set_up(stop=True)
    assert "✗ The Harbour Courier: gone" in (await invoke("list", "--troubled")).output
    result = await invoke("poll", URL)
    assert result.output == f"{URL}: asked again now, if the bot is running\n"
    assert "0 in trouble" not in (await invoke("list")).output, "it has not worked yet"


@pytest.mark.usefixtures("empty_folder")
async def test_poll_of_a_feed_that_nobody_reads_says_that_it_waits_for_readers() -> None:
    await set_up(read=True)
    result = await invoke("poll", URL)
    assert result.output == f"{URL}: asked again when somebody reads it, if the bot is running\n"


@pytest.mark.usefixtures("empty_folder")
async def test_poll_of_a_feed_that_was_merged_with_another_names_the_other() -> None:
    await set_up(merged=True)
    result = await invoke("poll", URL)
    assert result.exit_code == 1
    assert result.output == (
        f"Error: {URL}: moved to where another feed of yours lives; ask for that: {OTHER}\n"
    )


@pytest.mark.usefixtures("empty_folder")
async def test_poll_of_a_feed_that_is_not_in_the_list_says_so() -> None:
    await set_up()
    result = await invoke("poll", "https://no.example/")
    assert result.exit_code == 1
    assert result.output.startswith("Error: https://no.example/: no feed of your list")


@pytest.mark.usefixtures("empty_folder")
async def test_find_prints_the_address_of_a_feed_and_what_is_in_it(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    publisher.says("<html><link rel=alternate type=application/rss+xml href=/rss>", path="/")
    older = item("Road", NOON - timedelta(hours=1))
    publisher.says(rss(item("Bridge"), older, head="<title>The Courier</title>"))
    result = await invoke("find", publisher.base)
    assert result.output == f"{publisher.url()}\n  The Courier\n  Bridge\n  Road\n"


@pytest.mark.usefixtures("empty_folder")
async def test_find_says_in_one_sentence_why_it_found_nothing() -> None:
    result = await invoke("find", "127.0.0.1")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


@pytest.mark.usefixtures("empty_folder")
async def test_a_script_gets_the_feeds_as_json() -> None:
    await set_up()
    async with open_database(DATABASE) as db, db.transaction() as tx:
        (feed,) = await feeds.due(tx, now=NOON, limit=1)
        await polls.add(tx, feed.id, POLL)
    (listed,) = json.loads((await invoke("list", "--json")).output)
    assert (listed["url"], listed["ok"], listed["problem"]) == (URL, True, None)
    assert listed["due_at"] == "2026-03-02T12:00:00+00:00"
    shown = json.loads((await invoke("show", "--json", URL)).output)
    assert (shown["polls"][0]["outcome"], shown["polls"][0]["took"]) == (
        "read",
        POLL.took.total_seconds(),
    )
    assert json.loads((await invoke("list", "--json", "--troubled")).output) == []


async def invoke_test(*arguments: str) -> Result:
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
async def test_the_feeds_of_the_list_of_a_file_or_at_addresses_are_probed(
    courier: Publisher, arguments: tuple[str, ...]
) -> None:
    result = await invoke_test(*(each.replace("URL", courier.url()) for each in arguments))
    assert result.exit_code == 0
    table = result.stdout.splitlines()
    assert table[0].startswith("✓ ")
    assert table[0].endswith(f"  {courier.url()}")
    assert table[1] == "1 of 1 can be read"
    assert "asking" in result.stderr
    assert len(courier.requests) == 1


async def test_one_that_fails_is_named_and_ends_the_command_with_1(courier: Publisher) -> None:
    result = await invoke_test(courier.url("/none"), courier.url())
    assert result.exit_code == 1
    first, second, total = result.stdout.splitlines()
    assert first.endswith(f"{courier.url('/none')}: HTTP 404")
    assert second.endswith(courier.url()), "in the order in which they were given"
    assert total == "1 of 2 can be read"


async def test_a_script_gets_the_same_as_json(courier: Publisher) -> None:
    good, bad = json.loads(
        (await invoke_test("--json", courier.url(), courier.url("/none"))).stdout
    )
    assert (good["entries"], good["problem"]) == (2, None)
    assert (bad["newest_at"], bad["problem"]) == (None, "HTTP 404")


async def test_a_list_that_cannot_be_read_is_said(empty_folder: Path) -> None:
    (empty_folder / "mine.opml").write_text("<rss/>")
    result = await invoke_test("mine.opml")
    assert result.exit_code == 1
    assert result.output.startswith("Error: mine.opml: not OPML")
    missing = await invoke_test("missing.toml")
    assert (missing.exit_code, missing.output) == (
        1,
        "Error: missing.toml: there is no such file\n",
    )


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            ProbeResult(url=URL, took=timedelta(seconds=1), entries=20, newest_at=NOON),
            f"✓   1.0 s   20  0 s ago  {URL}",
        ),
        (
            ProbeResult(url=URL, took=timedelta(), entries=5, newest_at=NOON - timedelta(days=90)),
            f"?   0.0 s    5 90 d ago  {URL}",
        ),
        (ProbeResult(url=URL, took=timedelta()), f"?   0.0 s    0    empty  {URL}"),
    ],
)
def test_a_feed_that_is_empty_or_quiet_has_a_question_mark(
    result: ProbeResult, expected: str
) -> None:
    assert probe_line(result, now=NOON) == expected
