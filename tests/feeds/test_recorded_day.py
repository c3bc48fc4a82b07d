"""A recorded day of real feeds, served on loopback and polled into a real database."""

import logging
import re
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import aiohttp
import pytest
from aiohttp import web

from bot.feeds.poller import Poller
from bot.feeds.screen import MAX_ITEMS
from bot.model import ListedFeed
from bot.storage import feeds
from bot.storage.database import Database
from tests.fakes import FakeClock
from tests.feeds.conftest import Publisher

RECORDING = Path(__file__).parents[2] / "../shared/data/feeds_real.tar.xz"
RECORDED_AT = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)

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
        members = [member for member in archive if member.isfile()]
        files = {member.name: archive.extractfile(member) for member in members}
        return {name: file.read() for name, file in files.items() if file}


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
        ListedFeed(url=publisher.url(f"/{name}"), source=name, language="en", topic=None)
        for name in recording
    ]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=RECORDED_AT)
    clock = FakeClock(RECORDED_AT)
    poller = Poller(db=db, http=http, floor=timedelta(minutes=5), now=clock)

    while await poller.step():
        pass
    titles = await stored_titles(db)
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []
    assert {name: len(titles.get(name, ())) for name in recording} == {
        name: expected(document) or len(titles.get(name, ()))
        for name, document in recording.items()
    }
    flat = [title for of_one in titles.values() for title in of_one]
    assert len(flat) > 2500
    assert [title for title in flat if _MOJIBAKE.search(title) or _MARKUP.search(title)] == []
    assert any("інфаркт" in title or "инфаркт" in title for title in flat)  # windows-1251

    clock.advance(days=1)
    while await poller.step():
        pass
    assert await stored_titles(db) == titles
    assert counts == Counts(
        whole=len(recording) * (1 if validators else 2),
        unchanged=len(recording) if validators else 0,
    )


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
