"""`readalso explain`: what the newsroom makes of an article, and why."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import click

from bot.cli.common import exit_on_error
from bot.errors import SetupError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.stories.explain import Explain, Findings, Placement, Submission
    from bot.topics import Topics

# For a text of 2 MB, each letter of it escaped.
MAX_BYTES = 16 * 1024 * 1024
# As many take about a second.
LONG_LINES = 100

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # as such a text begins
_HEAD_CHARS = 65_536
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\]{\"])")
# What a saved page says of where it stands.
_OWN_ADDRESS = re.compile(
    r"""<link\s[^<>]*\brel=["']?canonical\b[^<>]*\bhref=["']?(https?://[^\s"'<>]+)""", re.IGNORECASE
)
_TEXTS = ("title", "text", "url", "language")


@click.command()
@click.argument("source", metavar="URL-or-FILE", default="-")
@click.option("--jsonl", is_flag=True, help="Read JSON Lines, and write them.")
def explain(source: str, *, jsonl: bool) -> None:
    """Show what the newsroom makes of an article, and why; nothing is stored.

    A FILE is HTML, JSON or plain text: a line for the title, one for each paragraph; - is the
    standard input. With --jsonl each line is a {"title", "text"}, with "url", "categories" and
    "language" if you like; it comes back with "language", "topics" and "summary".
    """
    with exit_on_error():
        try:
            _explain_lines(source) if jsonl else asyncio.run(_explain(source))
        except BrokenPipeError:
            # Who reads, like `head`, has enough. What is still in the buffer would fail once
            # more when the process ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError, RecursionError) as error:
            raise SetupError(f"{source}: {_problem(error)}") from None


def read_article(content: bytes) -> Submission:
    """Return the article of a file's content; of what is no text, an empty one.

    Raises: ValueError, if it is JSON and no article; the message says what is wrong.
    """
    from bot.stories.boilerplate import paragraphs
    from bot.stories.explain import Submission
    from bot.stories.page_extraction import decode

    if b"\0" in content and not content.startswith(_UTF_16):
        return Submission()  # a picture, an archive
    text = decode(content, content_type=None)
    if _JSON.match(text):
        return submission(json.loads(text))
    if text.lstrip().startswith("<"):
        own = _OWN_ADDRESS.search(text, 0, _HEAD_CHARS)
        return _page(content, url=own[1] if own else "", content_type=None)
    title = next(iter(paragraphs(text)), "")  # the first line that is no menu
    return Submission(title=title, text=text.partition(title)[2] if title else text)


def submission(fields: object) -> Submission:
    """Return the article of a JSON object; fields that we do not know are passed over.

    Raises: ValueError, if a field lacks or is of a wrong type; the message names it.
    """
    from bot.stories.explain import Submission

    if not isinstance(fields, dict):
        raise ValueError("an article is an object, {…}; for many of them there is --jsonl")
    texts = {"url": "", "language": ""} | {k: v for k, v in fields.items() if v is not None}
    wrong = [name for name in _TEXTS if not isinstance(texts.get(name), str)]
    if wrong:
        raise ValueError(f'"{wrong[0]}" must be a text')
    categories = fields.get("categories") or []
    if not isinstance(categories, list) or not all(isinstance(each, str) for each in categories):
        raise ValueError('"categories" must be a list of texts')
    title, text, url, language = (str(texts[name]) for name in _TEXTS)
    return Submission(
        title=title, text=text, url=url, categories=tuple(categories), language=language
    )


def answer(line: bytes, number: int, explain: Explain) -> bytes:
    """Return the line with what was found, or with what is wrong, both as JSON."""
    try:
        if len(line) >= MAX_BYTES:
            raise ValueError(f"longer than {MAX_BYTES // 1024**2} MiB")
        fields = json.loads(line.decode("utf-8-sig"))
        answered = fields | _record(explain(submission(fields)))
        written = json.dumps(answered, ensure_ascii=False, allow_nan=False)
    # Whatever is in one line must not keep the others from being answered.
    except Exception as error:
        written = json.dumps({"line": number, "error": _problem(error)}, ensure_ascii=False)
    # Half a surrogate pair is no UTF-8; written as \ud800 it is proper JSON again.
    return f"{written}\n".encode("utf-8", "backslashreplace")


def _explain_lines(name: str) -> None:
    from bot.settings import read_settings
    from bot.stories.explain import explainer

    explain_one = explainer(_topics(read_settings()))
    with click.open_file(name, "rb") as stream:
        length = sum(1 for _ in _lines(stream)) if stream.seekable() else None
        if length is not None:
            stream.seek(0)
        hidden = length in range(LONG_LINES) or not sys.stderr.isatty() or sys.stdout.isatty()
        lines = _lines(stream)
        with click.progressbar(lines, length=length, file=sys.stderr, hidden=hidden) as bar:
            for number, line in enumerate(bar, start=1):
                if line.strip():
                    sys.stdout.buffer.write(answer(line, number, explain_one))
                    sys.stdout.buffer.flush()


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Go through the lines; of one longer than `MAX_BYTES` that much is returned."""
    while line := stream.readline(MAX_BYTES):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_BYTES)


async def _explain(source: str) -> None:
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.database import open_database
    from bot.stories.embedding import open_embedder
    from bot.stories.explain import StoryArchive, explainer
    from bot.web.urls import canonical

    settings = read_settings()
    topics = _topics(settings)
    found = explainer(topics)(await _read(source, settings))
    _show(_told(found))
    if not settings.database.exists():
        _show({"story": [f"there is no database yet at {settings.database}"]})
        return
    embed = open_embedder(wanted=settings.embeddings)
    async with open_database(settings.database) as db:
        archive = StoryArchive(
            db=db.reader, topics=topics, canonical=canonical, embed=embed, now=now()
        )
        _show(_placed(found, await archive.place(found)))


async def _read(source: str, settings: Settings) -> Submission:
    from bot.feeds.http.client import open_http
    from bot.feeds.http.fetch import fetch_feed
    from bot.model.feeds import FeedDocument, FeedRequest

    if not re.match("https?://", source, re.IGNORECASE):
        with click.open_file(source, "rb") as stream:
            return read_article(stream.read(MAX_BYTES))
    async with open_http(allow_private_addresses=settings.allow_private_addresses) as http:
        found = await fetch_feed(http, FeedRequest(url=source))
    assert isinstance(found, FeedDocument)  # as we sent no conditions
    # In a thread: it may take a second.
    kind = found.content_type
    return await asyncio.to_thread(_page, found.body, url=found.url, content_type=kind)


def _page(content: bytes, *, url: str, content_type: str | None) -> Submission:
    from bot.stories.explain import Submission
    from bot.stories.page_extraction import read_page, without_walls

    page = read_page(content, url=url, content_type=content_type)
    return Submission(title=page.title, text=without_walls(page.text), url=url, links=page.links)


def _told(found: Findings) -> dict[str, list[str]]:
    filing = found.filing
    topics = [f"{it.topic} {it.score:.2f}: {'; '.join(it.evidence)}" for it in filing.topics]
    return {
        "title": [found.article.title],
        "language": [found.language],
        "topics": topics or [f"none: {filing.refusal}"],
        "summary": [found.summary],
        "own links": [f"{link.title or '(in the text)'} {link.url}" for link in found.links],
    }


def _placed(found: Findings, placement: Placement) -> dict[str, list[str]]:
    story = placement.story
    how = "by its address or its headline" if placement.certain else "by its likeness"
    opens = found.filing.topics and found.language != "other"
    decision = f"joins {story.id}, {how}" if story else "opens a new one" if opens else "none"
    likely = [f"{odds:+.2f} {it.id} {it.title} ({it.source})" for it, odds in placement.likely]
    offers = [(f"{it.score:.2f}" if it.score else "own", it.link) for it in placement.offers]
    return {
        "story": [decision],
        "looks like": likely,
        "read also": [f"{score} {link.title} {link.url}" for score, link in offers],
    }


def _show(rows: dict[str, list[str]]) -> None:
    from bot.stories.explain import plain

    for label, values in rows.items():
        lines = [" ".join(plain(value, MAX_BYTES).split()) for value in values]
        click.echo(f"{label:<11}" + ("\n" + " " * 11).join(line or "–" for line in lines or [""]))


def _topics(settings: Settings) -> Topics:
    from bot.resources import RESOURCES
    from bot.topics import read_topics

    return read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))


def _problem(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return "not UTF-8"
        case json.JSONDecodeError():
            return f"no JSON: {error.msg} at character {error.pos + 1}"
        case RecursionError():
            return "nested too deeply"
        case ValueError():
            return str(error)
        case OSError():
            return f"{error.strerror}; an address begins with https://"
        case _:
            return f"cannot be read: {type(error).__name__}: {error}"


def _record(findings: Findings) -> dict[str, object]:
    topics = [
        {"topic": it.topic, "score": round(it.score, 4), "evidence": it.evidence}
        for it in findings.filing.topics
    ]
    return {"language": findings.language, "topics": topics, "summary": findings.summary}
