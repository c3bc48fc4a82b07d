"""The topics one can subscribe to: what they are called, and what speaks for each.

Pure but for reading the files that list them.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bot.errors import SetupError
from bot.model import LANGUAGES, Language, TopicSlug
from bot.text.stemming import stem, words

# A slug travels in a button's callback data, where ":" parts the fields and 64 bytes are all.
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_FIELDS = frozenset({"emoji", "names", "aliases", "sections", "words"})
# What stands between topics, or beside them, when people name several.
_CONNECTIVES = frozenset(
    stem(word)
    for word in words(
        "and or plus the of in on about news topic topics и или в о об про плюс новости тема темы"
        " і й та або у на новини теми"
    )
)

Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What one subscribes to.

    Readers may call it by its names, its aliases or its slug. `sections` are the words under
    which publishers file it, in categories and addresses; `words` are the stems that speak
    for it in a text.
    """

    slug: TopicSlug
    emoji: str
    names: Mapping[Language, str]
    aliases: tuple[str, ...]
    sections: tuple[str, ...]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """The topics that were named, in that order, and the words that name none."""

    slugs: tuple[TopicSlug, ...]
    unknown: tuple[str, ...]


class Topics:
    """All topics, in the order of the keyboard."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        """Take the topics; of two with one name, the later answers to it."""
        self._topics = {topic.slug: topic for topic in topics}
        self._called = {
            _stems(name): topic.slug
            for topic in self._topics.values()
            for name in (*topic.aliases, *topic.names.values(), topic.slug)
        }
        self._longest = max((len(name) for name in self._called), default=0)

    def __iter__(self) -> Iterator[Topic]:
        """Go through the topics in the order of the keyboard."""
        return iter(self._topics.values())

    def __len__(self) -> int:
        """Return how many topics there are."""
        return len(self._topics)

    def __contains__(self, topic: object) -> bool:
        """Tell whether this is one of the topics."""
        return topic in self._topics.values()

    def get(self, slug: TopicSlug) -> Topic | None:
        """Return the topic of this slug; None: there is none (any more)."""
        return self._topics.get(slug)

    def find(self, text: str) -> TopicMatch:
        """Return the topics named in free words, in any of the languages and any case form.

        Where names overlap the longest is meant.
        """
        said = [(word, stem(word)) for word in words(text)]
        said = [(word, form) for word, form in said if form not in _CONNECTIVES]
        slugs: list[TopicSlug] = []
        unknown: list[str] = []
        while said:
            slug, length = self._first(tuple(form for _, form in said))
            if slug is None:
                unknown.append(said[0][0])
            else:
                slugs.append(slug)
            del said[:length]
        return TopicMatch(tuple(dict.fromkeys(slugs)), tuple(dict.fromkeys(unknown)))

    def _first(self, said: Stems) -> tuple[TopicSlug | None, int]:
        """Return the topic that the first stems name, and how many of them do."""
        for length in range(min(self._longest, len(said)), 0, -1):
            slug = self._called.get(said[:length])
            if slug is not None:
                return slug, length
        return None, 1


def read_topics(*paths: Path) -> Topics:
    """Read the topics of all files; a later file adds its own, or replaces those it names.

    Raises:
        SetupError: if a file is missing or malformed; the message names file and field.
    """
    topics: dict[str, Topic] = {}
    for path in paths:
        topics |= {topic.slug: topic for topic in _read(path)}
    return Topics(topics.values())


def _read(path: Path) -> Iterator[Topic]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"{path}: topics cannot be read: {error}") from None
    for slug, fields in document.items():
        yield _topic(fields, slug=slug, where=f"{path}: [{slug}]")


def _topic(fields: Any, *, slug: str, where: str) -> Topic:
    _require(_SLUG.fullmatch(slug), f"{where}: a topic is called by a-z, 0-9, _ and -")
    _require(isinstance(fields, dict), f"{where}: must be a table")
    unknown = sorted(fields.keys() - _FIELDS)
    _require(not unknown, f"{where}: no such field: {', '.join(unknown)}")
    return Topic(
        slug=TopicSlug(slug),
        emoji=_text(fields.get("emoji"), where=f"{where} emoji"),
        names=_names(fields.get("names"), where=f"{where} names"),
        aliases=_list(fields.get("aliases", []), where=f"{where} aliases"),
        sections=_list(fields.get("sections", []), where=f"{where} sections"),
        words=_evidence(fields.get("words", {}), where=f"{where} words"),
    )


def _names(value: Any, *, where: str) -> Mapping[Language, str]:
    names = _by_language(value, where=where)
    missing = [language for language in LANGUAGES if language not in names]
    _require(not missing, f"{where}: missing: {', '.join(missing)}")
    return names


def _evidence(value: Any, *, where: str) -> frozenset[str]:
    texts = _by_language(value, where=where).values()
    return frozenset(stem(word) for text in texts for word in words(text))


def _by_language(value: Any, *, where: str) -> dict[Language, str]:
    _require(isinstance(value, dict), f"{where}: must be a table of {', '.join(LANGUAGES)}")
    for language, text in value.items():
        _require(language in LANGUAGES, f"{where}.{language}: not one of {', '.join(LANGUAGES)}")
        _text(text, where=f"{where}.{language}")
    return cast(dict[Language, str], value)


def _list(value: Any, *, where: str) -> tuple[str, ...]:
    _require(isinstance(value, list), f"{where}: must be a list of texts")
    return tuple(_text(text, where=where) for text in value)


def _text(value: Any, *, where: str) -> str:
    _require(isinstance(value, str) and value.strip(), f"{where}: must be a text")
    return cast(str, value).strip()


def _require(holds: object, problem: str) -> None:
    if not holds:
        raise SetupError(problem)


def _stems(name: str) -> Stems:
    forms = (stem(word) for word in words(name))
    return tuple(form for form in forms if form not in _CONNECTIVES)
