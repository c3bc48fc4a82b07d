"""A recorded day of real feeds, served on loopback and polled into a real database.

The suite reads each fourth of them; `make recorded` reads all.
"""

import logging
import os
import re
import tarfile
from calendar import timegm
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import aiohttp
import feedparser
import pytest
from aiohttp import web

from bot.feeds.formats.dates import sane
from bot.feeds.formats.item_scanner import MAX_ITEMS
from bot.feeds.formats.parse import ParsedFeed, parse
from bot.feeds.formats.visible_text import one_line
from bot.model import Entry
from bot.storage.database import Database
from bot.storage.feeds import feeds
from tests.feeds.conftest import Publisher
from tests.support.builders import listed_feed, subscribe
from tests.support.fakes import FakeClock
from tests.support.poller_setup import make_poller, poll_all

RECORDING = Path(__file__).parents[2] / "../shared/data/feeds_real.tar.xz"
EVERY = 1 if os.environ.get("ALL_FEEDS") else 4
RECORDED_AT = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)

URL = "https://courier.example/rss"
DATES = ("published_parsed", "updated_parsed", "created_parsed")

# Most of the feeds are smaller; feedparser takes seconds for some that are not.
SMALL = 150_000

# UTF-8 read as an 8-bit encoding, and the other way about.
_MOJIBAKE = re.compile("[ÐÑ][\x80-¿]|Ñ[€‚ƒ„…†‡]|Ã[\x80-¿]|â€|Р[°±µё]Р|\ufffd")
_MARKUP = re.compile(r"</?[a-z]+[\s/>]|&(?:[a-z]+|#\d+);")

_TAG = re.compile("<[^>]*>")

pytestmark = pytest.mark.skipif(
    not RECORDING.exists(), reason="the recorded feeds are not at ../shared/data"
)


@dataclass(slots=True)
class Counts:
    """How often the server sent a document, and how often it said "not modified"."""

    whole: int = 0
    unchanged: int = 0


@pytest.fixture(scope="module")
def recording() -> dict[str, bytes]:
    with tarfile.open(RECORDING) as archive:
        members = islice((member for member in archive if member.isfile()), None, None, EVERY)
        files = {member.name: archive.extractfile(member) for member in members}
        return {name: file.read() for name, file in files.items() if file}


@pytest.fixture(scope="module")
def small(recording: dict[str, bytes]) -> dict[str, bytes]:
    return {name: body for name, body in recording.items() if len(body) <= SMALL}


@pytest.mark.parametrize("validators", [True, False], ids=["validators", "no validators"])
async def test_a_day_of_real_feeds_goes_through_whole(
    recording: dict[str, bytes],
    db: Database,
    http: aiohttp.ClientSession,
    publisher: Publisher,
    caplog: pytest.LogCaptureFixture,
    validators: bool,
) -> None:
    counts = serve(publisher, recording, validators=validators)
    listed = [
        replace(listed_feed(publisher.url(f"/{name}"), topic=None), source=name)
        for name in recording
    ]
    clock = FakeClock(RECORDED_AT)
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=clock())
    await subscribe(db, 1)
    poller = make_poller(db, http, clock)

    await poll_all(poller)
    titles = await stored_titles(db)
    warnings = [one.getMessage() for one in caplog.records if one.levelno > logging.INFO]
    # Of a few items nothing can be shown, which is said.
    assert [each for each in warnings if "with neither title nor text" not in each] == []
    whole = [name for name in recording if not any(name in each for each in warnings)]
    assert len(whole) >= len(recording) - 2
    assert {name: len(titles.get(name, ())) for name in whole} == {
        name: expected(recording[name]) or len(titles.get(name, ())) for name in whole
    }
    flat = [title for of_one in titles.values() for title in of_one]
    assert len(flat) > 2500 // EVERY // 2
    # Two tell of mojibake and of a file, and mean what they say.
    odd = [title for title in flat if _MOJIBAKE.search(title) or _MARKUP.search(title)]
    assert len(odd) <= 2, odd
    # One of all is in windows-1251.
    assert EVERY > 1 or any("інфаркт" in title or "инфаркт" in title for title in flat)

    clock.advance(days=1)
    await poll_all(poller)
    again = await stored_titles(db)
    # The rest of a long document comes with the next poll; of all others nothing does.
    long = {name for name, of_one in titles.items() if len(of_one) >= MAX_ITEMS}
    longer = {name for name in again if again[name] != titles[name]}
    assert longer <= long
    assert [name for name in longer if not set(titles[name]) < set(again[name])] == []
    unchanged = len(recording) - len(long) if validators else 0
    assert counts == Counts(whole=2 * len(recording) - unchanged, unchanged=unchanged)


def test_entries_are_those_of_feedparser_but_for_the_rules(small: dict[str, bytes]) -> None:
    counts: Counter[str] = Counter()
    for document in small.values():
        counts.update(differences(document))
    assert counts.keys() <= RULES.keys()
    assert counts["same"] > 1000 // EVERY // 2


def test_a_feed_read_in_two_steps_gives_what_one_step_gives(small: dict[str, bytes]) -> None:
    for name, document in small.items():
        whole = read(document)
        first = frozenset(whole.digests[:-5])
        rest = read(document, known=first)
        assert rest.digests == whole.digests, name
        assert dict(zip(rest.owners, rest.entries, strict=True)) == {
            owner: entry
            for owner, entry in zip(whole.owners, whole.entries, strict=True)
            if owner not in first
        }, name


def test_a_document_cut_anywhere_gives_nothing_that_the_whole_one_has_not(
    small: dict[str, bytes],
) -> None:
    for name, document in list(small.items())[::3]:
        whole = read(document)
        half = read(document[: len(document) * 2 // 3])
        assert not half.complete, name
        assert set(half.digests) <= set(whole.digests), name


RULES = {
    "same": "title, link, guid and date are those of feedparser with its usual options",
    "dropped": "an item with neither title nor text is not shown",
    "made title": "a title that is empty or ends in a colon takes the first words of the text",
    "encoding": "letters are read that feedparser reads in another encoding",
    "guid": "a guid is a name, and is not resolved as an address",
    "prefix": "items are read whose prefix no namespace declares",
}


def differences(document: bytes) -> Iterator[str]:
    """Say of each item how our entry differs from that of feedparser."""
    headers = {"content-location": URL}
    feed = feedparser.parse(BytesIO(document), response_headers=headers)
    contents = read(document)
    is_offline = dict(zip(contents.owners, contents.entries, strict=True))
    theirs = feed.entries[:MAX_ITEMS]
    if not theirs:  # it does not know the undeclared prefix "rss:"
        yield from ("prefix" for _ in contents.entries)
        return
    assert len(contents.digests) == len(theirs)
    for digest, their in zip(contents.digests, theirs, strict=True):
        yield difference(is_offline.get(digest), their)


def difference(entry: Entry | None, their: Mapping[str, Any]) -> str:
    title = one_line(their.get("title", ""))
    if entry is None:
        return "another" if title else "dropped"
    if entry.guid != their.get("id", ""):
        return "guid" if their.get("id") == urljoin(URL, entry.guid) else "another"
    if entry.url != their.get("link"):
        return "another"
    if entry.title != title:
        lost = _MOJIBAKE.search(title)
        is_completed = not title or (title.endswith(":") and entry.title.startswith(title))
        return "encoding" if lost else "made title" if is_completed else "another"
    parsed = next((it for name in DATES if (it := their.get(name))), None)
    instant = sane(parsed and datetime.fromtimestamp(timegm(parsed), UTC), now=RECORDED_AT)
    other = abs(entry.published_at - (instant or RECORDED_AT)) >= timedelta(seconds=1)
    return "another" if other else "same"


def read(document: bytes, *, known: frozenset[bytes] = frozenset()) -> ParsedFeed:
    return parse(document, url=URL, content_type=None, fetched_at=RECORDED_AT, known=known)


def serve(publisher: Publisher, recording: dict[str, bytes], *, validators: bool) -> Counts:
    counts = Counts()

    async def answer(request: web.Request) -> web.Response:
        body = recording[request.path[1:]]
        headers = {"ETag": f'W/"{sha256(body).hexdigest()}"'} if validators else {}
        if validators and request.headers.get("If-None-Match") == headers["ETag"]:
            counts.unchanged += 1
            return web.Response(status=304)
        counts.whole += 1
        return web.Response(body=body, headers=headers)

    publisher.answers.update({f"/{name}": answer for name in recording})
    return counts


def expected(document: bytes) -> int:
    """Count, by other means than ours, the items with a link; 0 where this is no proper XML."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return 0
    items = [it for it in root.iter() if it.tag.rpartition("}")[2] in ("item", "entry")]
    return len({key for item in items[:MAX_ITEMS] if (key := _key(item))})


def _key(item: ElementTree.Element) -> tuple[str, str] | None:
    """Return what tells the item from others; None where it has no link, or says nothing."""
    fields = {child.tag.rpartition("}")[2]: child for child in reversed(item)}
    links = [it for it in item if it.tag.rpartition("}")[2] == "link"]
    link = next((text for it in links if (text := it.get("href") or it.text or "").strip()), "")
    guid = (fields["guid"].text or "").strip() if "guid" in fields else ""
    link = link.strip() or (guid if guid.startswith(("http", "/")) else "")
    says = any(
        _TAG.sub("", "".join(fields[name].itertext())).strip()
        for name in ("title", "description", "content", "summary", "encoded")
        if name in fields
    )
    return (guid or link, link) if link and says else None


async def stored_titles(db: Database) -> dict[str, list[str]]:
    rows = await db.reader.execute_fetchall(
        "SELECT source, title FROM articles JOIN feeds ON feeds.id = feed_id ORDER BY articles.id"
    )
    titles: dict[str, list[str]] = {}
    for source, title in rows:
        titles.setdefault(source, []).append(title)
    return titles
