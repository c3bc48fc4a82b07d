"""What a person takes from one instance of this bot to another: read from its export.

The file comes from anybody, so that each value is checked and what means nothing is counted.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import ParseError
from bot.text.safe import storable
from bot.web.urls import is_web_address

# Of each kind; no instance keeps more for one chat.
MAX_ROWS = 1000
MAX_CHARS = 2000
_TABLES = ("subscribers", "subscriptions", "news_languages")
_LISTS = (
    "subscriptions", "news_languages", "words", "own_feeds", "saved", "followed_storylines",
)  # fmt: skip

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedWord:
    """A word as its reader wrote it; without a `topic` it counts in all."""

    text: str
    muted: bool
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedFeed:
    """A feed that the chat had added."""

    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedChat:
    """What an export holds of a chat's choices, each as it is written there.

    `timetable` has the columns of its table, unchecked; it is empty for none. `saved` and
    `followed` are addresses of stories. `unreadable` counts rows that hold nothing of the kind.
    """

    topics: tuple[str, ...]
    languages: tuple[str, ...]
    words: tuple[MovedWord, ...]
    timetable: Row
    pictures: str
    feeds: tuple[MovedFeed, ...]
    saved: tuple[str, ...]
    followed: tuple[str, ...]
    unreadable: int


def parse_export(content: bytes) -> MovedChat:
    """Return what the export of a chat holds.

    Raises:
        ParseError: if it is no export of this bot.
    """
    try:
        document = json.loads(content)
    except (RecursionError, ValueError) as error:
        raise ParseError(f"no JSON: {type(error).__name__}") from None
    if not isinstance(document, dict) or not all(
        isinstance(document.get(name), list) for name in _TABLES
    ):
        raise ParseError("not an export of this bot")

    def column(table: str, *names: str) -> Iterator[list[str]]:
        """Yield the texts of these columns, of the rows that have the first of them."""
        for row in _rows(document, table):
            texts = [_text(row, name) for name in names]
            if texts[0]:
                yield texts

    topics = tuple(topic for (topic,) in column("subscriptions", "topic"))
    languages = tuple(language for (language,) in column("news_languages", "language"))
    words = tuple(
        MovedWord(text=_text(row, "said"), muted=bool(row.get("muted")), topic=_text(row, "topic"))
        for row in _rows(document, "words")
        if _text(row, "said")
    )
    feeds = tuple(
        MovedFeed(url=url, title=title)
        for url, title in column("own_feeds", "url", "title")
        if is_web_address(url)
    )
    saved = tuple(url for (url,) in column("saved", "url"))
    followed = tuple(url for (url,) in column("followed_storylines", "url"))
    read = (topics, languages, words, feeds, saved, followed)
    given = (rows for name in _LISTS if isinstance(rows := document.get(name), list))
    return MovedChat(
        topics=topics,
        languages=languages,
        words=words,
        timetable=next(_rows(document, "timetables"), {}),
        pictures=next((name for (name,) in column("subscribers", "pictures")), ""),
        feeds=feeds,
        saved=saved,
        followed=followed,
        unreadable=sum(map(len, given)) - sum(map(len, read)),
    )


def _rows(document: Row, table: str) -> Iterator[Row]:
    """Yield the first `MAX_ROWS` rows of a table that are objects."""
    rows = document.get(table)
    if isinstance(rows, list):
        yield from (row for row in rows[:MAX_ROWS] if isinstance(row, dict))


def _text(row: Row, name: str) -> str:
    """Return the text of a column; empty if it is none, or too long."""
    value = row.get(name)
    return storable(value).strip() if isinstance(value, str) and len(value) <= MAX_CHARS else ""
