import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.errors import GoneError, KilledError, ParseError
from bot.feeds.formats.item_scanner import digest
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.parser_pool import WORKERS, Parse, open_parsers, open_workers
from tests.support.fakes import NOON
from tests.support.hostile_feeds import INPUTS

ITEM = b"<item><title>Bridge</title><link>/bridge</link></item>"
HONEST = b"<rss version='2.0'><channel>" + ITEM + b"</channel></rss>"
ENDLESS = INPUTS["an author of a megabyte"]()

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def read(parse: Parse, document: bytes, known: frozenset[bytes] = frozenset()) -> ParsedFeed:
    return await parse(
        document,
        url="https://courier.example/rss",
        content_type=None,
        fetched_at=NOON,
        known=known,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parse() -> AsyncIterator[Parse]:
    async with open_parsers(patience=timedelta(seconds=1)) as opened:
        await asyncio.gather(*(read(opened, HONEST) for _ in range(WORKERS)))
        yield opened


def children(parent: int) -> list[int]:
    """Return the processes that parse for the parent: not those that only keep its locks."""
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    found = [int(word) for path in listed for word in path.read_text().split()]
    return [it for it in found if "spawn_main" in Path(f"/proc/{it}/cmdline").read_text()]


def bound(process: int) -> str:
    limits = Path(f"/proc/{process}/limits").read_text().splitlines()
    return next(line.split()[3] for line in limits if line.startswith("Max address space"))


async def settled(parse: Parse) -> list[int]:
    """Return the processes that parse, once all are ready: those just begun have no bound yet."""
    async with asyncio.timeout(5):
        while True:
            await read(parse, HONEST)
            found = children(os.getpid())
            if len(found) == WORKERS and "unlimited" not in map(bound, found):
                return found


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_what_is_in_a_document_comes_back(parse: Parse) -> None:
    contents = await read(parse, HONEST)
    assert [entry.url for entry in contents.entries] == ["https://courier.example/bridge"]
    assert contents.digests == (digest(ITEM.decode()),)
    assert (await read(parse, HONEST, frozenset(contents.digests))).entries == ()


async def test_what_is_wrong_with_a_document_comes_back_as_itself(parse: Parse) -> None:
    with pytest.raises(ParseError, match="it is an HTML page"):
        await read(parse, b"<html>")
    with pytest.raises(GoneError, match="has ended"):
        await read(parse, b'{"version":"https://jsonfeed.org/version/1","expired":true,"items":[]}')


async def test_a_document_that_takes_too_long_is_given_up(parse: Parse) -> None:
    began = time.monotonic()
    slow, honest = await asyncio.gather(
        read(parse, ENDLESS), read(parse, HONEST), return_exceptions=True
    )
    assert isinstance(slow, KilledError)
    assert str(slow) == "reading it took more than 1 s"
    assert isinstance(honest, ParsedFeed)
    assert time.monotonic() - began < 5


def kill(process: int) -> None:
    # When one of them dies, the pool may end the others before we do.
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


async def test_the_process_that_dies_takes_its_document_with_it(parse: Parse) -> None:
    before = await settled(parse)
    reading = asyncio.ensure_future(read(parse, ENDLESS))
    await asyncio.sleep(0.3)
    for process in before:
        kill(process)
    with pytest.raises(KilledError, match="died of it"):
        await reading
    assert (await read(parse, HONEST)).entries


async def test_processes_killed_while_idle_are_replaced(parse: Parse) -> None:
    for process in await settled(parse):
        kill(process)
    assert (await read(parse, HONEST)).entries
    await asyncio.sleep(0.3)
    assert (await read(parse, HONEST)).entries


async def test_a_parse_that_nobody_waits_for_is_ended(parse: Parse) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await read(parse, ENDLESS)
    both = asyncio.gather(*(read(parse, HONEST) for _ in range(WORKERS)))
    assert len(await asyncio.wait_for(both, 5)) == WORKERS


async def test_ctrl_c_is_for_the_bot_alone(parse: Parse) -> None:
    before = await settled(parse)
    for process in before:
        os.kill(process, signal.SIGINT)
    assert (await read(parse, HONEST)).entries
    assert children(os.getpid()) == before


async def test_memory_has_a_bound(parse: Parse) -> None:
    assert all(int(bound(it)) <= 512 * 2**20 for it in await settled(parse))


async def test_a_process_imports_nothing_that_parsing_does_not_need(parse: Parse) -> None:
    assert (await read(parse, HONEST)).entries
    for process in children(os.getpid()):
        libraries = Path(f"/proc/{process}/maps").read_text()
        assert not [it for it in ("_sqlite3", "_http_parser", "pydantic") if it in libraries]


async def test_none_is_left_when_the_bot_ends() -> None:
    async with open_parsers() as fresh:
        await read(fresh, HONEST)
        ours = children(os.getpid())
    await asyncio.sleep(0.1)
    assert len(ours) >= WORKERS
    assert len([it for it in ours if is_running(it)]) <= len(ours) - WORKERS


async def test_none_is_left_when_the_bot_is_killed(tmp_path: Path) -> None:
    (tmp_path / "document").write_bytes(ENDLESS)
    script = tmp_path / "killed.py"
    script.write_text(
        "import asyncio, sys\n"
        "from datetime import timedelta\n"
        "from pathlib import Path\n"
        "from bot.feeds.parser_pool import open_parsers\n"
        "from tests.support.fakes import NOON\n"
        "async def main():\n"
        "    async with open_parsers(patience=timedelta(seconds=1)) as parse:\n"
        "        options = dict(url='', content_type=None, fetched_at=NOON)\n"
        "        await parse(b'<rss version=\"2.0\"> </rss>', **options)\n"
        "        Path(sys.argv[2]).touch()\n"
        "        await parse(Path(sys.argv[1]).read_bytes(), **options)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    root = Path(__file__).parents[2]
    ready = tmp_path / "ready"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    bot = await asyncio.create_subprocess_exec(
        sys.executable, script, tmp_path / "document", ready, env=environment
    )
    async with asyncio.timeout(20):
        while not ready.exists():
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    orphans = children(bot.pid)
    bot.kill()
    assert len(orphans) == WORKERS
    async with asyncio.timeout(10):
        await bot.wait()
        while any(map(is_running, orphans)):
            await asyncio.sleep(0.05)


def measure(text: str) -> int:
    return len(text)


def swell() -> None:
    bytearray(2**30)


async def test_any_job_of_a_module_may_be_run_there() -> None:
    async with open_workers(patience=timedelta(seconds=1)) as run:
        assert await run(partial(measure, "bridge")) == 6
        with pytest.raises(ZeroDivisionError):
            await run(partial(divmod, 1, 0))
        with pytest.raises(KilledError, match="took more than 1 s"):
            await run(partial(time.sleep, 3))
        with pytest.raises(KilledError, match="too much memory"):
            await run(swell)
