"""Sources of the table of word forms: paradigms of two dictionaries, and word frequencies.

Ukrainian: the hunspell dictionary uk_UA, as Debian packages it. Russian: OpenCorpora's, as
pymorphy3-dicts-ru packages it. Frequencies: news of ../shared/data, and wordfreq.
"""

import hashlib
import io
import lzma
import re
import tarfile
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pymorphy3
import wordfreq

from bot.text.stemming import words
from quality import data

UKRAINIAN_DEB = (
    "http://deb.debian.org/debian/pool/main/libr/libreoffice-dictionaries/"
    "hunspell-uk_7.5.0-1_all.deb"
)
UKRAINIAN_SHA256 = "8191ea5162b30f7ce5ad1bedd618590d1a8094bffeffb9745fd2035b6631a14a"
# Words that the dictionary lacks, in the dictionary's own format.
EXTRA_UKRAINIAN = Path(__file__).with_name("forms_extra_uk.dic")
# Words that OpenCorpora lacks; pymorphy3 predicts how they inflect.
EXTRA_RUSSIAN = Path(__file__).with_name("forms_extra_ru.txt")

_NEWS = (
    "articles_tsn_uk",
    "articles_lenta_ru",
    "articles_segodnya",
    "feed_items_ru_uk",
    "stream_telegram_uk",
    "stream_telegram_ru",
    "topics",
)
# Of the words that wordfreq knows; rarer ones are misprints, mostly.
_GENERAL_WORDS = 200_000

_INFINITIVE = re.compile(r"т(?:и|ися|ись)$")
_INFLECTED = {
    "NOUN": "noun", "INFN": "verb", "VERB": "verb", "GRND": "verb", "PRTF": "verb", "PRTS": "verb",
    "ADJF": "adjective", "ADJS": "adjective", "COMP": "adjective", "ADVB": "adjective",
}  # fmt: skip
_CYRILLIC = re.compile(r"[а-я'іїєґ]{2,}")


@dataclass(frozen=True, slots=True, order=True)
class Lemma:
    """A dictionary word, casefolded and without ё, and what it is: noun, verb or adjective.

    Adverbs count as adjectives, and all that does not inflect as nouns.
    """

    word: str
    kind: str


@dataclass(frozen=True, slots=True)
class Paradigms:
    """The forms of each word, and where known the probabilities of a form's words."""

    forms: Mapping[Lemma, frozenset[str]]
    probabilities: Mapping[str, Mapping[Lemma, float]]


def frequencies(language: str) -> dict[str, float]:
    """Return how often each form occurs in a million words: half news, half other text."""
    counts = Counter(
        normal(word)
        for name in _NEWS
        for row in data.rows(name)
        if (row.get("lang") or name[-2:]) == language
        for word in words(f"{data.said(row, 'title')}\n{data.said(row, 'text')}")
    )
    total = counts.total()
    found = {word: 5e5 * count / total for word, count in counts.items()}
    general = wordfreq.get_frequency_dict(language, "best")
    for word in sorted(general, key=lambda word: -general[word])[:_GENERAL_WORDS]:
        key = normal(word)
        found[key] = found.get(key, 0.0) + 5e5 * float(general[word])
    return {word: rate for word, rate in found.items() if _CYRILLIC.fullmatch(word)}


def normal(word: str) -> str:
    """Return the word casefolded, with е for ё and ' for every apostrophe."""
    return word.casefold().replace("ё", "е").replace("’", "'").replace("ʼ", "'")


def ukrainian(seen: Mapping[str, float]) -> Paradigms:
    """Return the paradigms of the dictionary that have a form in `seen`.

    Raises:
        SystemExit: if the dictionary's file is another than the pinned one.
    """
    affixes, entries = _hunspell_files()
    rules = _suffix_rules(affixes)
    verbal = {
        flag
        for flag, of_flag in rules.items()
        if 2 * sum(bool(_INFINITIVE.search(strip)) for strip, *_ in of_flag) > len(of_flag)
    }
    # A paradigm keeps its first two letters, with few exceptions, so most are left out early.
    beginnings = {word[:2] for word in seen}
    forms: defaultdict[Lemma, set[str]] = defaultdict(set)
    for line in (*entries, *EXTRA_UKRAINIAN.read_text("utf-8").splitlines()):
        word, _, flags = line.split("\t")[0].strip().partition("/")
        # Entries without flags are single forms: «Путіна» beside «Путін».
        if not flags or normal(word)[:2] not in beginnings or "-" in word:
            continue
        for kind, of_kind in _split_flags(word, flags, verbal):
            theirs = {normal(form) for form in _expand(word, of_kind, rules)}
            if not theirs.isdisjoint(seen):
                forms[Lemma(normal(word), kind)] |= theirs
    return Paradigms({lemma: frozenset(theirs) for lemma, theirs in forms.items()}, {})


def russian(seen: Iterable[str]) -> Paradigms:
    """Return the paradigms of OpenCorpora's dictionary that have a form in `seen`."""
    analyzer = pymorphy3.MorphAnalyzer(lang="ru")
    extra = EXTRA_RUSSIAN.read_text("utf-8").split()
    forms: defaultdict[Lemma, set[str]] = defaultdict(set)
    probabilities: dict[str, dict[Lemma, float]] = {}
    for word in (*sorted(seen), *extra):
        if word not in extra and not analyzer.word_is_known(word):
            continue
        found: defaultdict[Lemma, float] = defaultdict(float)
        for parse in analyzer.parse(word)[: 1 if word in extra else None]:
            if (kind := _INFLECTED.get(str(parse.tag.POS))) is None:
                continue
            lemma = Lemma(normal(parse.normal_form), kind)
            found[lemma] += parse.score
            if lemma not in forms:
                forms[lemma] = {normal(each.word) for each in parse.lexeme}
        if found:
            probabilities[word] = {
                lemma: score / sum(found.values()) for lemma, score in found.items()
            }
    return Paradigms({lemma: frozenset(theirs) for lemma, theirs in forms.items()}, probabilities)


# What it cuts, what it adds, and which words it is for.
_Rule = tuple[str, str, re.Pattern[str]]


def _suffix_rules(lines: Iterable[str]) -> dict[str, list[_Rule]]:
    rules: defaultdict[str, list[_Rule]] = defaultdict(list)
    for fields in map(str.split, lines):
        if len(fields) >= 5 and fields[0] == "SFX":
            strip, added = (part if part != "0" else "" for part in fields[2:4])
            condition = "" if fields[4] == "." else fields[4]
            rules[fields[1]].append((strip, added.split("/")[0], re.compile(f"{condition}$")))
    return rules


def _expand(word: str, flags: Iterable[str], rules: Mapping[str, list[_Rule]]) -> Iterator[str]:
    yield word
    for flag in flags:
        for strip, added, condition in rules.get(flag, ()):
            if word.endswith(strip) and condition.search(word):
                yield word[: len(word) - len(strip)] + added


def _split_flags(word: str, flags: str, verbal: set[str]) -> Iterator[tuple[str, str]]:
    """Yield each kind that the entry is, and its flags: «мати» is a noun and a verb."""
    if not _INFINITIVE.search(word):
        is_adjective = word.endswith(("ий", "ій")) and word.islower()
        yield ("adjective" if is_adjective else "noun"), flags
        return
    of_verb = "".join(flag for flag in flags if flag in verbal)
    of_noun = "".join(flag for flag in flags if flag not in verbal)
    if of_verb or word.endswith(("ся", "сь")):
        yield "verb", of_verb
    if of_noun or not of_verb:
        yield "noun", of_noun


def _hunspell_files() -> tuple[list[str], list[str]]:
    """Return the lines of the affix file and of the word list, from a Debian package: an ar."""
    with urllib.request.urlopen(UKRAINIAN_DEB) as answer:
        package: bytes = answer.read()
    if hashlib.sha256(package).hexdigest() != UKRAINIAN_SHA256:
        raise SystemExit(f"{UKRAINIAN_DEB}: not the file that was pinned")
    place = 8
    while not package[place : place + 16].startswith(b"data.tar.xz"):
        size = int(package[place + 48 : place + 58])
        place += 60 + size + size % 2
    size = int(package[place + 48 : place + 58])
    content = io.BytesIO(lzma.decompress(package[place + 60 : place + 60 + size]))
    with tarfile.open(fileobj=content) as archive:
        affixes, entries = (
            archive.extractfile(f"./usr/share/hunspell/uk_UA.{ending}") for ending in ("aff", "dic")
        )
        assert affixes is not None  # both are files, not folders
        assert entries is not None
        return affixes.read().decode().splitlines(), entries.read().decode().splitlines()[1:]
