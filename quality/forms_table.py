"""Generator of the tables of word forms and of readings: `make forms`.

A form is listed where the rules give it another stem than its dictionary word has. Words of
Ukrainian and Russian that correspond, such as «війна» and «война», have one stem; different words
of a language have different ones.
"""

import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import nlargest
from pathlib import Path

from bot.text.forms import PATHS, encode_rule
from bot.text.readings import READINGS
from bot.text.stemming import fold, nominal_stem, unlisted_stem
from quality import data
from quality.forms_sources import (
    Lemma,
    Paradigms,
    english,
    frequencies,
    normal,
    russian,
    ukrainian,
)
from quality.forms_weights import Frequencies, estimate

# All forms of so many words of each language are listed; of rarer ones those that were seen.
LEMMAS = 30_000
# Irregular plurals and the like, which dictionaries list as words of their own.
IRREGULAR = {
    language: Path(__file__).with_name(f"forms_irregular_{language}.txt") for language in PATHS
}
# Words that are one with a Russian word, whatever their spelling: «людина» and «человек».
PAIRS = Path(__file__).with_name("forms_pairs.txt")
# Ukrainian and Russian words that look alike and mean different things.
FALSE_FRIENDS = Path(__file__).with_name("forms_false_friends.txt")

_ADVERB = "adjective"
_DOUBLED = re.compile(r"([^\W\d_])\1")
_UKRAINIAN_INFINITIVE = re.compile(r"ти(ся|сь)?$")
_REFLEXIVE = re.compile(r"с[яь]$")
# Of an adverb, and of the adjectives that it may be of.
_ADVERB_ENDING, _ADJECTIVE_ENDINGS = re.compile(r"[ое]$"), ("ый", "ий", "ой")
_FOREIGN_LETTERS = {
    "uk": re.compile("[ыэъ]"),
    "ru": re.compile("[іїєґ']"),
    "en": re.compile("[^a-z]"),
}
# How a Ukrainian word differs from the Russian one that it corresponds to.
_CORRESPONDENCES = (
    (re.compile("^від"), ("от",)),
    (re.compile("^під"), ("под",)),
    (re.compile("^роз(?=[кпстфхцчшщ])"), ("рас",)),
    (re.compile("^роз"), ("раз",)),
    (re.compile("ння$"), ("ние",)),
    (re.compile("ття$"), ("тие",)),
    (re.compile("ськ"), ("ск",)),
    (re.compile("ий$"), ("ой",)),
    (re.compile("увати"), ("овать", "ывать")),
    (re.compile("ьо|йо|ї"), ("е",)),
    (re.compile(r"(.)\1я$"), (r"\1ье",)),
    (re.compile(r"(?<=[бвп])ель$"), ("ль",)),
)
_VOWELS = re.compile("і")
# Whoever types a form is asked which word it is of if two of them have this share of the form's
# occurrences, and occur in it so many times in a million words.
MIN_SHARE = 0.03
MIN_RATE = 0.3
# Of a word that the form is the dictionary form of.
MIN_TYPED, MIN_TYPED_RATE = 0.003, 2.0
# Letters of a form that a button names.
MAX_EXAMPLE = 10
# Corresponding words are about as frequent.
_MAX_RATIO = 30

Weights = Mapping[str, Mapping[Lemma, float]]
Stems = dict[tuple[str, Lemma], str]
# Of a form: how often it is of each stem and language.
Readings = Mapping[str, Counter[tuple[str, str]]]


def main() -> None:
    """Write the tables, and print their sizes."""
    data.mention_sample()
    rates = {language: frequencies(language) for language in PATHS}
    of_russian, counted = russian(rates["ru"])
    paradigms = {
        "uk": with_irregular(ukrainian(rates["uk"]), IRREGULAR["uk"]),
        "ru": with_irregular(of_russian, IRREGULAR["ru"]),
        "en": with_irregular(english(rates["en"]), IRREGULAR["en"]),
    }
    known = {
        language: estimate(
            paradigms[language], rates[language], counted if language == "ru" else {}
        )
        for language in PATHS
    }
    weights = {language: known[language].words for language in PATHS}
    stems = lemma_stems(weights)
    readings = form_readings(known, rates, stems)
    data.written_path(READINGS).write_text(
        "".join(sorted(ambiguous_lines(readings, typed_words(weights, stems)))), "utf-8"
    )
    for language, lines in table_lines(readings).items():
        path = data.written_path(PATHS[language])
        path.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9))
        print(f"{path.name}: {len(lines)} forms, {path.stat().st_size / 1e6:.2f} MB")  # noqa: T201


def table_lines(readings: Readings) -> dict[str, list[str]]:
    """Return the lines of the table of each language: the forms that the rules stem wrongly."""
    listed: dict[str, str] = {}
    lines: dict[str, list[str]] = {language: [] for language in PATHS}

    def base_stem(form: str) -> str:
        return listed.get(form) or unlisted_stem(form, base_stem)

    # The stem of a reflexive form is made of that of the form without its ending.
    for form in sorted(readings, key=lambda form: (bool(_REFLEXIVE.search(form)), form)):
        stem, language = _most_frequent(readings[form])
        if stem != base_stem(form):
            listed[form] = stem
            lines[language].append(f"{form} {encode_rule(form, stem)}")
    return {
        language: sorted(found, key=lambda line: line.encode("cp1251"))
        for language, found in lines.items()
    }


def first(weights: Mapping[Lemma, float]) -> list[Lemma]:
    """Return the words whose forms are listed whether they were seen or not."""
    return nlargest(LEMMAS, weights, key=lambda lemma: (weights[lemma], lemma))


def with_irregular(paradigms: Paradigms, path: Path) -> Paradigms:
    """Return the paradigms with the irregular forms at their words.

    What has no plural is no word itself: «men» and «went», but not «rose».
    """
    forms = {lemma: set(theirs) for lemma, theirs in paradigms.items()}
    for line in path.read_text("utf-8").splitlines():
        name, _, listed = line.partition(":")
        if not listed:
            continue
        word, _, kind = name.partition("/")
        irregular = set(listed.split())
        # «ночью» is an adverb in the dictionary.
        own = {Lemma(each, any_kind) for each in irregular - {word} for any_kind in (kind, _ADVERB)}
        for lemma in forms.keys() & own:
            if forms[lemma] <= irregular or not forms[lemma] & {
                f"{lemma.word}s",
                f"{lemma.word}es",
            }:
                del forms[lemma]
        forms.setdefault(Lemma(word, kind), {word}).update(irregular)
    return {lemma: frozenset(theirs) for lemma, theirs in forms.items()}


def lemma_stems(weights: Weights) -> Stems:
    """Return the stem of each word of each language.

    Words that correspond share one, and so do an adjective and its adverb. Of other words of a
    language with one stem by the rules the most frequent keeps it, and the others have themselves.
    """
    pairs = corresponding(weights)
    families: dict[tuple[str, Lemma], Lemma] = {}
    totals: Counter[Lemma] = Counter()
    languages: defaultdict[Lemma, set[str]] = defaultdict(set)
    for language, of_language in weights.items():
        for lemma, weight in of_language.items():
            head = adjective_of(lemma, of_language) or lemma
            model = pairs.get(head, head) if language == "uk" else head
            families[language, lemma] = model
            totals[model] += weight  # type: ignore[assignment]
            languages[model].add(language)
    stems: dict[Lemma, str] = {}
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for model in sorted(totals, key=lambda model: (-totals[model], model)):
        stem = unlisted_stem(as_russian(model), nominal_stem)
        if taken[stem] & languages[model]:
            stem = identity(as_russian(model))
        while taken[stem] & languages[model]:
            stem += model.kind[0]
        taken[stem] |= languages[model]
        stems[model] = stem
    return {key: stems[model] for key, model in families.items()}


def adjective_of(lemma: Lemma, words: Collection[Lemma]) -> Lemma | None:
    """Return the adjective of an adverb, or of a noun that is spelt alike: рабочий."""
    beginning = _ADVERB_ENDING.sub("", lemma.word)
    is_adverb = lemma.kind == "adjective" and beginning != lemma.word
    if not is_adverb and lemma.kind != "noun":
        return None
    spellings = (
        [f"{beginning}{ending}" for ending in _ADJECTIVE_ENDINGS] if is_adverb else [lemma.word]
    )
    found = (Lemma(spelling, "adjective") for spelling in spellings)
    return next((adjective for adjective in found if adjective in words), None)


def corresponding(weights: Weights) -> dict[Lemma, Lemma]:
    """Return the Russian word that each Ukrainian one corresponds to."""
    same_meaning = dict(line.split() for line in PAIRS.read_text("utf-8").splitlines())
    false_friends = set(FALSE_FRIENDS.read_text("utf-8").split())
    russian_words: dict[tuple[str, str], Lemma] = {}
    for lemma in sorted(weights["ru"], key=lambda lemma: (weights["ru"][lemma], lemma)):
        russian_words[_key(lemma)] = lemma
    frequent = set(first(weights["uk"]))
    pairs = {}
    for lemma in weights["uk"]:
        if lemma.word in false_friends:
            continue
        spellings = {lemma.word} | (variants(lemma.word) if lemma in frequent else set())
        alike = {
            spelling: known
            for spelling in spellings
            if (known := russian_words.get(_key(Lemma(spelling, lemma.kind))))
            and not _differ_in_vowel(lemma.word, known.word)
        }
        meant = russian_words.get(_key(Lemma(same_meaning.get(lemma.word, ""), lemma.kind)))
        if known := meant or alike.get(lemma.word) or _likeliest(lemma, alike.values(), weights):
            pairs[lemma] = known
    return pairs


def _likeliest(lemma: Lemma, found: Iterable[Lemma], weights: Weights) -> Lemma | None:
    """Return the Russian word that is about as frequent: бік is бок rather than бек."""
    ratios = {other: (weights["ru"][other] + 1) / (weights["uk"][lemma] + 1) for other in found}
    alike = [other for other in ratios if 1 / _MAX_RATIO < ratios[other] < _MAX_RATIO]
    return max(
        alike, key=lambda other: (other.word.count("о"), weights["ru"][other], other), default=None
    )


def _key(lemma: Lemma) -> tuple[str, str]:
    return identity(as_russian(lemma)), lemma.kind


def _differ_in_vowel(ukrainian_word: str, russian_word: str) -> bool:
    """Tell whether і stands where Russian has ы: «дім» is no «дым»."""
    letters = zip(ukrainian_word, russian_word, strict=False)
    return any(one in "ії" and other == "ы" for one, other in letters)


def variants(word: str) -> set[str]:
    """Return how the Russian word may be spelt that corresponds to a Ukrainian one."""
    found = {word}
    for pattern, replacements in _CORRESPONDENCES:
        found |= {pattern.sub(new, each) for each in found for new in replacements}
    for each in list(found):
        places = [match.start() for match in _VOWELS.finditer(each)][:3]
        for letters in _choices(len(places)):
            spelling = list(each)
            for place, letter in zip(places, letters, strict=True):
                spelling[place] = letter
            found.add("".join(spelling))
    return found


def _choices(count: int) -> Iterator[tuple[str, ...]]:
    if not count:
        yield ()
        return
    for rest in _choices(count - 1):
        for letter in "иое":
            yield (letter, *rest)


def as_russian(lemma: Lemma) -> str:
    """Return the word with the infinitive's ending of Russian: «говорити» as «говорить»."""
    if lemma.kind != "verb":
        return lemma.word
    return _UKRAINIAN_INFINITIVE.sub(lambda match: f"ть{match[1] or ''}", lemma.word)


def identity(word: str) -> str:
    """Return the spelling by which words of two languages are compared."""
    return _DOUBLED.sub(r"\1", fold(normal(word)))


def form_readings(
    frequencies: Mapping[str, Frequencies], rates: Mapping[str, Mapping[str, float]], stems: Stems
) -> Readings:
    """Return for each form how often it is of each stem, and of which language.

    All forms of the frequent words, and those of rarer ones that were seen.
    """
    found: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for language, known in frequencies.items():
        foreign, frequent = _FOREIGN_LETTERS[language], set(first(known.words))
        for form, shares in known.shares.items():
            rate = rates[language].get(form, 0.0)
            if foreign.search(form) or not (rate or frequent.intersection(shares)):
                continue
            for lemma, share in shares.items():
                if stem := stems.get((language, lemma)):
                    found[form][stem, language] += (rate + 1e-6) * share  # type: ignore[assignment]
    return found


def typed_words(weights: Weights, stems: Stems) -> dict[str, set[str]]:
    """Return the words that people may type, each with the stems that it is a dictionary form of.

    Those of `MIN_TYPED_RATE` occurrences in a million words.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for language, of_language in weights.items():
        for lemma, rate in of_language.items():
            if rate >= MIN_TYPED_RATE:
                found[lemma.word].add(stems[language, lemma])
    return found


def ambiguous_lines(readings: Readings, typed: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield each of the typed words that may be a form of another, with forms of both alone.

    Each comes with the stems of the words that it is the dictionary form of, since that is what
    people type. The forms that stand for a word are its most frequent ones.
    """
    stems_of = {form: _by_stem(counts) for form, counts in readings.items()}
    examples: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for form, counts in stems_of.items():
        (stem, rate), *_ = counts.most_common(1)
        if len(form) <= MAX_EXAMPLE and rate >= MIN_RATE / 10 and rate > 0.99 * counts.total():
            examples[stem].append((rate, form))
    best = {stem: nlargest(3, found) for stem, found in examples.items()}
    for form in stems_of.keys() & typed.keys():
        counts = stems_of[form]
        likely = [
            stem
            for stem, rate in counts.most_common()
            if stem in best
            and rate >= (MIN_TYPED if stem in typed[form] else MIN_SHARE) * counts.total()
            and (rate >= MIN_RATE or stem in typed[form])
        ]
        if len(likely) > 1:
            shown = (",".join(example for _, example in best[stem]) for stem in likely[:3])
            yield f"{form} {' '.join(shown)}\n"


def _by_stem(counts: Mapping[tuple[str, str], float]) -> Counter[str]:
    by_stem: Counter[str] = Counter()
    for (stem, _), weight in counts.items():
        by_stem[stem] += weight  # type: ignore[assignment]
    return by_stem


def _most_frequent(counts: Mapping[tuple[str, str], float]) -> tuple[str, str]:
    by_stem = _by_stem(counts)
    best = max(by_stem, key=lambda stem: (by_stem[stem], stem))
    _, language = max(
        (weight, language) for (stem, language), weight in counts.items() if stem == best
    )
    return best, language


if __name__ == "__main__":
    main()
