"""The operator's feed list: a TOML or OPML file, read and edited."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bot.errors import ParseError, SetupError, file_problem
from bot.model import LANGUAGES, Language, ListedFeed, TopicSlug
from bot.text.safe import storable_document
from bot.web import opml
from bot.web.domains import domain_of
from bot.web.urls import canonical, is_web_address

OPML_SUFFIXES = (".opml", ".xml")
# `site` is for the people who edit the file.
_FIELDS = frozenset({"url", "source", "language", "topic", "pages", "site"})

Fields = Mapping[str, object]

_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*feeds[ \t]*\]\]", re.MULTILINE)
_ANY_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
# A comment above a table belongs to it, unless there is an empty line between them.
_COMMENT_ABOVE = re.compile(r"(?:^[ \t]*#[^\n]*\n)+\Z", re.MULTILINE)


def read_catalogue(path: Path) -> tuple[ListedFeed, ...]:
    """Return the feeds that the file lists, in its order.

    TOML has a table `[[feeds]]` for each, with `url`, `source`, `language` and, unless the
    feed is a mixed one, `topic`; with `pages = false` the pages of its articles are not
    fetched. In OPML (`.opml` or `.xml`) a feed is an outline, as `bot.web.opml` reads it.

    Raises:
        SetupError: naming the file, the number of the feed in it and the field.
    """
    try:
        listed = tuple(_feed(fields, number) for number, fields in enumerate(_tables(path), 1))
        first_by_url: dict[str, int] = {}
        for number, feed in enumerate(listed, 1):
            first = first_by_url.setdefault(canonical(feed.url), number)
            if first != number:
                raise ValueError(
                    f"the same feed twice: feed {first}, {listed[first - 1].url},"
                    f" and feed {number}, {feed.url}"
                )
        return listed
    except OSError as error:
        problem = file_problem(path, error)
    except tomllib.TOMLDecodeError as error:
        problem = f"not TOML: {error}"
    except UnicodeDecodeError:
        problem = "should be written in UTF-8"
    except (ValueError, ParseError) as error:
        problem = str(error)
    raise SetupError(f"{path}: {problem}")


def listed_feed(outline: opml.Outline, *, language: Language) -> ListedFeed | None:
    """Return the feed of an outline; None: its language is not supported.

    `language` is that of an outline without one.
    """
    fields = _fields(replace(outline, language=outline.language or language))
    return _feed(fields, 1) if fields["language"] in LANGUAGES else None


def _tables(path: Path) -> Iterable[Fields]:
    if _is_opml(path):
        outlines = opml.parse(path.read_bytes())
        if not outlines:
            raise ValueError("it lists no feeds: no outline has an xmlUrl of the web")
        if outlines.left_out:
            raise ValueError(f"it lists more than {opml.MAX_FEEDS:,} feeds")
        return [_fields(outline) for outline in outlines]
    tables = storable_document(tomllib.loads(path.read_text(encoding="utf-8"))).get("feeds")
    if not isinstance(tables, list) or not tables:
        raise ValueError("it lists no feeds: it should have a table [[feeds]] for each")
    return tables


def _fields(outline: opml.Outline) -> Fields:
    """Return the outline as a table of TOML; without a language it is English."""
    return {
        "url": outline.url,
        "source": outline.title,
        # "uk-UA" and "UK" are "uk".
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
    url = _required_text(fields, "url", number)
    source = _required_text(fields, "source", number)
    language = _required_text(fields, "language", number)
    if not is_web_address(url):
        raise ValueError(f"feed {number}, url: should begin with http:// or https://")
    if language not in LANGUAGES:
        raise ValueError(f"feed {number}, language: should be one of {', '.join(LANGUAGES)}")
    topic = fields.get("topic", "")
    if not isinstance(topic, str):
        raise ValueError(f"feed {number}, topic: should be a text")
    pages = fields.get("pages", True)
    if not isinstance(pages, bool):
        raise ValueError(f"feed {number}, pages: should be true or false")
    return ListedFeed(
        url=url,
        domain=domain_of(url),
        source=" ".join(source.split()),
        language=language,
        topic=TopicSlug(topic.strip()) if topic.strip() else None,
        pages=pages,
    )


def add(path: Path, feeds: tuple[ListedFeed, ...]) -> None:
    """Add feeds to the list at `path`, which is created if there is none.

    Raises:
        SetupError: if the list cannot be read or changed, or has one of them.
    """
    listed = read_catalogue(path) if path.exists() else ()
    if known := next((feed for feed in feeds if is_listed(listed, feed.url)), None):
        raise SetupError(f"{path}: has {known.url} already")
    before = path.read_text(encoding="utf-8") if listed and not _is_opml(path) else ""
    tables = "\n".join(_table(feed) for feed in feeds)
    _replace(path, (*listed, *feeds), toml=f"{before.rstrip()}\n\n{tables}".lstrip())


def remove(path: Path, url: str) -> ListedFeed:
    """Remove the feed at `url` from the list at `path`, and return it.

    Raises:
        SetupError: if the list cannot be read or changed, or has no such feed, or no other.
    """
    listed = read_catalogue(path)
    index = _index(listed, url)
    if index is None:
        raise SetupError(f"{path}: has no feed with the address {url}")
    if len(listed) == 1:
        raise SetupError(
            f"{path}: {url} is its last feed, and the bot needs one: add another first"
        )
    toml = "" if _is_opml(path) else _without_table(path.read_text(encoding="utf-8"), index)
    _replace(path, (*listed[:index], *listed[index + 1 :]), toml=toml)
    return listed[index]


def is_listed(listed: tuple[ListedFeed, ...], url: str) -> bool:
    """Return whether one of the feeds has this URL, in whatever spelling."""
    return _index(listed, url) is not None


def as_opml(feeds: tuple[ListedFeed, ...]) -> bytes:
    """Return the feeds as OPML, with all their fields."""
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


def _required_text(fields: Fields, name: str, number: int) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"feed {number}, {name}: should be a text, and not empty")
    return value.strip()


def encode(path: Path, listed: tuple[ListedFeed, ...]) -> bytes:
    """Return the list as the file's suffix says: `.toml`, `.opml` or `.xml`.

    Raises:
        SetupError: if it says something else.
    """
    if _is_opml(path):
        return as_opml(listed)
    if path.suffix.lower() != ".toml":
        raise SetupError(f"{path}: a list of feeds is called .toml or .opml")
    return "\n".join(map(_table, listed)).encode()


def _is_opml(path: Path) -> bool:
    return path.suffix.lower() in OPML_SUFFIXES


def _index(listed: tuple[ListedFeed, ...], url: str) -> int | None:
    key = canonical(url)
    return next((index for index, feed in enumerate(listed) if canonical(feed.url) == key), None)


def _table(feed: ListedFeed) -> str:
    """Return the TOML table of a feed."""
    lines = ["[[feeds]]", f"url = {_toml_text(feed.url)}", f"source = {_toml_text(feed.source)}"]
    lines.append(f"language = {_toml_text(feed.language)}")
    lines += [f"topic = {_toml_text(feed.topic)}"] if feed.topic else []
    lines += [] if feed.pages else ["pages = false"]
    return "\n".join(lines) + "\n"


def _toml_text(value: str) -> str:
    # TOML escapes like JSON, and DEL too; it has no surrogates, nor has any list.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _without_table(text: str, index: int) -> str:
    """Return the list without its table at that index and the comment right above it."""
    starts = [table.start() for table in _TABLE.finditer(text)]
    if index >= len(starts):
        return text  # in another syntax of TOML; `_replace` finds that out
    following = _ANY_TABLE.search(text, starts[index] + 1)
    end = _with_comment(text, following.start()) if following else len(text)
    return text[: _with_comment(text, starts[index])] + text[end:]


def _with_comment(text: str, start: int) -> int:
    above = _COMMENT_ABOVE.search(text[:start])
    return above.start() if above else start


def _replace(path: Path, listed: tuple[ListedFeed, ...], *, toml: str) -> None:
    """Replace the file atomically, if the new one lists these feeds; else change nothing."""
    new = path.with_name(f"new-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(as_opml(listed) if _is_opml(path) else toml.encode())
        if read_catalogue(new) != listed:
            raise SetupError(
                f"{path}: is written in a way that is not changed: please do it by hand"
            )
        new.replace(path)
    except OSError as error:
        raise SetupError(f"{path}: cannot be written: {file_problem(path, error)}") from None
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
