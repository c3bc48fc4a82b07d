"""`readalso explain`: dry run of the article pipeline on a page, a file or JSON Lines."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import TYPE_CHECKING

import click

from bot.cli.common import echo, end_on_closed_pipe, exit_on_error, topics_of
from bot.cli.json_lines import MAX_BYTES, error_text, load_line, read_lines, read_number
from bot.errors import SetupError
from bot.text.safe import loads, printable

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.stories.explain import Explain, Explanation, Placement, Submission
    from bot.stories.topics.classifier import Rejection, TopicScore

# About a second of work: from there on a progress bar is shown.
MIN_LINES_OF_BAR = 100

_UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_HEAD_CHARS = 65_536
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\]{\"])")
# Address of a saved page.
_CANONICAL_LINK = re.compile(
    r"""<link\s[^<>]*\brel=["']?canonical\b[^<>]*\bhref=["']?(https?://[^\s"'<>]+)""", re.IGNORECASE
)
_TEXTS = ("title", "text", "url", "language")

_REJECTIONS: dict[Rejection, str] = {
    "service": "no news: of service, such as a schedule or a horoscope",
    "none": "no news: a greeting, a quiz or the like",
    "digest": "no news: a digest of everything",
    "ad": "no news: an advertisement",
    "advertising words": "no news: its words are those of advertisements",
    "no topic": "nothing tells its topic",
}


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
            with end_on_closed_pipe():
                _explain_lines(source) if jsonl else asyncio.run(_explain(source))
        except (OSError, ValueError, RecursionError) as error:
            if isinstance(error, OSError) and error.filename is None:  # it is about the output
                raise
            raise SetupError(f"{source}: {error_text(error)}") from None


def read_article(content: bytes) -> Submission:
    """Return the article in a file of HTML, JSON or plain text; binary content is an empty one.

    Raises:
        ValueError: if the content is JSON but not an article; the message says what is wrong.
    """
    from bot.stories.boilerplate import paragraphs
    from bot.stories.explain import Submission
    from bot.stories.page_extraction import decode_page
    from bot.web.html import plain_links

    if b"\0" in content and not content.startswith(_UTF_16_BOMS):
        return Submission()  # a picture, an archive
    text = decode_page(content, content_type=None)
    if _JSON.match(text):
        return parse_submission(loads(text, parse_number=read_number))
    if text.lstrip().startswith("<"):
        canonical = _CANONICAL_LINK.search(text, 0, _HEAD_CHARS)
        return _page(content, url=canonical[1] if canonical else "", content_type=None)
    title = next(iter(paragraphs(text)), "")  # the first line that is not a menu
    return Submission(
        title=title,
        text=text.partition(title)[2] if title else text,
        links=plain_links(text, url=""),
    )


def parse_submission(fields: object) -> Submission:
    """Return the article of a JSON object; unknown fields are ignored.

    Raises:
        ValueError: if a field is missing or of a wrong type; the message names it.
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


def explain_line(line: bytes, number: int, explain: Explain) -> bytes:
    """Return the JSON of the line with the results, or of the error, as a line."""
    try:
        fields = load_line(line)
        explanation = explain(parse_submission(fields))
        results = {
            "language": explanation.language,
            "kind": explanation.topics.kind,
            "topics": [
                {
                    "topic": score.topic,
                    "score": round(score.score, 4),
                    "evidence": _evidence(score),
                }
                for score in explanation.topics.topics
            ],
            "summary": explanation.summary,
        }
        output = json.dumps(fields | results, ensure_ascii=False, allow_nan=False)
    # An error in one line must not stop the others.
    except Exception as error:
        output = json.dumps({"line": number, "error": error_text(error)}, ensure_ascii=False)
    return f"{printable(output)}\n".encode()


def _explain_lines(name: str) -> None:
    from bot.settings import read_settings
    from bot.stories.embedding import open_embedder
    from bot.stories.explain import build_explainer

    settings = read_settings()
    embed = open_embedder(wanted=settings.embeddings)
    explain_one = build_explainer(topics_of(settings), embed)
    with click.open_file(name, "rb") as stream:
        length = sum(1 for _ in read_lines(stream)) if stream.seekable() else None
        if length is not None:
            stream.seek(0)
        hidden = length in range(MIN_LINES_OF_BAR) or not sys.stderr.isatty() or sys.stdout.isatty()
        lines = read_lines(stream)
        with click.progressbar(lines, length=length, file=sys.stderr, hidden=hidden) as bar:
            for number, line in enumerate(bar, start=1):
                if line.strip():
                    sys.stdout.buffer.write(explain_line(line, number, explain_one))
                    sys.stdout.buffer.flush()


async def _explain(source: str) -> None:
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.database import open_reader
    from bot.stories.embedding import open_embedder
    from bot.stories.explain import StoryArchive, build_explainer

    settings = read_settings()
    topics = topics_of(settings)
    embed = open_embedder(wanted=settings.embeddings)
    explanation = build_explainer(topics, embed)(await _load(source, settings))
    _print_rows(_analysis_rows(explanation))
    if not settings.database.exists():
        _print_rows({"story": [f"there is no database yet at {settings.database}"]})
        return
    async with open_reader(settings.database) as reader:
        archive = StoryArchive(db=reader, topics=topics, embed=embed, now=now())
        _print_rows(_placement_rows(explanation, await archive.place(explanation)))


async def _load(source: str, settings: Settings) -> Submission:
    from bot.feeds.http.client import open_http
    from bot.feeds.http.fetch import fetch_feed
    from bot.model.feeds import FeedDocument, FeedRequest

    if not re.match("https?://", source, re.IGNORECASE):
        with click.open_file(source, "rb") as stream:
            content = stream.read(MAX_BYTES)
        if not content.strip():
            raise ValueError("it is empty")
        return read_article(content)
    async with open_http(allow_private_addresses=settings.allow_private_addresses) as http:
        document = await fetch_feed(http, FeedRequest(url=source))
    assert isinstance(document, FeedDocument)  # the request had no conditions
    # In a thread: the extraction may take a second.
    return await asyncio.to_thread(
        _page, document.body, url=document.url, content_type=document.content_type
    )


def _page(content: bytes, *, url: str, content_type: str | None) -> Submission:
    from bot.stories.explain import Submission
    from bot.stories.page_extraction import extract_page, without_walls

    page = extract_page(content, url=url, content_type=content_type)
    return Submission(title=page.title, text=without_walls(page.text), url=url, links=page.links)


def _analysis_rows(explanation: Explanation) -> dict[str, list[str]]:
    result = explanation.topics
    topics = [
        f"{score.topic} {score.score:.2f}: {'; '.join(_evidence(score))}" for score in result.topics
    ]
    if result.rejection is not None:
        topics = [f"none: {_REJECTIONS[result.rejection]}"]
    return {
        "title": [explanation.article.title],
        "language": [explanation.language],
        "topics": topics,
        "summary": [explanation.summary],
        "own links": [f"{link.title or '(in the text)'} {link.url}" for link in explanation.links],
    }


def _evidence(score: TopicScore) -> list[str]:
    section = score.section
    evidence = [] if section is None else [f"{section.kind} “{section.name}”"]
    if score.is_usual:
        evidence.append("the feed's usual topic")
    if score.words:
        evidence.append(f"words {', '.join(score.words)}")
    return [*evidence, f"all words {score.by_words:.0%}"]


def _placement_rows(explanation: Explanation, placement: Placement) -> dict[str, list[str]]:
    story = placement.story
    how = "by its address or its headline" if placement.certain else "by its likeness"
    opens = explanation.topics.topics and explanation.language != "other"
    decision = "opens a new one" if opens else "none"
    if story is not None:
        decision = f"joins {story.id}, {how}"
    elif placement.continues is not None:
        decision = f"opens a chapter of {placement.continues.id}, {how}"
    offers = [
        (f"{offer.score:.2f}" if offer.score else "own", offer.link) for offer in placement.related
    ]
    return {
        "story": [decision],
        "looks like": [
            f"{log_odds:+.2f} {likely.id} {likely.title} ({likely.source})"
            for likely, log_odds in placement.likely
        ],
        "read also": [f"{score} {link.title} {link.url}" for score, link in offers],
    }


def _print_rows(rows: dict[str, list[str]]) -> None:
    from bot.stories.explain import clean_text

    for label, values in rows.items():
        lines = [" ".join(clean_text(value, MAX_BYTES).split()) for value in values]
        echo(f"{label:<11}" + ("\n" + " " * 11).join(line or "–" for line in lines or [""]))
