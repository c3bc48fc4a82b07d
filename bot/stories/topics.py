"""Which topic an article belongs to. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.model import Article, TopicSlug
from bot.topics import Topics
from bot.words import stem, stems, words

Scores = defaultdict[TopicSlug, float]
Classify = Callable[[Article], TopicSlug | None]

# These weights were set by hand and checked on labelled news of ten sources in three languages.
# What the publisher files it under decides, unless the text is full of something else;
# what it adds as a tag counts half.
SECTION = 10.0
TAG = 5.0
# In a feed that is mostly of one topic, the words must speak clearly for another.
USUAL = 3.0
TITLE_WORD = 2.0
TEXT_WORD = 1.0
# One telling word in the headline, or two in the text; less is chance.
ENOUGH = 2.0

# News of all kinds borrows the words of war ("price war"): one of them is not enough.
WAR = TopicSlug("war")
WAR_WORDS = 2

# News says what it is about at its beginning; reading on does not tell more.
TEXT_CHARS = 1500

# Between two names that a publisher glued together: «КолонкаЭкономика», "News/Sport".
_GLUE = re.compile(r"[/|,;>]|(?<=[a-zа-яёіїєґ])(?=[A-ZА-ЯЁІЇЄҐ])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for topics: names of sections, as the stems of their words, and words."""

    sections: Mapping[tuple[str, ...], TopicSlug]
    words: Mapping[str, Collection[TopicSlug]]


def classifier(topics: Topics) -> Classify:
    """Return the function that tells an article's topic, as `classify` does."""
    evidence = gather(topics)
    return lambda article: classify(article, evidence)


def gather(topics: Topics) -> Evidence:
    """Return the evidence that the topics list, the other way round: what speaks for which."""
    sections: dict[tuple[str, ...], TopicSlug] = {}
    spoken_for: dict[str, list[TopicSlug]] = {}
    for topic in topics:
        for name in (topic.slug, *topic.names.values(), *topic.sections):
            sections[_stems(name)] = topic.slug
        for word in topic.words:
            spoken_for.setdefault(word, []).append(topic.slug)
    return Evidence(sections=sections, words=spoken_for)


def classify(article: Article, evidence: Evidence) -> TopicSlug | None:
    """Return the topic for which most speaks, or the feed's usual one when little does.

    None: nothing speaks for any topic, and the feed has no usual one.
    """
    scores = _filed(article, evidence)
    if article.feed_topic is not None:
        scores[article.feed_topic] += USUAL
    at_war = WAR in scores
    title = _telling(article.title, evidence)
    text = [word for word in _telling(article.text[:TEXT_CHARS], evidence) if word not in title]
    _add(scores, title, TITLE_WORD, evidence)
    _add(scores, text, TEXT_WORD, evidence)
    war_words = sum(WAR in evidence.words[word] for word in (*title, *text))
    if not at_war and war_words < WAR_WORDS:
        scores.pop(WAR, None)
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= ENOUGH else article.feed_topic


def _filed(article: Article, evidence: Evidence) -> Scores:
    """Weigh what the publisher says: the first known name is the section, the others are tags."""
    filed: Scores = defaultdict(float)
    for name in _names(article):
        slug = evidence.sections.get(_stems(name))
        if slug is not None and slug not in filed:
            filed[slug] = TAG if filed else SECTION
    return filed


def _names(article: Article) -> Iterator[str]:
    """Go through all that may name a section: categories first, then the address."""
    for category in article.categories:
        yield category
        yield from _GLUE.split(category)
    host, *path = re.split(r"[?#]", article.url.partition("://")[2])[0].split("/")
    yield from path[:-1]
    yield host.partition(".")[0]


def _telling(text: str, evidence: Evidence) -> list[str]:
    """Return the stems that speak for some topic, each once."""
    return [word for word in dict.fromkeys(stems(text)) if word in evidence.words]


def _add(scores: Scores, found: Iterable[str], weight: float, evidence: Evidence) -> None:
    """Add what the words say; one that speaks for two topics speaks half for each."""
    for word in found:
        slugs = evidence.words[word]
        for slug in slugs:
            scores[slug] += weight / len(slugs)


def _stems(name: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(name))
