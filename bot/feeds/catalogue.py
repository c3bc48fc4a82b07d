"""Which feeds does the operator list? Reads a TOML or an OPML file. Pure but for the reading."""

import tomllib
from collections.abc import Iterable, Mapping
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
