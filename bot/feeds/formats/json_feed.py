"""JSON Feed 1.1 reader.

Source: https://www.jsonfeed.org/version/1.1/. feedparser does not read it.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.errors import GoneError, ParseError
from bot.feeds.formats.dates import read_date
from bot.feeds.formats.item_scanner import digest
from bot.feeds.formats.items import Item
from bot.feeds.formats.visible_text import Field, plain_field
from bot.feeds.formats.xml_items import FeedHead
from bot.text.safe import loads
from bot.web.pictures import PictureSource

_NOT_A_FEED = "not a feed: it is JSON of another kind"

# A string, which stays, or a comma after which nothing comes.
_LAST_COMMA = re.compile(r"""("(?:[^"\\]|\\.)*+")|,(?=\s*+[\]}])""", re.DOTALL)

Fields = Mapping[str, object]


def read_json_feed(
    text: str, *, max_items: int, known: Collection[bytes] = frozenset(), now: datetime
) -> tuple[FeedHead, tuple[Item, ...]]:
    """Return what the feed says of itself, and the items in the order of the document.

    Of those whose digests are not `known` the first `max_items`: the next call gets the others,
    once these are known.

    Raises:
        ParseError: if this is no JSON Feed.
        GoneError: if its publisher says that it has ended.
    """
    try:
        # Numbers stay text: ids are texts, and some are longer than Python reads.
        feed = _loads(text)
        items = feed.get("items") if isinstance(feed, dict) else None
        if not isinstance(items, list) or "jsonfeed.org/version/" not in _string(feed, "version"):
            raise ParseError(_NOT_A_FEED)
        if feed.get("expired") is True:
            raise GoneError("its publisher says that the feed has ended")
        head = FeedHead(
            title=Field(_string(feed, "title"), literal=True).line(),
            site=_string(feed, "home_page_url"),
            language=_string(feed, "language"),
        )
        return head, tuple(_first_unknown(items, max_items, known, now))
    except (ValueError, RecursionError):
        raise ParseError("not a feed: it is broken JSON") from None


def _loads(text: str) -> Any:
    """Return the document; commas before a closing bracket are dropped where it cannot be read."""
    try:
        return loads(text, parse_number=str)
    except ValueError:
        return loads(_LAST_COMMA.sub(r"\1", text), parse_number=str)


def _first_unknown(
    items: Iterable[object], max_items: int, known: Collection[bytes], now: datetime
) -> Iterator[Item]:
    """Yield all known items and the first `max_items` others."""
    left = max_items
    for fields in items:
        if isinstance(fields, dict):
            item = _item(fields, now)
            is_new = item.digest not in known
            if not is_new or left > 0:
                left -= is_new
                yield item


def _item(fields: Fields, now: datetime) -> Item:
    tags, attachments = fields.get("tags"), fields.get("attachments")
    listed = attachments if isinstance(attachments, list) else []
    guid = _string(fields, "id")
    files = [file for file in listed if isinstance(file, dict)]
    addresses = (
        _string(fields, "url"),
        _string(fields, "external_url"),
        guid if guid.startswith(("http:", "https:")) else "",
        *(_string(file, "url") for file in files),
    )
    pictures = [file for file in files if _string(file, "mime_type").startswith("image/")]
    return Item(
        digest=digest(json.dumps(fields, sort_keys=True)),
        guid=guid,
        links=tuple(filter(None, addresses)),
        title=plain_field(_string(fields, "title")),
        bodies=(
            Field(_string(fields, "content_html")),
            Field(_string(fields, "content_text"), literal=True),
        ),
        summaries=(plain_field(_string(fields, "summary")),),
        labels=tuple(map(_text, tags)) if isinstance(tags, list) else (),
        pictures=tuple(
            PictureSource(url=url)
            for url in (
                _string(fields, "image"),
                _string(fields, "banner_image"),
                *(_string(file, "url") for file in pictures),
            )
            if url
        ),
        published_at=read_date(_string(fields, "date_published"), now=now)
        or read_date(_string(fields, "date_modified"), now=now),
    )


def _string(fields: Fields, name: str) -> str:
    return _text(fields.get(name))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
