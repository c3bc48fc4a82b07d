"""A short summary: the article's own most telling sentences, as they stand. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.model import ArticleLanguage
from bot.stories.boilerplate import is_cut_off, is_filler, paragraphs, trim, without_cut
from bot.stories.sentences import depends_on_context, is_broken_quotation, split
from bot.text.stemming import stems, words

MAX_CHARS = 500
MAX_SENTENCES = 3

# Only so much is read: news tells the main thing first.
READ_CHARS = 10_000

# A shorter one rarely says anything by itself: «Подробности уточняются.»
SHORT_CHARS = 40
LONG_CHARS = 320
# So long a sentence has room for a fact and its circumstances.
FULL_CHARS = 200
# «На заре» says nothing at all.
FEW_STEMS = 3

# So large a share of a sentence's words in the headline, or chosen already, adds nothing.
REPEATS_TITLE = 0.8
REPEATS_CHOSEN = 0.65

# What speaks for a sentence, and against it, in any language. These and the `Weights` were tuned
# on one half of summaries_en and of articles_tsn_uk.
HAS_FIGURES = 0.1
RECALLS = 1.2
LEANS = 0.1
IS_BROKEN = 0.8
ASKS = 0.5
IS_SHORT = 0.5

_STOPS = (".", "!", "?", "…", "»", "”", '"', "'", ")")
_SPEECH = ("«", "“", '"', "—", "–", "-")

# They tell old news.
_RECALLING = frozenset({"ранее", "напомним", "раніше", "нагадаємо", "earlier", "previously"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What counts for how much in a sentence: its place, its words and its length."""

    early: float
    later: float  # by so much a place is worth less with each sentence before it
    on_headline: float
    on_subject: float  # its words return in the article
    central: float  # and in many sentences of it
    is_full: float
    is_speech: float
    is_long: float
    sentences: int  # so many are read


# A Ukrainian newsroom tells it all at the beginning, and a Russian one is taken for the same; an
# English one comes back to what matters.
USUAL = Weights(
    early=0.8,
    later=0.9,
    on_headline=0.8,
    on_subject=1.0,
    central=0.0,
    is_full=0.0,
    is_speech=0.5,
    is_long=0.3,
    sentences=24,
)
ENGLISH = Weights(
    early=1.0,
    later=4.0,
    on_headline=0.3,
    on_subject=0.5,
    central=3.0,
    is_full=0.8,
    is_speech=0.5,
    is_long=0.0,
    sentences=40,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """`place` counts what was left out too, so that neighbours are neighbours in the article."""

    place: int
    text: str
    stems: frozenset[str]
    leans: bool
    is_broken: bool


def summarise(title: str, text: str, *, language: ArticleLanguage = "other") -> str:
    """Return one to three sentences of the text, in its order, of `MAX_CHARS` at most.

    What only repeats the headline is left out, so the summary may be empty. A sentence is cut,
    at a word, only if not one whole sentence fits.
    """
    weights = ENGLISH if language == "en" else USUAL
    headline = frozenset(stems(title))
    told = [
        sentence
        for sentence in _sentences(title, text, weights.sentences)
        if _overlap(sentence.stems, headline) < REPEATS_TITLE
    ]
    whole = [sentence for sentence in told if len(sentence.text) <= MAX_CHARS]
    if not whole:
        return _cut(told[0].text) if told else ""
    worth = _worth(told, headline, weights)
    best_first = sorted(whole, key=lambda sentence: -worth[sentence.place])
    chosen = _choose(best_first) or best_first[:1]
    return " ".join(sentence.text for sentence in sorted(chosen, key=lambda each: each.place))


def _sentences(title: str, text: str, most: int) -> Iterator[_Sentence]:
    found = tuple(islice(_article(title, text), most))
    if len(found) > 1 and is_cut_off(found[-1][0]):
        found = found[:-1]
    for place, (sentence, is_broken) in enumerate(found):
        said = frozenset(stems(sentence))
        if len(said) >= FEW_STEMS and not is_filler(sentence):
            yield _Sentence(
                place=place,
                text=_ended(sentence),
                stems=said,
                leans=depends_on_context(sentence),
                is_broken=is_broken,
            )


def _article(title: str, text: str) -> Iterator[tuple[str, bool]]:
    """Go through the sentences, each with whether it is a broken quotation."""
    for paragraph in paragraphs(text[:READ_CHARS].strip().removeprefix(title)):
        sentences = split(paragraph)
        for sentence, is_broken in zip(sentences, is_broken_quotation(sentences), strict=True):
            yield trim(" ".join(sentence.split())), is_broken


def _ended(sentence: str) -> str:
    """Give a subtitle the stop that it lacks, and a sentence that the feed broke off its "…"."""
    if is_cut_off(sentence):
        return without_cut(sentence) + "…"
    return sentence if sentence.endswith(_STOPS) else f"{sentence}."


def _cut(sentence: str) -> str:
    kept = sentence[: MAX_CHARS - 1]
    return (kept.rpartition(" ")[0] or kept).rstrip(" ,;:–—-") + "…"


def _worth(
    told: Sequence[_Sentence], headline: frozenset[str], weights: Weights
) -> Mapping[int, float]:
    """Weigh the sentences, by their places: for the news in them, less what mars their form."""
    times = Counter(stem for sentence in told for stem in sentence.stems)
    # How many words of other sentences it says, as a share of the most that one does.
    echoes = {each.place: sum(times[stem] - 1 for stem in each.stems) for each in told}
    most = max(echoes.values()) or 1
    return {
        each.place: weights.early / (1 + weights.later * each.place)
        + weights.on_headline * _overlap(headline, each.stems)
        + weights.on_subject * sum(times[stem] > 1 for stem in each.stems) / len(each.stems)
        + weights.central * echoes[each.place] / most
        + weights.is_full * min(len(each.text) / FULL_CHARS, 1)
        + HAS_FIGURES * any(map(str.isdigit, each.text))
        - weights.is_speech * each.text.startswith(_SPEECH)
        - weights.is_long * (len(each.text) > LONG_CHARS)
        - _flaws(each)
        for each in told
    }


def _flaws(sentence: _Sentence) -> float:
    first = next(iter(words(sentence.text)), "")
    return (
        RECALLS * (first in _RECALLING)
        + LEANS * sentence.leans
        + IS_BROKEN * sentence.is_broken
        + ASKS * sentence.text.endswith("?")
        + IS_SHORT * (len(sentence.text) < SHORT_CHARS)
    )


def _choose(best_first: Sequence[_Sentence]) -> list[_Sentence]:
    """Take the best, and then what fits and says something else."""
    chosen: list[_Sentence] = []
    while len(chosen) < MAX_SENTENCES:
        # Begun anew each time: one that leans may follow once the sentence before it is chosen.
        fitting = next((each for each in best_first if _fits(each, chosen)), None)
        if fitting is None:
            break
        chosen.append(fitting)
    return chosen


def _fits(sentence: _Sentence, chosen: Sequence[_Sentence]) -> bool:
    hangs = sentence.leans and all(each.place != sentence.place - 1 for each in chosen)
    if hangs or sentence.is_broken:
        return False
    said = frozenset[str]().union(*(each.stems for each in chosen))
    length = sum(len(each.text) + 1 for each in chosen) + len(sentence.text)
    is_worth_it = not chosen or len(sentence.text) >= SHORT_CHARS
    return length <= MAX_CHARS and is_worth_it and _overlap(sentence.stems, said) < REPEATS_CHOSEN


def _overlap(these: frozenset[str], those: frozenset[str]) -> float:
    """Return the share of `these` that are among `those`, from 0 to 1; of none, none are."""
    return len(these & those) / len(these) if these else 0.0
