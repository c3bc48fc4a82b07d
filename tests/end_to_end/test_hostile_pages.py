"""Hostile pages: each is read or given up in time, and the next one is read."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.errors import KilledError
from bot.isolation.pool import WorkerPool, open_pool
from bot.model import ArticlePage
from bot.stories.page_extraction import extract_article

pytestmark = pytest.mark.asyncio(loop_scope="module")

TITLE = "New bridge opens in Lakeside"
LINES = (
    "The new bridge in Lakeside opens to traffic after three years of building.",
    "Its four lanes and a tram line will spare commuters half an hour each day, engineers say.",
    "Mayor Ellen Marsh cut the ribbon on Monday; the old bridge closes for repair until summer.",
)
TEXT = "".join(f"<p>{line}</p>" for line in LINES)
HONEST = f"<h1>{TITLE}</h1><article>{TEXT}</article>".encode()
LARGE = 2_000_000

INPUTS: dict[str, Callable[[], bytes]] = {
    "2 MB of <": lambda: b"<" * LARGE,
    "2 MB of &": lambda: b"&" * LARGE,
    "2 MB of entities": lambda: b"&lt;" * (LARGE // 4),
    "2 MB of one word": lambda: b"a" * LARGE,
    "2 MB of one line": lambda: b"<p>" + b"bridge " * (LARGE // 7),
    "a depth of 300,000": lambda: b"<div>" * 300_000 + TEXT.encode(),
    "a depth of spans": lambda: b"<span><b><i>" * 100_000 + TEXT.encode(),
    "tables in tables": lambda: b"<table><tr><td>" * 100_000 + TEXT.encode(),
    "100,000 paragraphs": lambda: b"<p>Bridge opens." * 100_000,
    "100,000 links": lambda: b"<p>Read also: <a href='/x'>The old bridge closes</a>" * 40_000,
    "50,000 links in one block": lambda: b"<p>Read also: " + b"<a href='/x'>old</a>x" * 49_000,
    "50,000 words in one block": lambda: b"<p>" + b"<b>bridge</b> opens " * 49_000,
    "50,000 attributes": lambda: b"<p " + b" ".join(b"a%d=b" % n for n in range(50_000)) + b">x",
    "an attribute of 2 MB": lambda: b"<p title='" + b"a" * LARGE,
    "an address of 2 MB": lambda: b"<p>Read also: <a href='/" + b"a" * LARGE + b"'>x</a>",
    "comments begun": lambda: b"<!--" * 400_000,
    "scripts begun": lambda: b"<script>" * 200_000,
    "a headline of 2 MB": lambda: b"<h1>" + b"bridge " * (LARGE // 7) + b"</h1>" + TEXT.encode(),
    "a billion laughs": lambda: (
        b'<!DOCTYPE html [<!ENTITY a "' + b"a" * 60_000 + b'">]><p>' + b"&a;" * 30_000
    ),
    "a local file": lambda: b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;',
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4000,
    "a picture without zeros": lambda: bytes(range(1, 256)) * 4000,
    "half of a character": lambda: HONEST + b"\xd0" * 1000,
    "marks that turn the direction round": lambda: "\u202e\u2066".encode() * 200_000,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[WorkerPool]:
    async with open_pool(time_limit=timedelta(seconds=5)) as opened:
        yield opened


async def read(pool: WorkerPool, document: bytes) -> ArticlePage:
    return await pool.run(
        extract_article,
        document,
        url="https://courier.example/news/bridge",
        content_type="text/html",
        title=TITLE,
        teaser="",
    )


@pytest.mark.parametrize("name", INPUTS)
async def test_a_page_made_to_harm_is_read_or_given_up_and_the_next_one_is_read(
    pool: WorkerPool, name: str
) -> None:
    try:
        page = await read(pool, INPUTS[name]())
    except KilledError:
        pass
    else:
        assert len(page.text) <= 65_536
        assert "root:" not in page.text
        assert all(len(link.url) <= 2048 for link in page.links)
    assert (await read(pool, HONEST)).text == "\n".join(LINES)
