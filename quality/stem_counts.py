"""Generator of `bot/resources/rarity.txt` (document frequency of stems) from the data."""

import json
import lzma
import math
import random
from collections import Counter
from collections.abc import Iterator
from itertools import starmap
from pathlib import Path

from bot.stories.matching.fingerprint import fingerprint
from bot.text.vocabulary import MAX_IDF
from quality import data

TABLE = Path(__file__).parents[1] / "bot" / "resources" / "rarity.txt"

FILES = ("topics", "articles_tsn_uk", "stream_telegram_uk")
TEXTS = 9_000  # of each language, lest one outweigh another
STEP = 0.5  # in nats: finer makes no difference to the decisions


def main() -> None:
    """Count, and write the table: a line for each rarity, the most common first."""
    rarity: dict[str, float] = {}
    for texts in _by_language().values():
        counts = Counter(key for text in texts for key in text)
        for key, count in counts.items():
            # What is common in one language is common: it may be a word of no meaning there.
            rarity[key] = min(rarity.get(key, MAX_IDF), math.log(len(texts) / count))
    lines: dict[float, list[str]] = {}
    for key, weight in sorted(rarity.items()):
        rounded = max(STEP, round(weight / STEP) * STEP)
        if rounded < MAX_IDF:
            lines.setdefault(rounded, []).append(key)
    data.mention_sample()
    data.written_path(TABLE).write_text(
        "".join(f"{weight} {' '.join(keys)}\n" for weight, keys in sorted(lines.items())), "utf-8"
    )


def _by_language() -> dict[str, list[frozenset[str]]]:
    rows: dict[str, list[tuple[str, str]]] = {}
    for row in (row for file in FILES for row in _rows(file)):
        rows.setdefault(row["lang"], []).append((row.get("title") or "", row["text"]))
    chosen = random.Random(7)
    return {
        language: [
            print_.lead | print_.names
            for print_ in starmap(fingerprint, chosen.sample(texts, min(TEXTS, len(texts))))
        ]
        for language, texts in sorted(rows.items())
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    with lzma.open(data.file(f"{name}.jsonl.xz"), "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
