"""`readalso feeds add`, `remove`, `import` and `export`: the operator's own list of feeds."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import exit_on_error
from bot.errors import ParseError, SetupError

if TYPE_CHECKING:
    from bot.model import Language, ListedFeed
    from bot.settings import Settings
    from bot.web.opml import Outline

_LANGUAGE = click.Choice(["uk", "ru", "en"])
_AFTERWARDS = "the bot reads its list when it starts"


@click.command()
@click.argument("url")
@click.option("--language", type=_LANGUAGE, help="That it is written in; guessed if not given.")
@click.option("--topic", help="Its usual one, if it has one.")
@click.option("--source", help="The publisher's name; the feed's own title if not given.")
def add(url: str, *, language: "Language | None", topic: str | None, source: str | None) -> None:
    """Find the feed at URL, a feed's address or a site's, and add it to your list (FEEDS)."""
    from bot.feeds import catalogue
    from bot.settings import read_settings

    with exit_on_error():
        settings = read_settings()
        path = _own_list(settings)
        slugs = _slugs(settings)
        if topic is not None and topic not in slugs:
            raise SetupError(f"{topic}: there is no such topic; there are {', '.join(slugs)}")
        feed = asyncio.run(_found(settings, url, language=language, topic=topic, source=source))
        catalogue.add(path, (feed,))
    of_topic = f", {feed.topic}" if feed.topic else ""
    click.echo(
        f"{path}: added {feed.source} ({feed.language}{of_topic}), {feed.url}; {_AFTERWARDS}"
    )


@click.command()
@click.argument("url")
def remove(url: str) -> None:
    """Take the feed at URL out of your list (FEEDS); its articles stay."""
    from bot.feeds import catalogue
    from bot.settings import read_settings

    with exit_on_error():
        path = _own_list(read_settings())
        feed = catalogue.remove(path, url)
    click.echo(f"{path}: removed {feed.source}, {feed.url}; {_AFTERWARDS}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--language", type=_LANGUAGE, help="Of feeds of which FILE does not say it.")
def import_feeds(file: Path, *, language: "Language | None") -> None:
    """Add the feeds of an OPML FILE, as any feed reader exports it, to your list (FEEDS)."""
    from bot.feeds import catalogue
    from bot.feeds.catalogue import read_catalogue
    from bot.settings import read_settings

    with exit_on_error():
        settings = read_settings()
        path = _own_list(settings)
        listed = read_catalogue(path) if path.exists() else ()
        outlines = _outlines(file)
        new = [it for it in outlines if not catalogue.is_listed(listed, it.url)]
        feeds, passed_over = _sorted_out(settings, new, language=language)
        if feeds:
            catalogue.add(path, feeds)
    facts = [f"{len(feeds)} feeds added", f"{len(outlines) - len(new)} were there"]
    facts += [f"{count} passed over: {why}" for why, count in passed_over.items()]
    click.echo(f"{path}: {', '.join(facts)}; {_AFTERWARDS}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def export(file: Path | None) -> None:
    """Write the list of feeds as OPML, into FILE or to the standard output."""
    from bot.feeds.catalogue import as_opml, read_catalogue
    from bot.settings import read_settings

    with exit_on_error():
        listed = read_catalogue(read_settings().feeds)
        if file is None:
            click.echo(as_opml(listed), nl=False)
            return
        try:
            with file.open("xb") as opened:
                opened.write(as_opml(listed))
        except FileExistsError:
            raise SetupError(f"{file}: there is such a file, and it is not overwritten") from None
        except OSError as error:
            raise SetupError(f"{file}: cannot be written: {error.strerror}") from None
    click.echo(f"{file}: {len(listed)} feeds")


def _own_list(settings: "Settings") -> Path:
    from bot.resources import RESOURCES

    if settings.feeds == RESOURCES / "feeds.toml":
        raise SetupError(
            "the list that ReadAlso ships with is not changed: put FEEDS=feeds.opml into .env;"
            " to begin with a copy of it, run before that: readalso feeds export feeds.opml"
        )
    return settings.feeds


def _slugs(settings: "Settings") -> tuple[str, ...]:
    from bot.resources import RESOURCES
    from bot.topics import read_topics

    topics = read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))
    return tuple(topic.slug for topic in topics)


async def _found(
    settings: "Settings",
    url: str,
    *,
    language: "Language | None",
    topic: str | None,
    source: str | None,
) -> "ListedFeed":
    """Return the feed that lives there, or at the site there."""
    from urllib.parse import urlsplit

    from bot.clock import now
    from bot.feeds.discovery.discover import discover
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers
    from bot.model import ListedFeed, TopicSlug
    from bot.web.domains import domain_of

    allow = settings.allow_private_addresses
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        found = await discover(http, url, parse=parse, now=now())
    return ListedFeed(
        url=found.url,
        domain=domain_of(found.url),
        source=source or found.title or urlsplit(found.url).netloc,
        language=language or _guessed(found.newest),
        topic=TopicSlug(topic) if topic else None,
    )


def _guessed(titles: tuple[str, ...]) -> "Language":
    from bot.stories.language import detect

    guess = detect(". ".join(titles), "", prior="en")
    if guess == "other":
        raise SetupError(
            "the feed seems to be in another language; if not, tell it with --language"
        )
    return guess


def _outlines(file: Path) -> "tuple[Outline, ...]":
    from bot.web.opml import parse

    try:
        outlines = parse(file.read_bytes())
    except (OSError, ParseError) as error:
        raise SetupError(f"{file}: {error}") from None
    if not outlines:
        raise SetupError(f"{file}: lists no feeds")
    return outlines


def _sorted_out(
    settings: "Settings", outlines: "list[Outline]", *, language: "Language | None"
) -> "tuple[tuple[ListedFeed, ...], Counter[str]]":
    """Return those that can be read by our readers, and why how many others cannot."""
    from bot.feeds.catalogue import listed_feed

    if language is None and (silent := sum(not it.language for it in outlines)):
        raise SetupError(f"{silent} feeds do not say their language: tell it with --language")
    passed_over: Counter[str] = Counter()
    feeds, slugs = [], _slugs(settings)
    for outline in outlines:
        feed = listed_feed(outline, language=language or "en")
        if feed is None:
            passed_over[f"written in {outline.language}"] += 1
        else:  # what other programs call a topic may be none of ours
            feeds.append(feed if feed.topic in slugs else replace(feed, topic=None))
    return tuple(feeds), passed_over
