"""Extractive summaries: the most informative sentences of an article, unchanged."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.model import ArticleLanguage
from bot.stories.boilerplate import (
    is_filler,
    is_truncated,
    paragraphs,
    parted_post,
    without_attribution,
    without_ellipsis,
    without_headline,
    without_labels,
)
from bot.stories.sentences import (
    broken_quotations,
    depends_on_context,
    is_aside,
    is_list_item,
    is_recall,
    mended,
    opens_with_reference,
    split_sentences,
    unquoted,
    unwrapped,
)
from bot.text.stemming import snowball_stems

MAX_CHARS = 500
MAX_SENTENCES = 3

# Only the beginning is read: news tells the main thing first.
MAX_READ_CHARS = 10_000

# What a later sentence recalls goes on to the end of its paragraph.
MIN_RECALL_POSITION = 3
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
# Nor does one that says again, in more words, so much of a chosen sentence.
MAX_REPEATED = 0.75

# Bonuses and penalties in any language. These and the `SentenceWeights` were tuned on one half of
# summaries_en and of articles_tsn_uk.
FIGURES_BONUS = 0.1
CONTEXT_PENALTY = 0.1
BROKEN_QUOTATION_PENALTY = 0.8
SHORT_PENALTY = 0.5

_STOPS = (".", "!", "?", "…", "。", "»", "”", '"', "'", ")")
# With a stop before the closing marks too: a subtitle may end in a name, «…вечір «Мости».
_STOPPED = re.compile(r"(?:[.!?…。:]|[.!?…,][»”\"')]+)$")
_SPEECH = ("«", "“", '"', "—", "–", "-")
# A line without a stop is a heading if it is no longer; the first, a subtitle, if it is shorter.
MAX_HEADING_CHARS = 90
MIN_SUBTITLE_CHARS = 60


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
    """A sentence of the article; `position` counts those that were left out too.

    `subject` is its first word of meaning. A dangling one refers to the sentence before in its
    first words; a fragment is a heading, the introduction or an item of a list, or no whole
    sentence.
    """

    position: int
    text: str
    stems: frozenset[str]
    subject: str
    depends_on_context: bool
    is_dangling: bool
    is_broken: bool
    is_fragment: bool
    is_item: bool


def summarise(title: str, text: str, *, language: ArticleLanguage = "other") -> str:
    """Return one to three sentences of the text, in its order, of `MAX_CHARS` at most.

    The first sentence of news is always one of them, unless it only repeats the headline as such
    sentences are left out; so the summary may be empty. A sentence is cut, at a word, only if no
    whole sentence fits.
    """
    weights = ENGLISH_WEIGHTS if language == "en" else DEFAULT_WEIGHTS
    title, text = parted_post(title.strip(), unquoted(text[:MAX_READ_CHARS].strip()))
    headline = frozenset(snowball_stems(title))
    article = _read_sentences(title, text, weights.max_sentences)
    informative = [
        sentence for sentence in article if _overlap(sentence.stems, headline) < MAX_TITLE_OVERLAP
    ]
    whole = [each for each in informative if not each.is_fragment]
    informative = whole or [
        each for each in informative if not (each.is_item or each.text.endswith(":"))
    ]
    fitting = [sentence for sentence in informative if len(sentence.text) <= MAX_CHARS]
    if not fitting:
        cut = informative[0].text[: MAX_CHARS - 1] if informative else ""
        return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–—-") + "…" if cut else ""
    scores = _score_sentences(informative, headline, weights)
    ranked = sorted(fitting, key=lambda sentence: -scores[sentence.position])
    leads = (each for each in fitting if not (each.is_broken or each.is_dangling))
    chosen = [*islice(leads, 1)]
    while len(chosen) < MAX_SENTENCES:
        # From the best again each time: one that depends on context may follow once the sentence
        # before it is chosen.
        known = headline.union(*(sentence.stems for sentence in chosen))
        # Of the words that the chosen sentences lack, the positions where they first stand. "The
        # bridge" or «Гринчак» at the beginning of a later sentence refers to that place.
        unknown = {
            stem: each.position
            for each in reversed(article)
            if not each.is_fragment
            for stem in each.stems - known
        }
        best = next((each for each in ranked if _can_follow(each, chosen, unknown)), None)
        if best is None:
            break
        chosen.append(best)
    in_order = sorted(chosen or ranked[:1], key=lambda sentence: sentence.position)
    return " ".join(sentence.text for sentence in in_order)


def _read_sentences(title: str, text: str, max_sentences: int) -> list[_Sentence]:
    """Return the sentences that have something to say; the last is dropped if it is truncated."""
    article: list[tuple[str, bool, bool, bool]] = []
    body = without_headline(text[:MAX_READ_CHARS].strip(), title.strip())
    is_listing = title.rstrip().endswith(":")
    for number, (line, is_item) in enumerate(_lines(body, is_listing=is_listing)):
        sentences = _before_recall(split_sentences(without_labels(line)), n_before=len(article))
        for place, (sentence, is_broken) in enumerate(
            zip(sentences, broken_quotations(sentences), strict=True)
        ):
            is_first = number == place == 0
            is_fragment = _is_fragment(sentence, is_first=is_first, is_line=len(sentences) == 1)
            bare = without_attribution(without_labels(sentence))
            article.append((bare, is_broken, is_fragment or is_item, is_item))
        if len(article) >= max_sentences:
            break
    article = article[:max_sentences]
    if len(article) > 1 and is_truncated(article[-1][0]):
        article.pop()
    return [
        _Sentence(
            position=position,
            text=_with_stop(sentence),
            stems=frozenset(stems),
            subject=stems[0],
            depends_on_context=depends_on_context(sentence),
            is_dangling=opens_with_reference(sentence, is_first=position == 0),
            is_broken=is_broken,
            is_fragment=is_fragment,
            is_item=is_item,
        )
        for position, (sentence, is_broken, is_fragment, is_item) in enumerate(article)
        if len(set(stems := snowball_stems(sentence))) >= MIN_STEMS
        and not (is_filler(sentence) or is_aside(sentence))
    ]


def _before_recall(sentences: tuple[str, ...], *, n_before: int) -> tuple[str, ...]:
    """Return the sentences before those that recall old news, which end a paragraph.

    A recall among the first sentences of the article is one sentence, and the news goes on.
    """
    recalls = (
        place
        for place, sentence in enumerate(sentences)
        if place + n_before >= MIN_RECALL_POSITION and is_recall(sentence)
    )
    return sentences[: next(recalls, None)]


def _lines(body: str, *, is_listing: bool) -> Iterator[tuple[str, bool]]:
    """Yield the lines, mended, each with whether it is an item of a list that was introduced.

    `is_listing`: the headline introduces one.
    """
    for paragraph in unwrapped(paragraphs(body)):
        for place, line in enumerate(mended(paragraph)):
            is_item = is_listing and (place > 0 or is_list_item(paragraph))
            yield line, is_item
            is_listing = is_item or line.endswith(":")


def _is_fragment(sentence: str, *, is_first: bool, is_line: bool) -> bool:
    """Tell whether the sentence is a heading, introduces a list, or begins or ends in its middle.

    The first of the article may be a subtitle, which has no stop.
    """
    if sentence.endswith((":", ";", ",")) or sentence[:1].islower() or sentence[:1] == "…":
        return True
    if sentence.endswith(_STOPS):
        return False
    if is_line:
        return len(sentence) < (MIN_SUBTITLE_CHARS if is_first else MAX_HEADING_CHARS)
    return not is_first


def _with_stop(sentence: str) -> str:
    """Add the stop that a subtitle lacks, and "…" to a truncated sentence."""
    if is_truncated(sentence):
        return without_ellipsis(sentence) + "…"
    return sentence if _STOPPED.search(sentence) else f"{sentence.rstrip(',;')}."


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
        flaws = (
            CONTEXT_PENALTY * sentence.depends_on_context
            + BROKEN_QUOTATION_PENALTY * sentence.is_broken
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


def _can_follow(
    sentence: _Sentence, chosen: Sequence[_Sentence], unknown: Mapping[str, int]
) -> bool:
    """Tell whether a sentence may be added: it fits, is understood and adds something."""
    if unknown.get(sentence.subject, sentence.position) < sentence.position:
        return False
    has_context = any(other.position == sentence.position - 1 for other in chosen)
    if sentence.is_broken or (sentence.depends_on_context and not has_context):
        return False
    chosen_stems = frozenset[str]().union(*(other.stems for other in chosen))
    n_chars = sum(len(other.text) + 1 for other in chosen) + len(sentence.text)
    is_long_enough = not chosen or len(sentence.text) >= MIN_CHARS
    is_new = _overlap(sentence.stems, chosen_stems) < MAX_CHOSEN_OVERLAP and all(
        _overlap(other.stems, sentence.stems) < MAX_REPEATED for other in chosen
    )
    return n_chars <= MAX_CHARS and is_long_enough and is_new


def _overlap(these: frozenset[str], those: frozenset[str]) -> float:
    """Return the share of `these` that are among `those`, from 0 to 1; 0 for an empty set."""
    return len(these & those) / len(these) if these else 0.0
