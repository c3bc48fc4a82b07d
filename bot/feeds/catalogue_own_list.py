"""How is the operator's own list of feeds changed? By tables at its end; the rest stays as it is.

Pure but for reading and writing the file. It is replaced whole, never half.
"""

import json
import re
from contextlib import suppress
from pathlib import Path

from bot.errors import SetupError
from bot.feeds.catalogue import OPML_ENDINGS, read_catalogue
from bot.model import ListedFeed
from bot.web import opml
from bot.web.urls import canonical

_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*feeds[ \t]*\]\]", re.MULTILINE)
_ANY_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
# A comment above a table belongs to it, unless an empty line stands between.
_COMMENT_ABOVE = re.compile(r"(?:^[ \t]*#[^\n]*\n)+\Z", re.MULTILINE)


def add(path: Path, feeds: tuple[ListedFeed, ...]) -> None:
    """Add feeds to the list at `path`, which is made if there is none.

    Raises:
        SetupError: if the list cannot be read or changed, or has one of them.
    """
    listed = read_catalogue(path) if path.exists() else ()
    if twice := next((it for it in feeds if _place(listed, it.url) is not None), None):
        raise SetupError(f"{path}: has {twice.url} already")
    before = path.read_text(encoding="utf-8") if listed and not _is_opml(path) else ""
    tables = "\n".join(_table(feed) for feed in feeds)
    _replace(path, (*listed, *feeds), toml=f"{before.rstrip()}\n\n{tables}".lstrip())


def remove(path: Path, url: str) -> ListedFeed:
    """Take the feed at `url` out of the list at `path`, and return it.

    Raises:
        SetupError: if the list cannot be read or changed, or has no such feed, or no other.
    """
    listed = read_catalogue(path)
    place = _place(listed, url)
    if place is None:
        raise SetupError(f"{path}: has no feed with the address {url}")
    if len(listed) == 1:
        raise SetupError(
            f"{path}: {url} is its last feed, and the bot needs one: add another first"
        )
    toml = "" if _is_opml(path) else _without(path.read_text(encoding="utf-8"), place)
    _replace(path, (*listed[:place], *listed[place + 1 :]), toml=toml)
    return listed[place]


def is_listed(listed: tuple[ListedFeed, ...], url: str) -> bool:
    """Return whether one of the feeds has this address, in whatever spelling."""
    return _place(listed, url) is not None


def as_opml(feeds: tuple[ListedFeed, ...]) -> bytes:
    """Return the feeds as OPML, with all that our list says of them."""
    outlines = (
        opml.Outline(
            url=feed.url,
            title=feed.source,
            language=feed.language,
            topic=feed.topic or "",
            pages="" if feed.pages else "false",
        )
        for feed in feeds
    )
    return opml.write(outlines, title="ReadAlso")


def _is_opml(path: Path) -> bool:
    return path.suffix.lower() in OPML_ENDINGS


def _place(listed: tuple[ListedFeed, ...], url: str) -> int | None:
    key = canonical(url)
    return next((at for at, feed in enumerate(listed) if canonical(feed.url) == key), None)


def _table(feed: ListedFeed) -> str:
    """Return the table of a feed; what JSON escapes in a text, TOML escapes alike."""
    lines = ["[[feeds]]", f"url = {_text(feed.url)}", f"source = {_text(feed.source)}"]
    lines.append(f"language = {_text(feed.language)}")
    lines += [f"topic = {_text(feed.topic)}"] if feed.topic else []
    lines += [] if feed.pages else ["pages = false"]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    # TOML forbids DEL, too, and knows no surrogates, which stand in no list.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _without(text: str, place: int) -> str:
    """Return the list without its table at that place, and without the comment right above it."""
    starts = [found.start() for found in _TABLE.finditer(text)]
    if place >= len(starts):
        return text  # written as TOML can be written, too; found out by reading it again
    following = _ANY_TABLE.search(text, starts[place] + 1)
    end = _with_comment(text, following.start()) if following else len(text)
    return text[: _with_comment(text, starts[place])] + text[end:]


def _with_comment(text: str, at: int) -> int:
    above = _COMMENT_ABOVE.search(text[:at])
    return above.start() if above else at


def _replace(path: Path, listed: tuple[ListedFeed, ...], *, toml: str) -> None:
    """Replace the file at once, if it lists these feeds; else nothing has happened."""
    made = path.with_name(f"new-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(as_opml(listed) if _is_opml(path) else toml.encode())
        if read_catalogue(made) != listed:
            raise SetupError(
                f"{path}: is written in a way that is not changed: please do it by hand"
            )
        made.replace(path)
    except OSError as error:
        raise SetupError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
