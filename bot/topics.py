"""Topics to subscribe to, read from TOML: their names, publishers' sections and evidence words."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bot.errors import SetupError, file_problem
from bot.model import LANGUAGES, Language, TopicSlug
from bot.text.safe import storable_document
from bot.text.spelling import nearest
from bot.text.stemming import snowball_stem, stem, words

# A slug is sent as callback data, whose fields ":" separates and which has at most 64 bytes.
SLUG_PATTERN = "[a-z][a-z0-9_-]{0,31}"
_FIELDS = frozenset({"emoji", "names", "aliases", "sections", "words"})
# Stems between or beside the topics when people name several.
_CONNECTIVES = frozenset(
    stem(word)
    for word in words(
        "and or plus the of in on about news topic topics и или в о об про плюс новости тема темы"
        " і й та або у на новини теми"
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic; readers may call it by its names, its aliases or its slug.

    `sections` are the words by which publishers categorise it, in categories and addresses;
    `words` are the Snowball stems that are evidence for it in a text.
    """

    slug: TopicSlug
    emoji: str
    names: Mapping[Language, str]
    aliases: tuple[str, ...]
    sections: tuple[str, ...]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """The topics named in a text, in that order, and the words that name none."""

    slugs: tuple[TopicSlug, ...]
    unknown: tuple[str, ...]


class Topics:
    """All topics, in the order of the keyboard."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        """Take the topics; of two with one name, the later one has it."""
        self._topics = {topic.slug: topic for topic in topics}
        self._by_stems = {
            tuple(form for form in map(stem, words(name)) if form not in _CONNECTIVES): topic.slug
            for topic in self._topics.values()
            for name in (*topic.aliases, *topic.names.values(), topic.slug)
        }
        self._max_words = max((len(stems) for stems in self._by_stems), default=0)

    def __iter__(self) -> Iterator[Topic]:
        """Iterate over the topics in the order of the keyboard."""
        return iter(self._topics.values())

    def __len__(self) -> int:
        """Return the number of topics."""
        return len(self._topics)

    def __contains__(self, topic: object) -> bool:
        """Tell whether this is one of the topics."""
        return topic in self._topics.values()

    def get(self, slug: TopicSlug | None) -> Topic | None:
        """Return the topic of this slug; None: there is none, or none any more."""
        return None if slug is None else self._topics.get(slug)

    def nearest(self, word: str) -> Topic | None:
        """Return the topic that a misspelt word may name; None: it is near no name."""
        names = {
            name.casefold(): topic
            for topic in reversed(self._topics.values())
            for name in (*topic.aliases, *topic.names.values(), topic.slug)
        }
        near = nearest(word.casefold(), names)
        return names[near] if near else None

    def find(self, text: str) -> TopicMatch:
        """Return the topics named in free text, in any of the languages and any case form.

        Of names that overlap the longest counts.
        """
        left = [(word, stem(word)) for word in words(text)]
        left = [(word, form) for word, form in left if form not in _CONNECTIVES]
        slugs: list[TopicSlug] = []
        unknown: list[str] = []
        while left:
            stems = tuple(form for _, form in left[: self._max_words])
            lengths = range(len(stems), 0, -1)
            length = next((length for length in lengths if stems[:length] in self._by_stems), None)
            if length is None:
                unknown.append(left.pop(0)[0])
            else:
                slugs.append(self._by_stems[stems[:length]])
                del left[:length]
        return TopicMatch(tuple(dict.fromkeys(slugs)), tuple(dict.fromkeys(unknown)))


def read_topics(*paths: Path) -> Topics:
    """Read the topics of all files; a later file adds its own, or replaces those it names.

    Raises:
        SetupError: if a file is missing or malformed; the message names file and field.
    """
    topics: dict[str, Topic] = {}
    for path in paths:
        try:
            document = storable_document(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise SetupError(f"{path}: {file_problem(path, error)}") from None
        except ValueError as error:
            raise SetupError(f"{path}: topics cannot be read: {error}") from None
        for slug, fields in document.items():
            topics[slug] = _topic(fields, slug=slug, where=f"{path}: [{slug}]")
    return Topics(topics.values())


def _topic(fields: Any, *, slug: str, where: str) -> Topic:
    _require(re.fullmatch(SLUG_PATTERN, slug), f"{where}: a topic is called by a-z, 0-9, _ and -")
    _require(isinstance(fields, dict), f"{where}: must be a table")
    unknown = sorted(fields.keys() - _FIELDS)
    _require(not unknown, f"{where}: no such field: {', '.join(unknown)}")
    emoji = _text(fields.get("emoji"), where=f"{where} emoji")
    names = _by_language(fields.get("names"), where=f"{where} names")
    missing = [language for language in LANGUAGES if language not in names]
    _require(not missing, f"{where} names: missing: {', '.join(missing)}")
    aliases = _list(fields.get("aliases", []), where=f"{where} aliases")
    sections = _list(fields.get("sections", []), where=f"{where} sections")
    texts = _by_language(fields.get("words", {}), where=f"{where} words").values()
    return Topic(
        slug=TopicSlug(slug),
        emoji=emoji,
        names=names,
        aliases=aliases,
        sections=sections,
        words=frozenset(snowball_stem(word) for text in texts for word in words(text)),
    )


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
