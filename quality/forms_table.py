"""Generator of `forms_uk.txt.xz`, `forms_ru.txt.xz` and `readings.txt`: `make forms`.

A form is listed where Snowball gives it another stem than its dictionary word. Words of Ukrainian
and Russian that correspond, such as «війна» and «война», have one stem.
"""

import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import nlargest
from pathlib import Path

from bot.text.forms import PATHS, encode_rule
from bot.text.readings import READINGS
from bot.text.stemming import fold, snowball_stem
from quality.forms_sources import Lemma, Paradigms, frequencies, normal, russian, ukrainian

# Of the most frequent words of each language.
LEMMAS = 30_000
# Irregular plurals and the like, which dictionaries list as words of their own.
IRREGULAR = Path(__file__).with_name("forms_irregular.txt")
# Ukrainian words and Russian ones of other roots that share forms: «людина» and «человек».
PAIRS = Path(__file__).with_name("forms_pairs.txt")
# Ukrainian and Russian words that look alike and mean different things.
FALSE_FRIENDS = Path(__file__).with_name("forms_false_friends.txt")

_DOUBLED = re.compile(r"([^\W\d_])\1")
_UKRAINIAN_INFINITIVE = re.compile(r"ти(ся|сь)?$")
_REFLEXIVE = re.compile(r"с[яь]$")
_ADJECTIVE_ENDING = re.compile(r"(?:ий|ои|ой|ей|о|е)$")
_SURNAME_ENDING = re.compile(r"(?<=\w{4})(?:ов|ев)$")
_UKRAINIAN_LETTERS = re.compile(r"[іїєґ']")
_RUSSIAN_LETTERS = re.compile(r"[ыэъ]")
# How a Ukrainian word differs from the Russian one that it corresponds to.
_CORRESPONDENCES = (
    (re.compile("^від"), ("от",)),
    (re.compile("^під"), ("под",)),
    (re.compile("^роз(?=[кпстфхцчшщ])"), ("рас",)),
    (re.compile("^роз"), ("раз",)),
    (re.compile("ння$"), ("ние",)),
    (re.compile("ття$"), ("тие",)),
    (re.compile("ськ"), ("ск",)),
    (re.compile("увати"), ("овать", "ывать")),
    (re.compile("ьо|йо"), ("е",)),
)
_VOWELS = re.compile("і")
# Whoever types a form is asked which word it is of if two of them have this share of the form's
# occurrences, and occur in it so many times in a million words.
MIN_SHARE = 0.05
MIN_RATE = 0.3
# Letters of a form that a button names.
MAX_EXAMPLE = 10
# Corresponding words are about as frequent.
_MAX_RATIO = 30

Weights = Mapping[str, Mapping[Lemma, float]]
Stems = dict[tuple[str, Lemma], str]
# Of a form: how often it is of each stem and language.
Readings = Mapping[str, Counter[tuple[str, str]]]


def main() -> None:
    """Write both tables, and print their sizes."""
    rates = {language: frequencies(language) for language in PATHS}
    paradigms = {"uk": with_irregular(ukrainian(rates["uk"])), "ru": russian(rates["ru"])}
    weights = {language: lemma_weights(paradigms[language], rates[language]) for language in PATHS}
    stems = lemma_stems(weights)
    readings = form_readings(paradigms, rates, weights, stems)
    chosen = {form: _most_frequent(counts) for form, counts in readings.items()}
    typed = {lemma.word for of_language in weights.values() for lemma in of_language}
    READINGS.write_text("".join(sorted(ambiguous_lines(readings, typed))), "utf-8")
    for language, path in PATHS.items():
        lines = sorted(
            f"{form} {encode_rule(form, stem)}".encode("cp1251")
            for form, (stem, of_language) in chosen.items()
            if of_language == language and stem != snowball_stem(form)
        )
        text = b"\n".join(lines).decode("cp1251")
        path.write_bytes(lzma.compress(text.encode(), preset=9))
        print(f"{path.name}: {len(lines)} forms, {path.stat().st_size / 1e6:.2f} MB")  # noqa: T201


def with_irregular(paradigms: Paradigms) -> Paradigms:
    """Return the paradigms with the irregular forms at their words, and at no other."""
    forms = {lemma: set(theirs) for lemma, theirs in paradigms.forms.items()}
    for line in IRREGULAR.read_text("utf-8").splitlines():
        name, _, listed = line.partition(":")
        if not listed:
            continue
        word, _, kind = name.partition("/")
        irregular = set(listed.split())
        own = [Lemma(each, kind) for each in irregular - {word}]
        for lemma in forms.keys() & own:
            del forms[lemma]
        forms.setdefault(Lemma(word, kind), {word}).update(irregular)
    return Paradigms({lemma: frozenset(theirs) for lemma, theirs in forms.items()}, {})


def lemma_weights(paradigms: Paradigms, rates: Mapping[str, float]) -> dict[Lemma, float]:
    """Return how often each of the most frequent words occurs, in all its forms.

    A form of several words counts for each in the share of its known probability, else of the
    word's other forms.
    """
    lemmas_of = lemmas_by_form(paradigms.forms)
    weights: Counter[Lemma] = Counter()
    for _ in range(4):
        found: Counter[Lemma] = Counter()
        for form, lemmas in lemmas_of.items():
            rate = rates.get(form, 0.0)
            if rate:
                for lemma, share in shares(form, lemmas, paradigms, weights).items():
                    found[lemma] += rate * share  # type: ignore[assignment]
        weights = found
    return dict(weights.most_common(LEMMAS))


def lemmas_by_form(forms: Mapping[Lemma, Iterable[str]]) -> dict[str, list[Lemma]]:
    """Return the words that each form belongs to."""
    found: defaultdict[str, list[Lemma]] = defaultdict(list)
    for lemma, theirs in forms.items():
        for form in theirs:
            found[form].append(lemma)
    return found


def shares(
    form: str, lemmas: Iterable[Lemma], paradigms: Paradigms, weights: Mapping[Lemma, float]
) -> dict[Lemma, float]:
    """Return the share that each word has in the occurrences of a form."""
    known = paradigms.probabilities.get(form, {})
    # Equal ones were not counted but assumed.
    if known and max(known.values()) > 1.01 * min(known.values()):
        return dict(known)
    found = {lemma: weights.get(lemma, 0.0) + 0.01 for lemma in lemmas}
    total = sum(found.values())
    return {lemma: weight / total for lemma, weight in found.items()}


def lemma_stems(weights: Weights) -> Stems:
    """Return the stem of each word of each language.

    Words that correspond share one. Of different words of a language with one Snowball stem the
    most frequent keeps it, and the others have themselves as stems.
    """
    pairs = corresponding(weights)
    stems: dict[tuple[str, Lemma], str] = {}
    families: defaultdict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for language, of_language in weights.items():
        for lemma, weight in of_language.items():
            model = pairs.get(lemma, lemma) if language == "uk" else lemma
            stems[language, lemma] = snowball_stem(as_russian(model))
            families[language, stems[language, lemma]][family(model)] += weight  # type: ignore[assignment]
    for (language, lemma), stem in stems.items():
        model = pairs.get(lemma, lemma) if language == "uk" else lemma
        first = families[language, stem].most_common(1)[0][0]
        if family(model) != first:
            own = identity(as_russian(model))
            stems[language, lemma] = own if own != stem else f"{own}{model.kind[0]}"
    return stems


def corresponding(weights: Weights) -> dict[Lemma, Lemma]:
    """Return the Russian word that each Ukrainian one corresponds to, where they differ."""
    same_meaning = dict(line.split() for line in PAIRS.read_text("utf-8").splitlines())
    false_friends = set(FALSE_FRIENDS.read_text("utf-8").split())
    russian_words = {(identity(as_russian(lemma)), lemma.kind): lemma for lemma in weights["ru"]}
    pairs = {}
    for lemma, weight in weights["uk"].items():
        own = (identity(as_russian(lemma)), lemma.kind)
        if other := russian_words.get((same_meaning.get(lemma.word, ""), lemma.kind)):
            pairs[lemma] = other
            continue
        if own in russian_words or lemma.word in false_friends:
            continue
        found = [
            russian_words[key]
            for word in variants(lemma.word)
            if (key := (identity(as_russian(Lemma(word, lemma.kind))), lemma.kind)) in russian_words
        ]
        found = [
            other
            for other in found
            if 1 / _MAX_RATIO < (weights["ru"][other] + 1) / (weight + 1) < _MAX_RATIO
        ]
        if found:
            pairs[lemma] = max(found, key=lambda other: weights["ru"][other])
    return pairs


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


def family(lemma: Lemma) -> tuple[str, str]:
    """Return what words that may share a stem have in common: быстрый, быстро; Иванов, Иван."""
    if lemma.kind == "verb":
        return "verb", identity(_REFLEXIVE.sub("", as_russian(lemma)))
    word = identity(lemma.word)
    is_adjective = lemma.kind == "adjective" or word.endswith("ий")
    if is_adjective:
        return "adjective", _ADJECTIVE_ENDING.sub("", word)
    return "noun", _SURNAME_ENDING.sub("", word)


def form_readings(
    paradigms: Mapping[str, Paradigms],
    rates: Mapping[str, Mapping[str, float]],
    weights: Weights,
    stems: Stems,
) -> Readings:
    """Return for each form how often it is of each stem, and of which language."""
    found: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for language, foreign in (("uk", _RUSSIAN_LETTERS), ("ru", _UKRAINIAN_LETTERS)):
        theirs = paradigms[language]
        known = {
            lemma: forms for lemma, forms in theirs.forms.items() if lemma in weights[language]
        }
        for form, lemmas in lemmas_by_form(known).items():
            if foreign.search(form):
                continue
            rate = rates[language].get(form, 0.0) + 1e-6
            for lemma, share in shares(form, lemmas, theirs, weights[language]).items():
                if (language, lemma) in stems:
                    found[form][stems[language, lemma], language] += rate * share  # type: ignore[assignment]
    return found


def ambiguous_lines(readings: Readings, typed: Collection[str]) -> Iterator[str]:
    """Yield each of the typed words that may be a form of another, with forms of both alone.

    The forms that stand for a word are its most frequent ones.
    """
    stems_of = {form: _by_stem(counts) for form, counts in readings.items()}
    examples: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for form, counts in stems_of.items():
        (stem, rate), *_ = counts.most_common(1)
        if len(form) <= MAX_EXAMPLE and rate >= MIN_RATE / 10 and rate > 0.99 * counts.total():
            examples[stem].append((rate, form))
    best = {stem: nlargest(3, found) for stem, found in examples.items()}
    for form in stems_of.keys() & typed:
        counts = stems_of[form]
        likely = [
            stem
            for stem, rate in counts.most_common()
            if rate >= MIN_RATE and rate >= MIN_SHARE * counts.total() and stem in best
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
