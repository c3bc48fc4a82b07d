"""What readers have reported of stories: of a database of the bot, what is said of it today."""

import json
import os
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.model import TopicSlug

_METHOD = """\
Readers press "Wrong topic" and "Not the same story" under a story. Each row is one story, with its
headlines and summaries as they were; who pressed is not kept. Rows are errors by the word of one
reader: read them before you learn from them.
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A report of one story: its verdict, its main topic then, and headline and summary of each."""

    verdict: str
    topic: TopicSlug
    articles: tuple[tuple[str, str], ...]


def report() -> str:
    """Return the section of the database that `DATABASE` names."""
    path = Path(os.environ.get("DATABASE", "data/readalso.db"))
    rows = read_judgements(path) if path.is_file() else ()
    return f"## Reports of readers\n\n{_METHOD}\n{table(rows)}"


def read_judgements(path: Path) -> tuple[Judgement, ...]:
    """Return all reports in the database, the oldest first."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT verdict, topic, articles FROM judgements ORDER BY id")
        return tuple(
            Judgement(
                verdict=verdict,
                topic=TopicSlug(topic),
                articles=tuple((title, summary) for title, summary in json.loads(articles)),
            )
            for verdict, topic, articles in rows
        )


def table(rows: tuple[Judgement, ...]) -> str:
    """Return how many reports there are of each verdict and topic, and the newest headlines."""
    if not rows:
        return "There are none.\n"
    counts = Counter((row.verdict, row.topic) for row in rows)
    lines = [
        f"| {verdict} | {topic or '(none)'} | {count} |"
        for (verdict, topic), count in counts.most_common()
    ]
    newest = [
        f"* {row.verdict}, {row.topic or '(none)'}: "
        + " / ".join(title for title, _ in row.articles)
        for row in rows[-20:]
    ]
    return "\n".join(["| verdict | topic | n |", "|---|---|--:|", *lines, "", *newest, ""])
