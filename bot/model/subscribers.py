"""What a reader chooses beside topics: words, sources, feeds of its own. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.model.ids import FeedId, Language, PhraseId, TopicSlug, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A word or phrase as `bot.text.phrases` reads it: equal for all forms of its words.

    Both have a space before and behind each word; `sounds` is empty for what is no name.
    """

    stems: str
    sounds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word or phrase, as the reader `said` it, that brings stories in, or `muted` keeps them out.

    It counts in stories of the `topic` alone; None: in all. An `id` of None: it is not stored.
    """

    said: str
    phrase: Phrase
    muted: bool = False
    topic: TopicSlug | None = None
    id: PhraseId | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Which tellings a chat sees: those of its languages from all listed feeds but the `refused`.

    And those of its `own` feeds, in any language, which nobody else sees.
    """

    refused: frozenset[FeedId] = frozenset()
    own: frozenset[FeedId] = frozenset()


# What everybody sees.
PUBLIC = Sight()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChoice:
    """A source in one of its languages, by its feeds; `refused`: the chat does not want it.

    Its `topics` are the usual ones of its feeds, empty for a source of everything.
    """

    source: str
    language: Language
    feeds: Collection[FeedId]
    topics: frozenset[TopicSlug]
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFeed:
    """A feed that a chat has added for itself; a `trouble` of None: it has none."""

    id: FeedId
    url: str
    title: str
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was found at the address that a reader named, and its `newest` titles."""

    url: str
    domain: str
    title: str
    newest: tuple[str, ...]
