"""What does a JSON Feed hold? Pure.

Source: JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/. feedparser does not read it.
"""

import html
import json
from collections.abc import Mapping

from bot.errors import ParseError
from bot.feeds.dates import read_date
from bot.feeds.items import Item

_NOT_A_FEED = "not a feed: it is JSON of another kind"

Fields = Mapping[str, object]


def read_json_feed(text: str, *, max_items: int) -> tuple[Item, ...]:
    """Return the first items, at most `max_items`, in the order of the document.

    Raises:
        ParseError: if this is no JSON Feed.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        raise ParseError("not a feed: it is broken JSON") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/" not in _string(feed, "version"):
        raise ParseError(_NOT_A_FEED)
    return tuple(_item(item) for item in items[:max_items] if isinstance(item, dict))


def _item(fields: Fields) -> Item:
    tags = fields.get("tags")
    return Item(
        guid=_string(fields, "id"),
        link=_string(fields, "url") or _string(fields, "external_url"),
        title=html.escape(_string(fields, "title")),
        bodies=(
            _string(fields, "content_html"),
            _as_markup(_string(fields, "content_text")),
            _as_markup(_string(fields, "summary")),
        ),
        categories=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        published_at=read_date(
            _string(fields, "date_published") or _string(fields, "date_modified")
        ),
    )


def _string(fields: Fields, name: str) -> str:
    """Return the field as text: ids may be numbers, and anything may be missing."""
    value = fields.get(name)
    if isinstance(value, str):
        # JSON can spell half a surrogate pair, which no encoding can carry.
        return value.encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, int | float) else ""


def _as_markup(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
