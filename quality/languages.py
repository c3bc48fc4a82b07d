"""Accuracy of language detection on sentences, headlines and texts without letters of their own."""

import random
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from bot.model import LANGUAGES, ArticleLanguage, Language
from bot.stories.boilerplate import paragraphs
from bot.stories.language import detect_language
from bot.stories.sentences import split_sentences
from quality import data
from quality.foreign import SENTENCES

TITLE_CHARS = 30
SENTENCE_CHARS = 20
MOST = 3000
FEWEST = 50
UNMARKED_CHARS = range(25, 90)
UNMARKED_WORDS = 4
_MARKED = re.compile("[іїєґыэё'’a-z]")
_ARTICLES = ("articles_tsn_uk", "articles_lenta_ru", "articles_segodnya", "summaries_en")
_HEAD = ("language", "source", "texts", "feed says so, %", "feed says another, %")

Sample = tuple[str, str, list[str]]


def report() -> str:
    """Return the section on languages."""
    return "\n".join(
        (
            "## Languages\n",
            "Share of texts whose language is named rightly, by the label of their source, some of"
            " whose texts quote another language; half of the rows, by a hash of the text. The"
            " model never saw them, but our thresholds were set by hand on samples of the same"
            ' sources. In "feed says another" the feed usually writes in another of our languages,'
            " the worse of the two.\n",
            f"### Headlines of {TITLE_CHARS} characters and more\n",
            data.table(_HEAD, _lines(_titles())),
            f"### Sentences of {SENTENCE_CHARS} characters and more\n",
            data.table(_HEAD, _lines(_sentences())),
            "### Texts without a letter that only one of the languages has\n",
            "The longest run of words of a sentence without і, ї, є, ґ, ы, э, ё, apostrophe and"
            f" Latin letters, {UNMARKED_CHARS.start} to {UNMARKED_CHARS.stop - 1} characters.\n",
            data.table(_HEAD, _lines(_unmarked())),
            "### Sentences in other languages, written for this\n",
            data.table(("language", "sentences", "worst feed, %"), _others()),
        )
    )


def share(texts: Iterable[str], language: ArticleLanguage, *, prior: Language) -> float:
    """Return in how many of a hundred texts we find that language."""
    found = [detect_language(text, "", prior=prior) == language for text in texts]
    return 100 * sum(found) / len(found)


def _lines(samples: Iterable[Sample]) -> Iterator[tuple[object, ...]]:
    for name, source, texts in samples:
        language = next(each for each in LANGUAGES if each == name)
        wrong = (share(texts, language, prior=each) for each in LANGUAGES if each != name)
        yield name, source, len(texts), share(texts, language, prior=language), min(wrong)


def _titles() -> Iterator[Sample]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in data.rows("topics"):
        source = (data.said(row, "lang"), data.said(row, "source"))
        found.setdefault(source, {})[data.said(row, "title")] = None
    for name in _ARTICLES:
        for row in data.rows(name):
            found.setdefault((data.said(row, "lang"), name), {})[data.said(row, "title")] = None
    yield from _samples(found, shortest=TITLE_CHARS)


def _sentences() -> Iterator[Sample]:
    yield from _samples(_sentences_by_source(), shortest=SENTENCE_CHARS)


def _sentences_by_source() -> dict[tuple[str, str], dict[str, None]]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for name in (*_ARTICLES, "stream_telegram_uk"):
        for row in data.rows(name):
            lines = paragraphs(data.said(row, "text"))
            sentences = (sentence for line in lines for sentence in split_sentences(line))
            kept = found.setdefault((data.said(row, "lang") or "uk", name), {})
            kept.update(dict.fromkeys(islice(sentences, 12)))
    return found


def _unmarked() -> Iterator[Sample]:
    found = {
        source: dict.fromkeys(filter(None, map(longest_unmarked_run, sentences)))
        for source, sentences in _sentences_by_source().items()
    }
    yield from _samples(found, shortest=UNMARKED_CHARS.start)


def longest_unmarked_run(sentence: str) -> str:
    """Return the longest run of words whose letters Ukrainian and Russian share; empty: short."""
    runs = [""]
    for word in sentence.split():
        runs = (
            [*runs, ""] if _MARKED.search(word.casefold()) else [*runs[:-1], f"{runs[-1]} {word}"]
        )
    longest = max(runs, key=len).strip(" ,.;:—–-")
    is_long = len(longest) in UNMARKED_CHARS and len(longest.split()) >= UNMARKED_WORDS
    return longest if is_long else ""


def _samples(found: dict[tuple[str, str], dict[str, None]], *, shortest: int) -> Iterator[Sample]:
    for (language, source), texts in sorted(found.items()):
        kept = [text for text in texts if len(text) >= shortest and data.is_held_out(text)]
        if len(kept) >= FEWEST:
            yield language, source, random.Random(1).sample(kept, min(MOST, len(kept)))


def _others() -> Iterator[tuple[object, ...]]:
    for name, sentences in SENTENCES.items():
        shares = (share(sentences, "other", prior=prior) for prior in LANGUAGES)
        yield name, len(sentences), min(shares)
