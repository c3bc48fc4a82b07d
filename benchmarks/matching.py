"""CPU time to find the story of an article among stored ones. Run `python -m benchmarks matching`.

By words, over all that is stored rather than the last three days: the search, and the comparison
with the forty best.
"""

import time
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.grown import Size, build
from bot.storage.database import open_database
from bot.storage.stories import signatures
from bot.stories.matching.clustering import cluster_candidate, decide
from bot.stories.matching.fingerprint import fingerprint
from bot.stories.matching.similarity import ComparedArticle
from bot.text.stemming import words
from tests.support.fakes import NOON
from tests.support.markdown_report import machine_info, print_paragraph, table

COUNTS = (10_000, 100_000)
TIMES = 60
_WEIGHT = 50.0


async def main() -> None:
    """Build, measure, and print the table."""
    rows = [await _row(count) for count in COUNTS]
    print_paragraph(f"{TIMES} articles each, one after the other, on {machine_info()}.")
    print_paragraph(
        table(
            ["articles stored", "candidates", "CPU time in the middle, ms", "the worst, ms"], rows
        )
    )


async def _row(count: int) -> list[str]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "readalso.db"
        build(path, Size(articles=count, feeds=100, readers=100, deliveries=2_000))
        async with open_database(path) as db:
            asked = await db.reader.execute_fetchall("SELECT title, text FROM articles ORDER BY id")
            took, found = [], []
            for title, text in Random(7).sample(list(asked)[count // 2 :], TIMES):
                article = ComparedArticle(language="en", fingerprint=fingerprint(title, text))
                weights = dict.fromkeys(words(f"{title} {text}"), _WEIGHT)
                begun = time.process_time()
                stored = await signatures.find_candidates(
                    db.reader, weights, since=NOON.replace(year=NOON.year - 5)
                )
                candidates = [
                    replace(cluster_candidate(story), published_at=NOON) for story in stored
                ]
                decide(article, candidates, source="", published_at=NOON)
                took.append(1000 * (time.process_time() - begun))
                found.append(len(stored))
    return [f"{count:,}", f"{median(found):.0f}", f"{median(took):.1f}", f"{max(took):.1f}"]
