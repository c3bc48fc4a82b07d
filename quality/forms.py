"""Recall and false meetings of word forms, on running text with lemmas marked by others."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.model import LANGUAGES, Language
from bot.text.forms import form_stem
from bot.text.stemming import snowball_stem, stem, words
from quality import data, forms_changed

SHARED_LETTERS = 4

# A look-up is timed over all forms, so many times, and the fastest counts.
_ROUNDS = 7

_KINDS = {"NOUN": "nouns", "PROPN": "names", "ADJ": "adjectives", "VERB": "verbs"}
_HEAD = ("language", "stemmer", "all", *_KINDS.values(), "forms")
_METHOD = """\
Recall: the share of forms, unlike their lemmas, whose stem is their lemma's, in the sentences of
../shared/data/forms, which no table or rule was made of. A false meeting: a form whose stem is
that of another lemma, among all pairs of lemmas of one language that begin with the same four
letters or share a form, weighted by frequency. Words that this corpus names by two lemmas, such as
многие and многий, count as false.
"""

_CHANGED = """\
Matches of followed nouns and names in streams of news that the tables add to those by rules, and
that they remove; 100 of them were read, and the last columns say how many are right to be so.
"""

Stem = Callable[[str], str]
_STEMMERS: tuple[tuple[str, Stem], ...] = (("Snowball", snowball_stem), ("table", stem))

# A form, its lemma and its part of speech.
MarkedWord = tuple[str, str, str]


def report() -> str:
    """Return the section on word forms."""
    marked = {language: tuple(_marked_words(language)) for language in LANGUAGES}
    lines = [
        _recall_line(language, name, stemmer, marked[language])
        for language in LANGUAGES
        for name, stemmer in _STEMMERS
    ]
    meetings = [
        (language, name, *_shown(*false_meetings(stemmer, marked[language])))
        for language in LANGUAGES
        for name, stemmer in _STEMMERS
    ]
    return "\n".join(
        (
            f"## Word forms\n\n{_METHOD}",
            data.table(_HEAD, lines),
            data.table(("language", "stemmer", "false meetings", "pairs"), meetings),
            f"### What the tables change\n\n{_CHANGED}",
            forms_changed.table(),
            f"A look-up takes {_lookup_time(marked) * 1e6:.1f} µs of CPU time in the mean.\n",
        )
    )


def recall(stemmer: Stem, marked: Sequence[MarkedWord]) -> dict[str, tuple[int, int]]:
    """Return how many forms meet their lemma and how many there are: in all, and of each kind."""
    met, total = Counter[str](), Counter[str]()
    for form, lemma, kind in marked:
        if form.casefold() != lemma.casefold():
            total.update((kind, "all"))
            met.update((kind, "all") if _key(stemmer, form) == _key(stemmer, lemma) else ())
    return {kind: (met[kind], total[kind]) for kind in ("all", *_KINDS)}


def false_meetings(stemmer: Stem, marked: Sequence[MarkedWord]) -> tuple[float, int]:
    """Return the share of forms that meet the other lemma of their pair, and how many pairs."""
    forms: dict[str, Counter[str]] = {}
    for form, lemma, _ in marked:
        forms.setdefault(lemma.casefold(), Counter())[form.casefold()] += 1
    pairs = _alike(forms)
    met = total = 0
    for pair in pairs:
        weight = math.prod(forms[each].total() for each in pair)
        for one, other in (pair, pair[::-1]):
            key = _key(stemmer, other)
            total += weight * forms[one].total()
            met += weight * sum(n for form, n in forms[one].items() if _key(stemmer, form) == key)
    return met / max(total, 1), len(pairs)


def _alike(forms: dict[str, Counter[str]]) -> list[tuple[str, str]]:
    lemmas = sorted(forms)
    groups: dict[str, set[str]] = {}
    for lemma in lemmas:
        groups.setdefault(f"{lemma[:SHARED_LETTERS]}*", set()).add(lemma)
        for form in forms[lemma]:
            groups.setdefault(form, set()).add(lemma)
    return sorted(
        {
            (one, other)
            for group in groups.values()
            for one in group
            for other in group
            if one < other
        }
    )


def _recall_line(
    language: str, name: str, stemmer: Stem, marked: Sequence[MarkedWord]
) -> tuple[object, ...]:
    counts = recall(stemmer, marked).values()
    shares = (f"{met / total:.3f}" if total else "–" for met, total in counts)
    return (language, name, *shares, next(iter(counts))[1])


def _shown(share: float, n_pairs: int) -> tuple[str, int]:
    return f"{share:.4f}", n_pairs


def _marked_words(language: str) -> Iterator[MarkedWord]:
    for row in data.rows(f"forms/{language}"):
        found = row["words"]
        assert isinstance(found, list)
        yield from map(tuple, found)


def _key(stemmer: Stem, text: str) -> tuple[str, ...]:
    return tuple(map(stemmer, words(text)))


def _lookup_time(marked: Mapping[Language, tuple[MarkedWord, ...]]) -> float:
    forms = [form.casefold() for language in LANGUAGES for form, *_ in marked[language]]
    form_stem(forms[0])  # reads the tables
    return min(_process_time(forms) for _ in range(_ROUNDS)) / len(forms)


def _process_time(forms: Sequence[str]) -> float:
    begun = time.process_time()
    for form in forms:
        form_stem(form)
    return time.process_time() - begun
