"""Latency of every query on a million articles. Run `python -m benchmarks.growth`.

Built in minutes, through the real schema; `SHARE=10` makes a tenth of it. Each question is asked
fifteen times by the bot's own functions, and what it writes is rolled back.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.grown import Size, build
from benchmarks.questions import QUESTIONS, Question, Town, count_stories
from bot.storage.backups.copies import backup
from bot.storage.database import Database, open_database
from tests.support.markdown_report import machine_info, print_paragraph, table

SHARE = int(os.environ.get("SHARE", "1"))
SIZE = Size(
    articles=1_000_000 // SHARE,
    feeds=10_000 // SHARE,
    readers=100_000 // SHARE,
    deliveries=5_000_000 // SHARE,
)
TIMES = 15
QUICK = 50.0  # ms: of every question


class _Undone(Exception):  # noqa: N818
    """What was written is not kept."""


async def main() -> None:
    """Build, measure, and print the table."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "readalso.db"
        built = _seconds(lambda: build(path, SIZE))
        with closing(sqlite3.connect(path)) as db:
            n_stories, owed = db.execute(
                "SELECT (SELECT count(*) FROM stories), (SELECT count(*) FROM deliveries)"
            ).fetchone()
        print_paragraph(
            f"{SIZE.articles:,} articles in {n_stories:,} stories, {SIZE.feeds:,} feeds,"
            f" {SIZE.readers:,} readers, {owed:,} deliveries: {path.stat().st_size / 2**20:,.0f} MB"
            f" built in {built:.0f} s, on {machine_info()}."
        )
        async with open_database(path) as opened:
            rows = [await _row(opened, question) for question in QUESTIONS]
        print_paragraph(
            table(["", "the middle, ms", "the worst, ms", f"over {QUICK:.0f} ms"], rows)
        )
        copied = _seconds(lambda: backup(path, Path(folder) / "copy.db"))
        print_paragraph(f"To back it up and read the copy whole takes {copied:.1f} s.")


async def _row(db: Database, question: Question) -> list[str]:
    chance, took = Random(7), []
    for _ in range(TIMES):
        try:
            async with db.transaction() as tx:
                town = Town(db=tx, size=SIZE, stories=await count_stories(tx), chance=chance)
                run = await question.ask(town)
                began = time.perf_counter()
                await run()
                took.append((time.perf_counter() - began) * 1e3)
                raise _Undone
        except _Undone:
            pass
    slow = "yes" if max(took) > QUICK else ""
    return [question.name, f"{median(took):.1f}", f"{max(took):.1f}", slow]


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
