"""Places of ready-made words: precision and recall on headlines that were drawn and judged by hand.

The verdicts, `quality/results/places_judged.txt`, name a sample, the id of a row and its places.
"""

import re
from collections import defaultdict
from pathlib import Path

from bot.ready_words.lists import ready_words
from bot.ready_words.marks import marked_text
from bot.text.phrases import contains
from quality import data

JUDGED = Path(__file__).parent / "results" / "places_judged.txt"
_TAG = re.compile(r"<[^>]+>")


def report() -> str:
    """Return the section on places."""
    rows = {row["id"]: row for row in data.rows("newsday/stream")}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for line in JUDGED.read_text("utf-8").splitlines():
        sample, key, *judged = line.split()
        if key not in rows:
            continue  # of other data
        found, right = places_of(rows[key]), set(judged)
        each = counts[sample]
        each[0] += 1
        each[1] += len(found & right)
        each[2] += len(found - right)
        each[3] += len(right - found)
    lines = [
        (sample, n, _share(hits, hits + wrong), _share(hits, hits + missed))
        for sample, (n, hits, wrong, missed) in counts.items()
    ]
    table = data.table(("sample", "headlines", "precision", "recall"), lines)
    return f"## Places\n\nPairs of a headline and a place, with 95 % intervals.\n\n{table}"


def places_of(row: data.Row) -> set[str]:
    """Return the places that a row is of by its headline and first sentence."""
    title = str(row["title"])
    text = _TAG.sub(" ", str(row["text"] or "")).strip().removeprefix(title)
    marked = marked_text(title, text)
    return {place.id for place in ready_words("place") if contains(marked, place.phrase)}


def _share(count: int, total: int) -> str:
    low, high = data.interval(count, total)
    return f"{count}/{total} = {count / total:.2f} [{low:.2f}, {high:.2f}]"
