"""What a reader chooses beside topics: words, sources, feeds of its own. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from bot.model.ids import (
    ChatId,
    FeedId,
    FeedProblem,
    Language,
    PhraseId,
    ThreadId,
    TopicSlug,
    UpdateId,
)

# It takes messages; it does not for now; and its chat has been told so.
ThreadState = Literal["open", "closed", "told"]


When = Literal["at once", "hourly", "digest"]


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

    text: str
    phrase: Phrase
    muted: bool = False
    topic: TopicSlug | None = None
    id: PhraseId | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Which tellings a chat sees: those of its languages from all listed feeds but the `refused`.

    And those of its `own` feeds, in any language, which nobody else sees.
    """

    refused: frozenset[FeedId] = frozenset()
    own: frozenset[FeedId] = frozenset()


# What everybody sees.
PUBLIC_VISIBILITY = Visibility()


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
    problem: FeedProblem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was found at the address that a reader named, and its `newest` titles."""

    url: str
    domain: str
    title: str
    newest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawUpdate:
    """An update as it came: a message, a press on a button, a chat that blocked us.

    `chat_id` is 0 for what happens in no chat; `content` is JSON; `attempts` counts those that
    failed.
    """

    id: UpdateId
    chat_id: ChatId
    kind: str
    content: str
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedChannel:
    """The channel that a private chat speaks of, by its @name or its title."""

    channel_id: ChatId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadBinding:
    """Stories of the topic go to the thread, or to General while that is closed."""

    topic: TopicSlug
    thread_id: ThreadId
    state: ThreadState = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of rest, in minutes after the reader's midnight; `until` may lie on the next day.

    `silently`: messages still come, without a sound; else they wait for the end. A story told
    by `urgent_from` sources or more comes at once and aloud; None: none does.
    """

    since: int
    until: int
    silently: bool = False
    urgent_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When a chat wants its news, by its own clock.

    `digest_at` are minutes after the reader's midnight, rising, and matter to a digest only.
    `zone` is a name of `bot.timezones`. `per_day` limits the messages of a day; None: no limit.
    """

    when: When = "at once"
    digest_at: tuple[int, ...] = (8 * 60, 19 * 60)
    zone: str = "Europe/Kyiv"
    quiet: Quiet | None = None
    per_day: int | None = None


# Of who has chosen nothing.
DEFAULT_TIMETABLE = Timetable()
