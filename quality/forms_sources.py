"""Sources of the tables of word forms: paradigms of three dictionaries, and word frequencies.

Ukrainian and English: the hunspell dictionaries uk_UA and en_US, as Debian packages them. Russian:
OpenCorpora's, as pymorphy3-dicts-ru packages it. Frequencies: news of ../shared/data, and wordfreq.
"""

import hashlib
import io
import lzma
import re
import tarfile
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

import pymorphy3
import wordfreq

from bot.text.stemming import NEGATIONS, words
from quality import data

# Debian packages, and their SHA-256.
UKRAINIAN = (
    "http://deb.debian.org/debian/pool/main/libr/libreoffice-dictionaries/"
    "hunspell-uk_7.5.0-1_all.deb",
    "8191ea5162b30f7ce5ad1bedd618590d1a8094bffeffb9745fd2035b6631a14a",
)
ENGLISH = (
    "http://deb.debian.org/debian/pool/main/s/scowl/hunspell-en-us_2020.12.07-2_all.deb",
    "04fdf8f6d3171d72980e8ebe4cb1a00c8100e609025cabb65dfb8f7170e65e07",
)
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
    "stories_en",
)
# Of the words that wordfreq knows; rarer ones are misprints, mostly.
_GENERAL_WORDS = 200_000

# Letters that a suffix rule cuts at the most.
_MAX_CUT = 12

_FUTURE = re.compile(r"тим(?:у|еш|е|емо|ете|уть)(?:с[яь])?$|тиметься$")
_INFINITIVE = re.compile(r"т(?:и|ися|ись)$")
_INFLECTED = {
    "NOUN": "noun", "INFN": "verb", "VERB": "verb", "GRND": "verb", "PRTF": "verb", "PRTS": "verb",
    "ADJF": "adjective", "ADJS": "adjective", "COMP": "adjective", "ADVB": "adjective",
}  # fmt: skip
_WORDS = {
    "uk": re.compile(r"[а-я'іїєґ]{2,}"),
    "ru": re.compile(r"[а-я'іїєґ]{2,}"),
    "en": re.compile(r"[a-z]{2,}"),
}
# Of a Ukrainian name without one in the nominative; so many forms tell a name from an adjective.
_CASE_ENDINGS = ("а", "у", "ові", "еві", "ом", "ем", "им", "і", "е", "я", "ю")
_MIN_CASES = 4
# Nouns too, but rather forms of verbs: the wounded, buildings.
_VERBAL = re.compile(r"(?:ings?|ed)$")
_SIBILANTS = ("s", "x", "z", "ch", "sh", "o")
# So many times as frequent a word may be as the one of a silent e that its forms look like.
_MAX_RATIO = 30


class Lemma(NamedTuple):
    """A dictionary word, casefolded and without ё, and what it is: noun, verb or adjective.

    Adverbs count as adjectives, and all that does not inflect as nouns.
    """

    word: str
    kind: str


# The forms of each word.
Paradigms = Mapping[Lemma, frozenset[str]]


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
    return {word: rate for word, rate in found.items() if _WORDS[language].fullmatch(word)}


def normal(word: str) -> str:
    """Return the word casefolded, with е for ё and ' for every apostrophe."""
    return word.casefold().replace("ё", "е").replace("’", "'").replace("ʼ", "'")


def ukrainian(seen: Mapping[str, float]) -> Paradigms:
    """Return the paradigms of the dictionary that have a form in `seen`.

    Raises:
        SystemExit: if the dictionary's file is another than the pinned one.
    """
    affixes, entries = _hunspell_files(*UKRAINIAN, "uk_UA")
    rules = _suffix_rules(affixes)
    verbal = {
        flag
        for flag, of_flag in rules.items()
        if 2 * sum(len(of_flag[strip]) for strip in of_flag if _INFINITIVE.search(strip))
        > sum(map(len, of_flag.values()))
    }
    # A paradigm keeps its first two letters, with few exceptions, so most are left out early.
    beginnings = {word[:2] for word in seen}
    lines = (*entries, *EXTRA_UKRAINIAN.read_text("utf-8").splitlines())
    found = [entry for entry in map(_entry, lines) if normal(entry[0])[:2] in beginnings]
    forms: defaultdict[Lemma, set[str]] = defaultdict(set)
    # Entries without flags are single forms: «Ростова» beside «Ростов».
    single = {normal(word) for word, flags in found if not flags and word[:1].isupper()}
    for name, theirs in names_of(single).items():
        forms[Lemma(name, "noun")] |= theirs
    for word, flags in found:
        for kind, of_kind in _split_flags(word, flags, verbal) if flags else ():
            theirs = {normal(form) for form in _expand(word, of_kind, rules)}
            # The stem of the future is that of the infinitive, whose flag looks like a noun's.
            theirs = {form for form in theirs if not _FUTURE.search(form)}
            is_verb_again = kind == "noun" and len(theirs) == 1 and _INFINITIVE.search(word)
            if not is_verb_again and not seen.keys().isdisjoint(theirs):
                for lemma, of_lemma in _part_reflexive(Lemma(normal(word), kind), theirs):
                    forms[lemma] |= of_lemma
    return {
        lemma: frozenset(theirs)
        for lemma, theirs in forms.items()
        if not seen.keys().isdisjoint(theirs)
    }


def _entry(line: str) -> tuple[str, str]:
    """Return word and flags; of «Івано-Франківськ» the last part, for text is split at hyphens."""
    word, _, flags = line.split("\t")[0].strip().partition("/")
    first_part, _, last_part = word.rpartition("-")
    if not first_part:
        return word, flags
    return (last_part, flags) if last_part[:1].isupper() else ("", "")


def _part_reflexive(lemma: Lemma, forms: set[str]) -> Iterator[tuple[Lemma, set[str]]]:
    """Yield the word and its reflexive verb with the forms of each: an entry has those of both."""
    reflexive = {form for form in forms if lemma.kind == "verb" and form.endswith(("ся", "сь"))}
    if reflexive:
        yield Lemma(f"{lemma.word.removesuffix('ся')}ся", lemma.kind), reflexive
    if forms - reflexive:
        yield lemma, forms - reflexive


def names_of(single: Set[str]) -> dict[str, set[str]]:
    """Return the forms of each name that the dictionary lists form by form: Ростов, Ростова.

    Of names without an ending, which are most of them.
    """
    found = {
        name: {name} | (single & {f"{name}{ending}" for ending in _CASE_ENDINGS}) for name in single
    }
    return {name: theirs for name, theirs in found.items() if len(theirs) >= _MIN_CASES}


def english(seen: Mapping[str, float]) -> Paradigms:
    """Return the paradigms of the words of the dictionary that have a form in `seen`.

    Which words are forms of which is told by their spelling, for the dictionary, made to be short,
    has «passed» at «passe». A noun that it lists, such as «left», is a form of no other word.

    Raises:
        SystemExit: if the dictionary's file is another than the pinned one.
    """
    affixes, entries = _hunspell_files(*ENGLISH, "en_US")
    rules, prefixes = _suffix_rules(affixes), _prefixes(affixes)
    flags_of = dict(line.strip().partition("/")[::2] for line in entries if line[:1].isalpha())
    vocabulary = {
        normal(f"{prefix}{form}")
        for word, flags in flags_of.items()
        for form in _expand(word, flags, rules)
        for prefix in ("", *(prefixes[flag] for flag in flags if flag in prefixes))
    }
    vocabulary &= seen.keys()
    # Whether «building» is a noun or a form of «build» is told by «buildings».
    nouns = {word for word, flags in flags_of.items() if "M" in flags and not _VERBAL.search(word)}
    forms = {
        word: {word} | (regular_forms(word, vocabulary) - nouns if len(word) > 2 else set())
        for word in sorted(vocabulary - NEGATIONS)  # «noted» is of «note»
    }
    # «united» is of «unite» rather than of «unit», but «singing» of «sing», for «singe» is rare.
    forms = {
        word: theirs - forms[f"{word}e"]
        if seen.get(f"{word}e", 0.0) * _MAX_RATIO > seen[word] and f"{word}e" in forms
        else theirs
        for word, theirs in forms.items()
    }
    # Nor is «seed» one of «see», for it has forms of its own; «using» is none of «us».
    pasts = {word for word, theirs in forms.items() if word.endswith("ed") and len(theirs) > 2}
    forms = {word: theirs - (pasts - {word}) for word, theirs in forms.items()}
    claimed = {form for word, theirs in forms.items() for form in theirs - {word}}
    return {
        Lemma(word, "noun"): frozenset(theirs)
        for word, theirs in forms.items()
        if word not in claimed or len(theirs) > 1
    }


def regular_forms(word: str, vocabulary: Collection[str]) -> set[str]:
    """Return the words of the vocabulary that are forms of an English word by their spelling."""
    plain, silent = word, word.removesuffix("e")
    if word.endswith("y") and word[-2:-1] not in "aeou":
        silent, plural = f"{word[:-1]}i", f"{word[:-1]}ies"
    else:
        plural = f"{word}es" if word.endswith(_SIBILANTS) else f"{word}s"
    if f"{word}{word[-1:]}ing" in vocabulary or f"{word}{word[-1:]}est" in vocabulary:
        plain = silent = f"{word}{word[-1:]}"
    gerund = plain if word.endswith(("y", "ee", "oe", "ye")) else plain.removesuffix("e")
    degrees = {f"{silent}er", f"{silent}est"}
    found = {plural, f"{silent}ed", f"{gerund}ing"}
    if word.endswith("o"):
        found.add(f"{word}s")
    # «reporter» is no comparative, for there is no superlative.
    if degrees.issubset(vocabulary):
        found |= degrees
    return found.intersection(vocabulary) - {word}


def russian(seen: Iterable[str]) -> tuple[Paradigms, dict[str, dict[Lemma, float]]]:
    """Return the paradigms of OpenCorpora's dictionary that have a form in `seen`.

    And the shares that words have in the forms that OpenCorpora counted in its marked texts.
    """
    analyzer = pymorphy3.MorphAnalyzer(lang="ru")
    known = analyzer.prob_estimator.p_t_given_w
    extra = EXTRA_RUSSIAN.read_text("utf-8").split()
    forms: defaultdict[Lemma, set[str]] = defaultdict(set)
    lexemes: set[tuple[Lemma, str]] = set()
    counted: dict[str, dict[Lemma, float]] = {}
    for word in (*sorted(seen), *extra):
        if word not in extra and not analyzer.word_is_known(word):
            continue
        shares: defaultdict[Lemma, float] = defaultdict(float)
        for parse in analyzer.parse(word)[: 1 if word in extra else None]:
            if (kind := _INFLECTED.get(str(parse.tag.POS))) is None:
                continue
            lemma = Lemma(normal(parse.normal_form), kind)
            shares[lemma] += known.prob(word, parse.tag)
            # Of words spelt alike, such as писать, each has forms of its own.
            lexeme = " ".join(normal(each.word) for each in parse.lexeme)
            if (lemma, lexeme) not in lexemes:
                lexemes.add((lemma, lexeme))
                forms[lemma].update(lexeme.split())
        if total := sum(shares.values()):
            counted[word] = {lemma: share / total for lemma, share in shares.items()}
    return {lemma: frozenset(theirs) for lemma, theirs in forms.items()}, counted


# Of one flag: by what they cut, what they add and which words they are for.
_Rules = dict[str, list[tuple[str, re.Pattern[str]]]]


def _suffix_rules(lines: Iterable[str]) -> dict[str, _Rules]:
    rules: defaultdict[str, _Rules] = defaultdict(dict)
    for fields in map(str.split, lines):
        if len(fields) >= 5 and fields[0] == "SFX":
            strip, added = (part if part != "0" else "" for part in fields[2:4])
            condition = "" if fields[4] == "." else fields[4]
            of_strip = rules[fields[1]].setdefault(strip, [])
            of_strip.append((added.split("/")[0], re.compile(f"{condition}$")))
    return rules


def _prefixes(lines: Iterable[str]) -> dict[str, str]:
    """Return what each flag puts before a word and its forms: re-, of «unite/A»."""
    rules = (line.split() for line in lines if line.startswith("PFX"))
    return {fields[1]: fields[3] for fields in rules if len(fields) >= 5}


def _expand(word: str, flags: Iterable[str], rules: Mapping[str, _Rules]) -> Iterator[str]:
    yield word
    for of_flag in (rules[flag] for flag in flags if flag in rules):
        for kept in range(max(0, len(word) - _MAX_CUT), len(word) + 1):
            for added, condition in of_flag.get(word[kept:], ()):
                if condition.search(word):
                    yield word[:kept] + added


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


def _hunspell_files(url: str, sha256: str, name: str) -> tuple[list[str], list[str]]:
    """Return the lines of the affix file and of the word list, from a Debian package: an ar."""
    try:
        with urllib.request.urlopen(url) as answer:
            package: bytes = answer.read()
    except OSError as error:
        raise SystemExit(f"the dictionary {url} cannot be read: {error}") from None
    if hashlib.sha256(package).hexdigest() != sha256:
        raise SystemExit(f"{url}: not the file that was pinned")
    place = 8
    while not package[place : place + 16].startswith(b"data.tar.xz"):
        size = int(package[place + 48 : place + 58])
        place += 60 + size + size % 2
    size = int(package[place + 48 : place + 58])
    content = io.BytesIO(lzma.decompress(package[place + 60 : place + 60 + size]))
    with tarfile.open(fileobj=content) as archive:
        affixes, entries = (
            archive.extractfile(f"./usr/share/hunspell/{name}.{ending}")
            for ending in ("aff", "dic")
        )
        assert affixes is not None  # both are files, not folders
        assert entries is not None
        return affixes.read().decode().splitlines(), entries.read().decode().splitlines()[1:]
