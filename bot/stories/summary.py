"""A short summary: the article's own most telling sentences, as they stand. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.stories.boilerplate import is_cut_off, is_filler, paragraphs, trim, without_cut
from bot.stories.sentences import split
from bot.words import stems, words

MAX_CHARS = 500
MAX_SENTENCES = 3

# Only so much is read: news tells the main thing first.
READ_CHARS = 10_000
READ_SENTENCES = 8

# A shorter one rarely says anything by itself: «Подробности уточняются.»
SHORT_CHARS = 40
LONG_CHARS = 320
# «На заре» says nothing at all.
FEW_STEMS = 3

_STOPS = (".", "!", "?", "…", "»", "”", '"', "'", ")")
_SPEECH = ("«", "“", '"', "—", "–", "-")

# So large a share of a sentence's words in the headline, or chosen already, adds nothing.
REPEATS_TITLE = 0.8
REPEATS_CHOSEN = 0.6

# They lean on a sentence before them.
_LEANING_WORDS = """
он она оно они это этот эта эти его её ее их при также кроме однако поэтому затем
він вона воно вони це цей ця ці його її їх при також крім однак проте тому потім
he she it they this these that those his her their but however also
"""
_LEANING = frozenset(_LEANING_WORDS.split())
# They tell old news.
_RECALLING = frozenset({"ранее", "напомним", "раніше", "нагадаємо", "earlier", "previously"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    place: int
    text: str
    stems: frozenset[str]


def summarise(title: str, text: str) -> str:
    """Return one to three sentences of the text, in its order, of `MAX_CHARS` at most.

    What only repeats the headline is left out, so the summary may be empty. A sentence is cut,
    at a word, only if not one whole sentence fits.
    """
    headline = frozenset(stems(title))
    told = [
        sentence
        for sentence in _sentences(title, text)
        if _overlap(sentence.stems, headline) < REPEATS_TITLE
    ]
    whole = [sentence for sentence in told if len(sentence.text) <= MAX_CHARS]
    if not whole:
        return _cut(told[0].text) if told else ""
    chosen = _choose(sorted(whole, key=lambda sentence: -_worth(sentence, headline)))
    return " ".join(sentence.text for sentence in sorted(chosen, key=lambda each: each.place))


def _sentences(title: str, text: str) -> Iterator[_Sentence]:
    read = text[:READ_CHARS].strip().removeprefix(title)
    found = [
        trim(" ".join(sentence.split()))
        for paragraph in paragraphs(read)
        for sentence in split(paragraph)
        if not is_filler(sentence)
    ]
    if len(found) > 1 and is_cut_off(found[-1]):
        found.pop()
    for place, sentence in enumerate(found[:READ_SENTENCES]):
        said = frozenset(stems(sentence))
        if len(said) >= FEW_STEMS:
            yield _Sentence(place=place, text=_ended(sentence), stems=said)


def _ended(sentence: str) -> str:
    """Give a subtitle the stop that it lacks, and a sentence that the feed broke off its "…"."""
    if is_cut_off(sentence):
        return without_cut(sentence) + "…"
    return sentence if sentence.endswith(_STOPS) else f"{sentence}."


def _cut(sentence: str) -> str:
    kept = sentence[: MAX_CHARS - 1]
    return (kept.rpartition(" ")[0] or kept).rstrip(" ,;:–—-") + "…"


def _worth(sentence: _Sentence, headline: frozenset[str]) -> float:
    """Weigh a sentence: early ones first, then those that say more about the headline."""
    first = next(iter(words(sentence.text)), "")
    return (
        1.2 / (1 + 0.35 * sentence.place)
        + 0.6 * _overlap(headline, sentence.stems)
        + 0.15 * any(map(str.isdigit, sentence.text))
        - 0.6 * (first in _RECALLING)
        - 0.3 * (first in _LEANING)
        - 0.25 * sentence.text.startswith(_SPEECH)
        - 0.5 * _is_half_a_quotation(sentence.text)
        - 0.3 * (len(sentence.text) > LONG_CHARS)
        - 0.5 * (len(sentence.text) < SHORT_CHARS)
    )


def _is_half_a_quotation(text: str) -> bool:
    return bool(text.count('"') % 2) or text.count("«") != text.count("»")


def _choose(best_first: Sequence[_Sentence]) -> list[_Sentence]:
    """Take the best, and then what fits and says something else."""
    chosen: list[_Sentence] = []
    for sentence in best_first:
        said = frozenset[str]().union(*(each.stems for each in chosen))
        length = sum(len(each.text) + 1 for each in chosen) + len(sentence.text)
        is_worth_it = not chosen or len(sentence.text) >= SHORT_CHARS
        if length <= MAX_CHARS and is_worth_it and _overlap(sentence.stems, said) < REPEATS_CHOSEN:
            chosen.append(sentence)
    return chosen[:MAX_SENTENCES]


def _overlap(these: frozenset[str], those: frozenset[str]) -> float:
    """Return the share of `these` that are among `those`, from 0 to 1; of none, none are."""
    return len(these & those) / len(these) if these else 0.0
