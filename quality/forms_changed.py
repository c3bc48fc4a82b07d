"""Matches of followed words that the tables of forms add or remove, in streams of news.

`python -m quality.forms_changed` prints 100 drawn ones with what stands around them; which of them
are right, as read, is in `forms_changed.tsv`.
"""

import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.text.stemming import STOP_WORDS, snowball_stem, stem, words
from quality import data

VERDICTS = Path(__file__).with_name("forms_changed.tsv")
# The stream of each language, and how many of its changed matches are read.
STREAMS = {
    "uk": ("stream_telegram_uk", 40),
    "ru": ("stream_telegram_ru", 40),
    "en": ("stories_en", 20),
}
# A reader follows nouns and names.
_FOLLOWED = {"NOUN", "PROPN"}
_MAX_CONTEXT = 40


class Match(NamedTuple):
    """A form in a row of a stream that a followed word meets by one stemmer and not by the other.

    `is_added`: the tables add the match; else they remove it.
    """

    word: str
    form: str
    row: int
    is_added: bool


class Changes(NamedTuple):
    """How many matches there are by rules alone and by the tables, and those that differ."""

    before: int
    after: int
    changed: tuple[Match, ...]


def followed_words(language: str) -> frozenset[str]:
    """Return the dictionary words of the marked sentences that a reader may follow."""
    return frozenset(
        lemma.casefold()
        for row in data.rows(f"forms/{language}")
        for _, lemma, kind in row["words"]  # type: ignore[attr-defined]
        if kind in _FOLLOWED and len(words(lemma)) == 1 and lemma.casefold() not in STOP_WORDS
    )


def changes(followed: Iterable[str], texts: Sequence[str]) -> Changes:
    """Return the matches of each followed word with each form in each text."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        for form in dict.fromkeys(words(text)):
            rows[form].append(row)
    by_stems: tuple[defaultdict[str, set[str]], ...] = (defaultdict(set), defaultdict(set))
    for form in rows.keys() - STOP_WORDS:
        for found, stemmer in zip(by_stems, (snowball_stem, stem), strict=True):
            found[stemmer(form)].add(form)
    counts, changed = Counter[bool](), []
    for word in sorted(followed):
        by_rules, by_tables = by_stems[0][snowball_stem(word)], by_stems[1][stem(word)]
        for is_added, forms in ((False, by_rules), (True, by_tables)):
            counts[is_added] += sum(len(rows[form]) for form in forms)
        changed += [
            Match(word, form, row, form in by_tables)
            for form in sorted(by_rules ^ by_tables)
            for row in rows[form]
        ]
    return Changes(counts[False], counts[True], tuple(changed))


def table() -> str:
    """Return the table of what changes, with the verdicts of those that were read."""
    verdicts: Counter[tuple[str, bool, bool]] = Counter()
    for line in VERDICTS.read_text("utf-8").splitlines():
        language, sign, *_, verdict = line.split("\t")
        verdicts[language, sign == "+", verdict == "right"] += 1
    lines = []
    for language, (stream, _) in STREAMS.items():
        found = changes(followed_words(language), _texts(stream))
        n_added = sum(match.is_added for match in found.changed)
        shares = (
            f"{verdicts[language, is_added, True]} of"
            f" {verdicts[language, is_added, True] + verdicts[language, is_added, False]}"
            for is_added in (True, False)
        )
        n_removed = len(found.changed) - n_added
        lines.append((language, found.before, found.after, n_added, n_removed, *shares))
    head = (
        "language",
        "by rules",
        "by tables",
        "added",
        "removed",
        "added: right",
        "removed: right",
    )
    return data.table(head, lines)


def drawn() -> Iterator[str]:
    """Yield the matches to read: language, + or -, word, form, file and row, and the context."""
    for language, (stream, n_read) in STREAMS.items():
        texts = _texts(stream)
        found = changes(followed_words(language), texts).changed
        for match in random.Random(15).sample(found, n_read):
            sign = "+" if match.is_added else "-"
            place = f"{stream}:{match.row}"
            context = _context(texts[match.row], match.form)
            yield "\t".join((language, sign, match.word, match.form, place, context))


def _context(text: str, form: str) -> str:
    found = re.search(rf"\b{re.escape(form)}\b", text, re.IGNORECASE)
    place = found.start() if found else 0
    around = text[max(0, place - _MAX_CONTEXT) : place + len(form) + _MAX_CONTEXT]
    return " ".join(around.split())


def _texts(stream: str) -> list[str]:
    return [f"{data.said(row, 'title')}\n{data.said(row, 'text')}" for row in data.rows(stream)]


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in drawn())
