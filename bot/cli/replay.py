"""`readalso replay`: recorded articles through the article pipeline, at their own times."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from bot.cli.common import end_on_closed_pipe, exit_on_error, topics_of
from bot.cli.json_lines import error_text, load_line, read_lines
from bot.errors import SetupError
from bot.text.safe import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app.replay import RecordedArticle, ReplayedArticle
    from bot.model import Language

# Far more than a month of news; only their times and places in the file are held in memory.
MAX_ROWS = 200_000
MAX_ID_CHARS = 200
_YEARS = range(1990, 2101)
_AT_KINDS = ("published", "first_seen", "date_only")


@click.command()
@click.argument("file", metavar="FILE", default="-")
@click.option("--no-vectors", is_flag=True, help="Match by words alone, as without embeddings.")
def replay(file: str, no_vectors: bool) -> None:
    """Send recorded articles through the newsroom in the order of their times; nothing is kept.

    FILE holds JSON Lines: id, lang, source, title, text, url, at, at_kind. A line is written for
    each: the story it tells, whether that is new, the same or a chapter, the languages in which a
    message is owed to who wants everything, and its headlines; at the end, the stories that turned
    out to be an earlier one.
    """
    with exit_on_error():
        try:
            with end_on_closed_pipe(), _seekable(file) as stream:
                asyncio.run(_replay(stream, with_vectors=not no_vectors))
        except OSError as error:
            if error.filename is None:  # it is about the output
                raise
            raise SetupError(f"{file}: {error.strerror or error}") from None


def parse_row(line: bytes) -> RecordedArticle:
    """Return the article of a line; unknown fields are ignored.

    Raises:
        ValueError: if the line is none; the message says what is wrong.
        RecursionError: if it is nested too deeply.
    """
    from bot.app.replay import RecordedArticle
    from bot.model import LANGUAGES
    from bot.stories.explain import clean_text
    from bot.stories.page_extraction import MAX_TEXT_CHARS, MAX_TITLE_CHARS
    from bot.web.html import MAX_URL_CHARS

    fields = load_line(line)
    if not isinstance(fields, dict):
        raise ValueError("an article is an object, {…}")
    language = fields.get("lang")
    if language not in LANGUAGES:
        raise ValueError(f'"lang" must be one of {", ".join(LANGUAGES)}')
    row_id = fields.get("id")
    if isinstance(row_id, bool) or not isinstance(row_id, str | int) or row_id == "":
        raise ValueError('"id" must be a text or a whole number')
    if len(str(row_id)) > MAX_ID_CHARS:
        raise ValueError(f'"id" is longer than {MAX_ID_CHARS} characters')
    if fields.get("at_kind", "published") not in _AT_KINDS:
        raise ValueError(f'"at_kind" must be one of {", ".join(_AT_KINDS)}')
    return RecordedArticle(
        id=str(row_id),
        language=language,
        source=clean_text(_text(fields, "source"), MAX_TITLE_CHARS),
        title=clean_text(_text(fields, "title"), MAX_TITLE_CHARS),
        text=clean_text(_text(fields, "text"), MAX_TEXT_CHARS),
        url=clean_text(_text(fields, "url"), MAX_URL_CHARS),
        at=_time(fields),
        day_only=fields.get("at_kind") == "date_only",
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{name}" must be a text')
    return value or ""


def _time(fields: dict[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(_text(fields, "at"))
    except ValueError:
        raise ValueError('"at" must be a time such as 2026-07-08T00:35:37Z') from None
    if at.year not in _YEARS:
        raise ValueError(f'"at" must be of the years {_YEARS[0]} to {_YEARS[-1]}')
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


@contextmanager
def _seekable(name: str) -> Iterator[IO[bytes]]:
    with click.open_file(name, "rb") as stream, tempfile.TemporaryFile() as copy:
        if not stream.seekable():
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
        yield stream if stream.seekable() else copy


async def _replay(stream: IO[bytes], *, with_vectors: bool) -> None:
    from bot.app.replay import open_replay
    from bot.settings import read_settings
    from bot.storage.database import open_database
    from bot.stories.embedding import open_embedder

    settings = read_settings()
    places, sources = _scan(stream)
    with tempfile.TemporaryDirectory(prefix="readalso-") as folder:
        async with open_database(Path(folder) / "replay.db") as db:
            embed = open_embedder(wanted=settings.embeddings and with_vectors)
            opened = await open_replay(db, sources, topics_of(settings), embed=embed)
            for place, number in places:
                stream.seek(place)
                row = parse_row(next(read_lines(stream)))
                try:
                    fields = _answer(await opened.process(row))
                except ValueError as error:
                    fields = {"line": number, "error": error_text(error)}
                _write({"id": row.id} | fields)
            for later, earlier in await opened.merged():
                _write({"same_as": [later, earlier]})


def _scan(stream: IO[bytes]) -> tuple[list[tuple[int, int]], list[tuple[Language, str]]]:
    """Return place and number of each good row, in the order of time, and all their sources.

    Writes what is wrong with the others.
    """
    rows: list[tuple[datetime, int, int]] = []
    sources: dict[tuple[Language, str], None] = {}
    ids: dict[str, int] = {}
    place = 0
    for number, line in enumerate(read_lines(stream), start=1):
        try:
            if line.strip():
                row = parse_row(line)
                if row.id in ids:
                    raise ValueError(f'"id" is that of line {ids[row.id]} already')
                if len(rows) == MAX_ROWS:
                    raise ValueError(f"more than {MAX_ROWS} articles")
                ids[row.id] = number
                rows.append((row.at, place, number))
                sources[row.language, row.source] = None
        # An error in one line must not stop the others.
        except (ValueError, RecursionError) as error:
            _write({"line": number, "error": error_text(error)})
        place = stream.tell()
    return [(place, number) for _, place, number in sorted(rows)], list(sources)


def _answer(replayed: ReplayedArticle) -> dict[str, object]:
    analysis = replayed.analysis
    relation = None if replayed.story_id is None else "same"
    if replayed.opened:
        relation = "new" if replayed.continues is None else "chapter"
    slugs = () if analysis.topic is None else (analysis.topic, *analysis.other_topics)
    return {
        "story": replayed.story_id,
        "relation": relation,
        "continues": replayed.continues if replayed.opened else None,
        "told": list(replayed.headlines),
        "headline": replayed.headlines,
        "topics": [
            [slug, round(score, 4)]
            for slug, score in zip(slugs, analysis.topic_scores, strict=True)
        ],
        "kind": analysis.kind,
    }


def _write(fields: dict[str, object]) -> None:
    output = printable(json.dumps(fields, ensure_ascii=False))
    sys.stdout.buffer.write(f"{output}\n".encode())
    sys.stdout.buffer.flush()
