"""Which feeds does the operator list? Reads a TOML or an OPML file. Pure but for the reading."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bot.errors import ParseError, SetupError
from bot.model import LANGUAGES, Language, ListedFeed, TopicSlug
from bot.web import opml
from bot.web.domains import domain_of
from bot.web.urls import canonical, is_web_address

OPML_ENDINGS = (".opml", ".xml")
# `site` is for the people who keep the file.
_FIELDS = frozenset({"url", "source", "language", "topic", "pages", "site"})

Fields = Mapping[str, object]


_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*feeds[ \t]*\]\]", re.MULTILINE)
_ANY_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
# A comment above a table belongs to it, unless an empty line stands between.
_COMMENT_ABOVE = re.compile(r"(?:^[ \t]*#[^\n]*\n)+\Z", re.MULTILINE)


def read_catalogue(path: Path) -> tuple[ListedFeed, ...]:
    """Return the feeds that the file lists, in its order.

    TOML has a table `[[feeds]]` for each, with `url`, `source`, `language` and, unless the
    feed is a mixed one, `topic`; with `pages = false` the pages of its articles are left
    alone. In OPML (`.opml` or `.xml`) a feed is an outline, as `bot.web.opml` reads it.

    Raises:
        SetupError: naming the file, the number of the feed in it and the field.
    """
    read = _opml if path.suffix.lower() in OPML_ENDINGS else _toml
    try:
        listed = [_feed(fields, number) for number, fields in enumerate(read(path), 1)]
        return _distinct(listed)
    except (OSError, ValueError, ParseError) as error:
        raise SetupError(f"{path}: {_sentence(error)}") from None


def listed_feed(outline: opml.Outline, *, language: Language) -> ListedFeed | None:
    """Return the feed of an outline; None: it is in none of our languages.

    `language` is that of an outline which says nothing of its own.
    """
    fields = _fields(replace(outline, language=outline.language or language))
    return _feed(fields, 1) if fields["language"] in LANGUAGES else None


def _toml(path: Path) -> Iterable[Fields]:
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("feeds")
    if not isinstance(tables, list) or not tables:
        raise ValueError("it lists no feeds: it should have a table [[feeds]] for each")
    return tables


def _opml(path: Path) -> Iterable[Fields]:
    outlines = opml.parse(path.read_bytes())
    if not outlines:
        raise ValueError("it lists no feeds: no outline has an xmlUrl of the web")
    return [_fields(outline) for outline in outlines]


def _fields(outline: opml.Outline) -> Fields:
    """Return what a table of TOML would say; English is what says nothing of its language."""
    return {
        "url": outline.url,
        "source": outline.title,
        # "uk-UA" and "UK" are "uk" to us.
        "language": (outline.language or "en").lower().replace("_", "-").partition("-")[0],
        "topic": outline.topic,
        "pages": outline.pages.lower() != "false",
    }


def _feed(fields: object, number: int) -> ListedFeed:
    if not isinstance(fields, dict):
        raise ValueError(f"feed {number} should be a table")
    unknown = sorted(fields.keys() - _FIELDS)
    if unknown:
        raise ValueError(f"feed {number}, {unknown[0]}: there is no such field")
    texts = {name: _text(fields, name, number) for name in ("url", "source", "language")}
    if not is_web_address(texts["url"]):
        raise ValueError(f"feed {number}, url: should begin with http:// or https://")
    if texts["language"] not in LANGUAGES:
        raise ValueError(f"feed {number}, language: should be one of {', '.join(LANGUAGES)}")
    topic = fields.get("topic", "")
    if not isinstance(topic, str):
        raise ValueError(f"feed {number}, topic: should be a text")
    pages = fields.get("pages", True)
    if not isinstance(pages, bool):
        raise ValueError(f"feed {number}, pages: should be true or false")
    return ListedFeed(
        url=texts["url"],
        domain=domain_of(texts["url"]),
        source=" ".join(texts["source"].split()),
        language=texts["language"],
        topic=TopicSlug(topic.strip()) if topic.strip() else None,
        pages=pages,
    )


def _text(fields: Fields, name: str, number: int) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"feed {number}, {name}: should be a text, and not empty")
    return value.strip()


def _distinct(listed: list[ListedFeed]) -> tuple[ListedFeed, ...]:
    seen: dict[str, str] = {}
    for number, feed in enumerate(listed, 1):
        earlier = seen.setdefault(canonical(feed.url), f"feed {number}, {feed.url}")
        if earlier != f"feed {number}, {feed.url}":
            raise ValueError(f"the same feed twice: {earlier}, and feed {number}, {feed.url}")
    return tuple(listed)


def _sentence(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case OSError():
            return error.strerror or str(error)
        case tomllib.TOMLDecodeError():
            return f"not TOML: {error}"
        case UnicodeDecodeError():
            return "should be written in UTF-8"
        case _:
            return str(error)


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
    lines = ["[[feeds]]", f"url = {_toml_text(feed.url)}", f"source = {_toml_text(feed.source)}"]
    lines.append(f"language = {_toml_text(feed.language)}")
    lines += [f"topic = {_toml_text(feed.topic)}"] if feed.topic else []
    lines += [] if feed.pages else ["pages = false"]
    return "\n".join(lines) + "\n"


def _toml_text(value: str) -> str:
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
