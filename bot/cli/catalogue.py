"""`readalso feeds add`, `remove`, `import` and `export`: edits of the operator's feed list."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from bot.cli.common import discover_feed, echo, exit_on_error, topics_of
from bot.errors import ParseError, SetupError, file_problem
from bot.model import ListedFeed, TopicSlug
from bot.text.safe import counted, printable_xml

if TYPE_CHECKING:
    from bot.model import Language
    from bot.settings import Settings
    from bot.web.opml import Outline

_LANGUAGE = click.Choice(["uk", "ru", "en"])
_EFFECT = "the bot reads its list when it starts"


@click.command()
@click.argument("url")
@click.option("--language", type=_LANGUAGE, help="That it is written in; guessed if not given.")
@click.option("--topic", help="Its usual one, if it has one.")
@click.option("--source", help="The publisher's name; the feed's own title if not given.")
def add(url: str, *, language: "Language | None", topic: str | None, source: str | None) -> None:
    """Find the feed at URL, a feed's address or a site's, and add it to your list (FEEDS)."""
    from bot.feeds import catalogue
    from bot.settings import read_settings
    from bot.stories.language import detect_language
    from bot.web.domains import domain_of

    with exit_on_error():
        settings = read_settings()
        path = _editable_list(settings)
        slugs = [known.slug for known in topics_of(settings)]
        if topic is not None and topic not in slugs:
            raise SetupError(f"{topic}: there is no such topic; there are {', '.join(slugs)}")
        discovered = asyncio.run(discover_feed(settings, url))
        if language is None:
            detected = detect_language(". ".join(discovered.newest), "", prior="en")
            if detected == "other":
                raise SetupError(
                    "the feed seems to be in another language; if not, tell it with --language"
                )
            language = detected
        feed = ListedFeed(
            url=discovered.url,
            domain=domain_of(discovered.url),
            source=source or discovered.title or urlsplit(discovered.url).netloc,
            language=language,
            topic=TopicSlug(topic) if topic else None,
        )
        catalogue.add(path, (feed,))
    of_topic = f", {feed.topic}" if feed.topic else ""
    echo(f"{path}: added {feed.source} ({feed.language}{of_topic}), {feed.url}; {_EFFECT}")


@click.command()
@click.argument("url")
def remove(url: str) -> None:
    """Take the feed at URL out of your list (FEEDS); its articles stay."""
    from bot.feeds import catalogue
    from bot.settings import read_settings

    with exit_on_error():
        path = _editable_list(read_settings())
        feed = catalogue.remove(path, url)
    echo(f"{path}: removed {feed.source}, {feed.url}; {_EFFECT}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--language", type=_LANGUAGE, help="Of feeds of which FILE does not say it.")
@click.pass_context
def import_feeds(context: click.Context, file: Path, *, language: "Language | None") -> None:
    """Add the feeds of an OPML FILE, as any feed reader exports it, to your list (FEEDS).

    Exit with 1 if any of them cannot be read or is passed over.
    """
    from bot.feeds import catalogue
    from bot.feeds.catalogue import read_catalogue
    from bot.settings import read_settings
    from bot.web.opml import parse

    with exit_on_error():
        settings = read_settings()
        path = _editable_list(settings)
        listed = read_catalogue(path) if path.exists() else ()
        try:
            outlines = parse(file.read_bytes())
        except OSError as error:
            raise SetupError(f"{file}: {file_problem(file, error)}") from None
        except ParseError as error:
            raise SetupError(f"{file}: {error}") from None
        if not outlines:
            raise SetupError(f"{file}: lists no feeds")
        new = [outline for outline in outlines if not catalogue.is_listed(listed, outline.url)]
        feeds, skipped = _supported_feeds(settings, new, language=language)
        if feeds:
            catalogue.add(path, feeds)
    facts = [f"{counted(len(feeds), 'feed')} added", f"{len(outlines) - len(new)} there already"]
    facts += [f"{outlines.broken} cannot be read"] if outlines.broken else []
    facts += [f"{outlines.left_out:,} left out, beyond the limit"] if outlines.left_out else []
    facts += [f"{count} passed over: written in {tag}" for tag, count in skipped.items()]
    echo(f"{path}: {', '.join(facts)}; {_EFFECT}")
    context.exit(int(bool(outlines.broken or outlines.left_out or skipped)))


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
def export(file: Path | None) -> None:
    """Write the list of feeds, as OPML or, into a FILE called .toml, as TOML."""
    from bot.feeds.catalogue import as_opml, encode, read_catalogue
    from bot.settings import read_settings

    with exit_on_error():
        listed = read_catalogue(read_settings().feeds)
        if file is None:
            echo(printable_xml(as_opml(listed).decode().rstrip("\n")))
            return
        content = encode(file, listed)
        try:
            with file.open("xb") as opened:
                opened.write(content)
        except FileExistsError:
            raise SetupError(f"{file}: there is such a file, and it is not overwritten") from None
        except OSError as error:
            raise SetupError(f"{file}: cannot be written: {file_problem(file, error)}") from None
    echo(f"{file}: {counted(len(listed), 'feed')}")


def _editable_list(settings: "Settings") -> Path:
    from bot.resources import RESOURCES

    if settings.feeds == RESOURCES / "feeds.toml":
        raise SetupError(
            "the list that ReadAlso ships with is not changed: put FEEDS=feeds.opml into .env;"
            " to begin with a copy of it, run before that: readalso feeds export feeds.opml"
        )
    return settings.feeds


def _supported_feeds(
    settings: "Settings", outlines: "list[Outline]", *, language: "Language | None"
) -> "tuple[tuple[ListedFeed, ...], Counter[str]]":
    """Return the feeds in a supported language, and the number of others by language tag.

    `language` is that of the outlines without one. A topic that ReadAlso does not know is dropped.
    """
    from bot.feeds.catalogue import listed_feed

    if language is None and (count := sum(not outline.language for outline in outlines)):
        unknown = counted(count, "feed names", "feeds name")
        raise SetupError(f"{unknown} no language: tell it with --language")
    skipped: Counter[str] = Counter()
    feeds, slugs = [], {topic.slug for topic in topics_of(settings)}
    for outline in outlines:
        feed = listed_feed(outline, language=language or "en")
        if feed is None:
            skipped[outline.language] += 1
        else:
            feeds.append(feed if feed.topic in slugs else replace(feed, topic=None))
    return tuple(feeds), skipped
