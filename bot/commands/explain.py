"""`readalso explain`: what the newsroom makes of an article, and why.

A line of JSON that cannot be read is answered by what is wrong with it, and the others go on.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from bot.commands.plain import plain_errors
from bot.errors import SetupError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.stories.explain import Explain, Findings, Placement, Submission
    from bot.stories.related import Offer
    from bot.topics import Topics

# For a text of 2 MB, each letter of it escaped.
MAX_BYTES = 16 * 1024 * 1024
# As many take more than a second.
LONG_LINES = 100
MAX_CATEGORIES = 50
MAX_URL_CHARS = 2048

_CHUNK = 1024 * 1024
_HEAD_CHARS = 65_536
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\]{\"])")
_LINK_TAG = re.compile(r"<link\b[^<>]{1,4096}>", re.IGNORECASE)
_CANONICAL = re.compile(r"""\brel\s*=\s*["']?canonical\b""", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?(https?://[^\s"'<>]+)""", re.IGNORECASE)


@click.command()
@click.argument("source", metavar="URL-or-FILE", required=False)
@click.option("--jsonl", is_flag=True, help="Read JSON Lines from the file, or from -, and write.")
def explain(source: str | None, *, jsonl: bool) -> None:
    """Show what the newsroom makes of an article, and why; nothing is stored.

    A FILE is a page of HTML, JSON, or plain text: a line for the title, and one for each
    paragraph. With --jsonl each line is a {"title", "text"}, with "url", "categories" and
    "language" if you like; it comes back with "language", "topics" and "summary". A - is the
    standard input.
    """
    if source is None and not jsonl:
        raise click.UsageError("Name the URL or the file of an article; - is the standard input.")
    with plain_errors(), _until_the_reader_leaves():
        if jsonl:
            _explain_lines(source or "-")
        else:
            for line in asyncio.run(_explain(source or "-")):
                click.echo(line)


def read_article(content: bytes) -> Submission:
    """Return the article of a file's content; of what is no text, an empty one.

    Raises: ValueError, if it is JSON and no article; the message says what is wrong.
    """
    from bot.stories.explain import Submission, plain
    from bot.stories.page import MAX_TEXT_CHARS, MAX_TITLE_CHARS, decode

    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Submission(title="", text="")  # a picture, an archive
    text = decode(content, content_type=None)
    if _JSON.match(text):
        return submission(json.loads(text))
    if text.lstrip().startswith("<"):
        return _page(content, url=_own_address(text[:_HEAD_CHARS]), content_type=None)
    title, _, rest = text.lstrip().partition("\n")
    return Submission(title=plain(title, MAX_TITLE_CHARS), text=plain(rest, MAX_TEXT_CHARS))


def submission(fields: object) -> Submission:
    """Return the article of a JSON object; fields that we do not know are passed over.

    Raises: ValueError, if a field lacks or is of a wrong type; the message names it.
    """
    from bot.model import LANGUAGES
    from bot.stories.explain import Submission, plain
    from bot.stories.page import MAX_TEXT_CHARS, MAX_TITLE_CHARS

    if not isinstance(fields, dict):
        raise ValueError("an article is an object, {…}; for many of them there is --jsonl")
    missing = [name for name in ("title", "text") if name not in fields]
    if missing:
        raise ValueError(f'"{missing[0]}" is missing')
    named = {"url": "", "language": ""} | {k: v for k, v in fields.items() if v is not None}
    wrong = [name for name in ("title", "text", "url", "language") if not _is_text(named, name)]
    if wrong:
        raise ValueError(f'"{wrong[0]}" must be a text')
    categories = named.get("categories", [])
    if not isinstance(categories, list) or not all(isinstance(each, str) for each in categories):
        raise ValueError('"categories" must be a list of texts')
    return Submission(
        title=plain(named["title"], MAX_TITLE_CHARS),
        text=plain(named["text"], MAX_TEXT_CHARS),
        url=plain(named["url"], MAX_URL_CHARS),
        categories=tuple(plain(each, MAX_TITLE_CHARS) for each in categories[:MAX_CATEGORIES]),
        language=next((each for each in LANGUAGES if each == named["language"]), None),
    )


def answer(line: bytes, explain: Explain) -> dict[str, object]:
    """Return the article of a line with what was found, or what is wrong with it as "error"."""
    try:
        if len(line) >= MAX_BYTES:
            raise ValueError(f"longer than {MAX_BYTES // 1024**2} MiB")
        fields = json.loads(line.decode("utf-8-sig"))
        answered = fields | _record(explain(submission(fields)))
        json.dumps(answered, allow_nan=False)
    # Whatever is in one line must not keep the others from being answered.
    except Exception as error:
        return {"error": _problem(error)}
    return cast(dict[str, object], answered)


def _explain_lines(name: str) -> None:
    from bot.settings import read_settings
    from bot.stories.explain import explainer

    explain_one = explainer(_topics(read_settings()))
    stdout, bad = click.get_binary_stream("stdout"), 0
    with _open(name) as stream:
        lines = _count(stream) if stream.seekable() else None
        hidden = (
            not sys.stderr.isatty() or sys.stdout.isatty() or (lines or LONG_LINES) < LONG_LINES
        )
        with click.progressbar(_lines(stream), length=lines, file=sys.stderr, hidden=hidden) as bar:
            for number, line in enumerate(bar, start=1):
                if not line.strip():
                    continue
                answered = answer(line, explain_one)
                if answered.keys() == {"error"}:
                    answered, bad = {"line": number} | answered, bad + 1
                stdout.write(_encoded(answered))
                stdout.flush()
    if bad:
        click.echo(f'{bad} bad lines: see their "error"', err=True)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Go through the lines; of one longer than `MAX_BYTES` that much is returned."""
    while line := stream.readline(MAX_BYTES):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_CHUNK)


def _encoded(answered: dict[str, object]) -> bytes:
    # Half a surrogate pair is no UTF-8; written as \ud800 it is proper JSON again.
    return (json.dumps(answered, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


async def _explain(source: str) -> list[str]:
    from bot.clock import now
    from bot.feeds.urls import canonical
    from bot.settings import read_settings
    from bot.storage.database import open_database
    from bot.stories.embedding import open_embedder
    from bot.stories.explain import Archive, explainer

    settings = read_settings()
    topics = _topics(settings)
    given = await _read(source, settings)
    findings = explainer(topics)(given)
    if not settings.database.exists():
        nowhere = ("story", [f"there is no database yet at {settings.database}"])
        return [*_told(given, findings), *_row(*nowhere)]
    async with open_database(settings.database) as db:
        archive = Archive(
            db=db.reader, topics=topics, canonical=canonical, embed=open_embedder(), now=now()
        )
        placement = await archive.place(given, findings)
    return [*_told(given, findings), *_placed(findings, placement)]


async def _read(source: str, settings: Settings) -> Submission:
    if re.match("https?://", source, re.IGNORECASE):
        return await _fetched(source, settings)
    try:
        with _open(source) as stream:
            return read_article(stream.read(MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise SetupError(f"{source}: {_problem(error)}") from None


async def _fetched(url: str, settings: Settings) -> Submission:
    from bot.feeds.fetch import Document, Request, fetch
    from bot.feeds.session import open_http

    async with open_http(allow_private_addresses=settings.allow_private_addresses) as http:
        document = await fetch(http, Request(url=url))
    assert isinstance(document, Document)  # as we sent no conditions
    # In a thread: it may take a second.
    return await asyncio.to_thread(
        _page, document.body, url=document.url, content_type=document.content_type
    )


def _page(content: bytes, *, url: str, content_type: str | None) -> Submission:
    from bot.stories.explain import Submission
    from bot.stories.page import read_page

    page = read_page(content, url=url, content_type=content_type)
    return Submission(title=page.title, text=page.text, url=url, links=page.links)


def _own_address(markup: str) -> str:
    """Return the address that a page gives for its own; empty: it gives none."""
    tags = (tag for tag in _LINK_TAG.findall(markup) if _CANONICAL.search(tag))
    return next((match[1] for tag in tags if (match := _HREF.search(tag))), "")


def _told(given: Submission, findings: Findings) -> Iterator[str]:
    filing = findings.filing
    topics = [f"{it.topic} {it.score:.2f}: {'; '.join(it.evidence)}" for it in filing.topics]
    yield from _row("title", [given.title])
    yield from _row("language", [findings.language])
    yield from _row("topics", topics or [f"none: {filing.refusal}"])
    yield from _row("summary", [findings.summary])
    yield from _row(
        "own links", [f"{link.title or '(in the text)'} {link.url}" for link in given.links]
    )


def _placed(findings: Findings, placement: Placement) -> Iterator[str]:
    story = placement.story
    how = "by its address or its headline" if placement.certain else "by its likeness"
    opens = findings.filing.topics and findings.language != "other"
    decision = f"joins {story.id}, {how}" if story else "opens a new one" if opens else "none"
    yield from _row("story", [decision])
    likely = [f"{odds:+.2f} {it.id} {it.title} ({it.source})" for it, odds in placement.likely]
    yield from _row("looks like", likely)
    yield from _row("read also", [_offered(offer) for offer in placement.offers])


def _offered(offer: Offer) -> str:
    chosen_by = "its editor's" if offer.score is None else f"{offer.score:.2f}"
    return f"{chosen_by} {offer.link.title} {offer.link.url}"


def _row(label: str, values: list[str]) -> Iterator[str]:
    from bot.stories.explain import plain

    lines = [" ".join(plain(value, MAX_BYTES).split()) for value in values]
    for at, line in enumerate(filter(None, lines or ["–"])):
        yield f"{'' if at else label:<11}{line}"


def _topics(settings: Settings) -> Topics:
    from bot.settings import RESOURCES
    from bot.topics import read_topics

    return read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))


def _open(name: str) -> BinaryIO:
    if name == "-":
        return click.get_binary_stream("stdin")
    try:
        return Path(name).open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SetupError(f"{name}: {reason}; an address begins with https://") from None


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
        case _:
            return f"cannot be read: {type(error).__name__}: {error}"


def _record(findings: Findings) -> dict[str, object]:
    topics = [
        {"topic": it.topic, "score": round(it.score, 4), "evidence": it.evidence}
        for it in findings.filing.topics
    ]
    return {"language": findings.language, "topics": topics, "summary": findings.summary}


def _count(stream: BinaryIO) -> int:
    start = stream.tell()
    lines = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK), b""))
    stream.seek(start)
    return lines


@contextmanager
def _until_the_reader_leaves() -> Iterator[None]:
    """End quietly when what we write to is closed, as by `head`."""
    try:
        yield
    except BrokenPipeError:
        # What is left in the buffer would fail once more when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
