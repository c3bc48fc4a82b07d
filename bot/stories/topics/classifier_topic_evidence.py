"""What says to which topic an article belongs: its publisher's filing, and listed words. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.model import Article, TopicSlug
from bot.text.stemming import stem, words
from bot.topics import Topics

# Between two names that a publisher glued together: «КолонкаЭкономика», "News/Sport".
_GLUE = re.compile(r"[/|,;>]|(?<=[a-zа-яёіїєґ])(?=[A-ZА-ЯЁІЇЄҐ])")

Spoken = Mapping[str, Collection[TopicSlug]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for topics: names of sections, as the stems of their words, and word stems."""

    slugs: frozenset[TopicSlug]
    sections: Mapping[tuple[str, ...], TopicSlug]
    words: Spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What the publisher says: `name` is the section, or a tag, that means the topic."""

    topic: TopicSlug
    kind: Literal["section", "tag"]
    name: str


def gather(topics: Topics) -> Evidence:
    """Return the evidence that the topics list, the other way round: what speaks for which."""
    sections: dict[tuple[str, ...], TopicSlug] = {}
    spoken_for: dict[str, list[TopicSlug]] = {}
    for topic in topics:
        for name in (topic.slug, *topic.names.values(), *topic.sections):
            sections[_stems(name)] = topic.slug
        for word in sorted(topic.words):
            spoken_for.setdefault(word, []).append(topic.slug)
    slugs = frozenset(topic.slug for topic in topics)
    return Evidence(slugs=slugs, sections=sections, words=spoken_for)


def filed(article: Article, evidence: Evidence) -> tuple[Filed, ...]:
    """Return under which topics its publisher files it: the section first, the others are tags."""
    found: dict[TopicSlug, Filed] = {}
    for name in _names(article):
        slug = evidence.sections.get(_stems(name))
        if slug is not None and slug not in found:
            found[slug] = Filed(topic=slug, kind="tag" if found else "section", name=name.strip())
    return tuple(found.values())


def telling(said: Collection[str], listed: Spoken) -> dict[TopicSlug, float]:
    """Count the listed words that speak for each topic, each stem once.

    One that speaks for two topics speaks half for each.
    """
    counts: defaultdict[TopicSlug, float] = defaultdict(float)
    for form in dict.fromkeys(stem(word) for word in said):
        slugs = listed.get(form, ())
        for slug in slugs:
            counts[slug] += 1 / len(slugs)
    return dict(counts)


def _names(article: Article) -> Iterator[str]:
    """Go through all that may name a section: categories first, then the address."""
    for category in article.categories:
        yield category
        yield from _GLUE.split(category)
    host, *path = re.split(r"[?#]", article.url.partition("://")[2])[0].split("/")
    yield from path[:-1]
    yield host.partition(".")[0]


def _stems(name: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(name))
