"""Extractive summaries: the most informative sentences of an article, unchanged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model import ArticleLanguage
from bot.stories.boilerplate import (
    is_filler,
    is_truncated,
    paragraphs,
    without_attribution,
    without_ellipsis,
)
from bot.stories.sentences import broken_quotations, depends_on_context, split_sentences
from bot.text.stemming import snowball_stems, words

MAX_CHARS = 500
MAX_SENTENCES = 3

# Only the beginning is read: news tells the main thing first.
MAX_READ_CHARS = 10_000

# A shorter sentence is rarely understood by itself: «Подробности уточняются.»
MIN_CHARS = 40
LONG_CHARS = 320
# A sentence of this length has room for a fact and its circumstances.
FULL_CHARS = 200
# «На заре» has too few to mean anything.
MIN_STEMS = 3

# A sentence with a larger share of its words in the headline, or chosen already, adds nothing.
MAX_TITLE_OVERLAP = 0.8
MAX_CHOSEN_OVERLAP = 0.65

# Bonuses and penalties in any language. These and the `SentenceWeights` were tuned on one half of
# summaries_en and of articles_tsn_uk.
FIGURES_BONUS = 0.1
RECALL_PENALTY = 1.2
CONTEXT_PENALTY = 0.1
BROKEN_QUOTATION_PENALTY = 0.8
QUESTION_PENALTY = 0.5
SHORT_PENALTY = 0.5

_STOPS = (".", "!", "?", "…", "»", "”", '"', "'", ")")
_SPEECH = ("«", "“", '"', "—", "–", "-")

# A sentence that begins with one of them recalls old news.
_RECALLING = frozenset({"ранее", "напомним", "раніше", "нагадаємо", "earlier", "previously"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceWeights:
    """Weights of a sentence's features in one language; `max_sentences` are read.

    `early` is divided by 1 + `decay` for each sentence before. `on_subject` weighs words that
    recur in the article, `central` those that recur in many of its sentences.
    """

    early: float
    decay: float
    on_headline: float
    on_subject: float
    central: float
    is_full: float
    is_speech: float
    is_long: float
    max_sentences: int


# Ukrainian newsrooms tell everything at the beginning, and Russian ones are taken for the same;
# English ones come back to what matters.
DEFAULT_WEIGHTS = SentenceWeights(
    early=0.8,
    decay=0.9,
    on_headline=0.8,
    on_subject=1.0,
    central=0.0,
    is_full=0.0,
    is_speech=0.5,
    is_long=0.3,
    max_sentences=24,
)
ENGLISH_WEIGHTS = SentenceWeights(
    early=1.0,
    decay=4.0,
    on_headline=0.3,
    on_subject=0.5,
    central=3.0,
    is_full=0.8,
    is_speech=0.5,
    is_long=0.0,
    max_sentences=40,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """A sentence of the article; `position` counts those that were left out too."""

    position: int
    text: str
    stems: frozenset[str]
    depends_on_context: bool
    is_broken: bool


def summarise(title: str, text: str, *, language: ArticleLanguage = "other") -> str:
    """Return one to three sentences of the text, in its order, of `MAX_CHARS` at most.

    Sentences that only repeat the headline are left out, so the summary may be empty. A sentence
    is cut, at a word, only if no whole sentence fits.
    """
    weights = ENGLISH_WEIGHTS if language == "en" else DEFAULT_WEIGHTS
    headline = frozenset(snowball_stems(title))
    informative = [
        sentence
        for sentence in _read_sentences(title, text, weights.max_sentences)
        if _overlap(sentence.stems, headline) < MAX_TITLE_OVERLAP
    ]
    fitting = [sentence for sentence in informative if len(sentence.text) <= MAX_CHARS]
    if not fitting:
        cut = informative[0].text[: MAX_CHARS - 1] if informative else ""
        return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–—-") + "…" if cut else ""
    scores = _score_sentences(informative, headline, weights)
    ranked = sorted(fitting, key=lambda sentence: -scores[sentence.position])
    chosen: list[_Sentence] = []
    while len(chosen) < MAX_SENTENCES:
        # From the best again each time: one that depends on context may follow once the sentence
        # before it is chosen.
        best = next((sentence for sentence in ranked if _can_follow(sentence, chosen)), None)
        if best is None:
            break
        chosen.append(best)
    in_order = sorted(chosen or ranked[:1], key=lambda sentence: sentence.position)
    return " ".join(sentence.text for sentence in in_order)


def _read_sentences(title: str, text: str, max_sentences: int) -> list[_Sentence]:
    """Return the sentences that have something to say; the last is dropped if it is truncated."""
    article: list[tuple[str, bool]] = []
    for paragraph in paragraphs(text[:MAX_READ_CHARS].strip().removeprefix(title)):
        sentences = split_sentences(paragraph)
        for sentence, is_broken in zip(sentences, broken_quotations(sentences), strict=True):
            article.append((without_attribution(" ".join(sentence.split())), is_broken))
        if len(article) >= max_sentences:
            break
    article = article[:max_sentences]
    if len(article) > 1 and is_truncated(article[-1][0]):
        article.pop()
    return [
        _Sentence(
            position=position,
            text=_with_stop(sentence),
            stems=sentence_stems,
            depends_on_context=depends_on_context(sentence),
            is_broken=is_broken,
        )
        for position, (sentence, is_broken) in enumerate(article)
        if len(sentence_stems := frozenset(snowball_stems(sentence))) >= MIN_STEMS
        and not is_filler(sentence)
    ]


def _with_stop(sentence: str) -> str:
    """Add the stop that a subtitle lacks, and "…" to a truncated sentence."""
    if is_truncated(sentence):
        return without_ellipsis(sentence) + "…"
    return sentence if sentence.endswith(_STOPS) else f"{sentence}."


def _score_sentences(
    sentences: Sequence[_Sentence], headline: frozenset[str], weights: SentenceWeights
) -> Mapping[int, float]:
    """Score the sentences, by position: for their information, less the flaws of their form."""
    counts = Counter(stem for sentence in sentences for stem in sentence.stems)
    # How many words of other sentences each repeats, as a share of the most that one does.
    echoes = {each.position: sum(counts[stem] - 1 for stem in each.stems) for each in sentences}
    most_echoes = max(echoes.values()) or 1
    scores: dict[int, float] = {}
    for sentence in sentences:
        text = sentence.text
        n_recurring = sum(counts[stem] > 1 for stem in sentence.stems)
        first_word = next(iter(words(text)), "")
        flaws = (
            RECALL_PENALTY * (first_word in _RECALLING)
            + CONTEXT_PENALTY * sentence.depends_on_context
            + BROKEN_QUOTATION_PENALTY * sentence.is_broken
            + QUESTION_PENALTY * text.endswith("?")
            + SHORT_PENALTY * (len(text) < MIN_CHARS)
        )
        scores[sentence.position] = (
            weights.early / (1 + weights.decay * sentence.position)
            + weights.on_headline * _overlap(headline, sentence.stems)
            + weights.on_subject * n_recurring / len(sentence.stems)
            + weights.central * echoes[sentence.position] / most_echoes
            + weights.is_full * min(len(text) / FULL_CHARS, 1)
            + FIGURES_BONUS * any(map(str.isdigit, text))
            - weights.is_speech * text.startswith(_SPEECH)
            - weights.is_long * (len(text) > LONG_CHARS)
            - flaws
        )
    return scores


def _can_follow(sentence: _Sentence, chosen: Sequence[_Sentence]) -> bool:
    """Tell whether a sentence may be added: it fits, is understood and adds something."""
    has_context = any(other.position == sentence.position - 1 for other in chosen)
    if sentence.is_broken or (sentence.depends_on_context and not has_context):
        return False
    chosen_stems = frozenset[str]().union(*(other.stems for other in chosen))
    n_chars = sum(len(other.text) + 1 for other in chosen) + len(sentence.text)
    is_long_enough = not chosen or len(sentence.text) >= MIN_CHARS
    is_new = _overlap(sentence.stems, chosen_stems) < MAX_CHOSEN_OVERLAP
    return n_chars <= MAX_CHARS and is_long_enough and is_new


def _overlap(these: frozenset[str], those: frozenset[str]) -> float:
    """Return the share of `these` that are among `those`, from 0 to 1; 0 for an empty set."""
    return len(these & those) / len(these) if these else 0.0
