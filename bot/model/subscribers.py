"""Settings of a chat beside topics: words, sources, own feeds, threads, timetable; and updates."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from bot.model.ids import (
    ChatId,
    DroppedItems,
    FeedId,
    FeedProblem,
    Language,
    PhraseId,
    ThreadId,
    TopicSlug,
    UpdateId,
)

# A thread takes messages, or does not for now; "told": and its chat has been notified.
ThreadState = Literal["open", "closed", "told"]


# "at once" is one message a story; of "everything" a rush is one message.
When = Literal["at once", "everything", "calm", "hourly", "digest"]
# Which stories come with a picture.
Pictures = Literal["all", "important", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A word or phrase as `bot.text.phrases` parses it: equal for all forms of its words.

    Both fields have a space before and after each word; `sounds`, the phonetic keys, are empty
    for what is no name.
    """

    stems: str
    sounds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A followed word or phrase, in the reader's spelling; `muted`: it keeps stories out instead.

    It counts only in stories of its `topic`; None: in all. An `id` of None: it is not stored.
    """

    text: str
    phrase: Phrase
    muted: bool = False
    topic: TopicSlug | None = None
    id: PhraseId | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Which articles a chat sees: in its languages those of listed feeds that are not `refused`.

    And in any language those of its `own` feeds.
    """

    refused: frozenset[FeedId] = frozenset()
    own: frozenset[FeedId] = frozenset()


# Of a chat that refuses no feed and has added none.
PUBLIC_VISIBILITY = Visibility()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChoice:
    """A source in one of its languages, and whether the chat has `refused` it.

    `topics` are the usual ones of its feeds, empty for a source of all topics.
    """

    source: str
    language: Language
    feeds: Collection[FeedId]
    topics: frozenset[TopicSlug]
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFeed:
    """A feed that a chat has added for itself."""

    id: FeedId
    url: str
    title: str
    problem: FeedProblem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed found at the address that a reader typed, and its `newest` titles.

    Of the `items` of its document those `dropped` cannot be used. `has_pages`: its articles have
    pages that may hold more.
    """

    url: str
    domain: str
    title: str
    newest: tuple[str, ...]
    items: int = 0
    dropped: DroppedItems = ()
    has_pages: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RawUpdate:
    """An update of the Bot API as it came; `content` is its JSON.

    `chat_id` is 0 for an update outside all chats; `person_id` is whose it is, else that of the
    chat. `attempts` counts the failed ones.
    """

    id: UpdateId
    chat_id: ChatId
    person_id: ChatId
    kind: str
    content: str
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedChannel:
    """The channel whose settings a private chat edits; `name` is its @name or its title."""

    channel_id: ChatId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadBinding:
    """Sends stories of the topic to the thread, or to General while that is closed."""

    topic: TopicSlug
    thread_id: ThreadId
    state: ThreadState = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Quiet hours, in minutes after the reader's midnight; `until` may lie on the next day.

    `silently`: messages come without a sound, else they are held. A story of `urgent_from` sources
    or more comes at once and with a sound; None: none does.
    """

    since: int
    until: int
    silently: bool = False
    urgent_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When a chat wants its news, by its own clock.

    `digest_at` are minutes after the reader's midnight, rising, for a digest only, which comes on
    one `weekday` (0 is Monday) or, with None, on every day. `zone` is a name of `bot.timezones`.
    `per_day` limits the messages of a day; None: no limit.
    """

    when: When = "at once"
    digest_at: tuple[int, ...] = (8 * 60, 19 * 60)
    zone: str = "Europe/Kyiv"
    quiet: Quiet | None = None
    per_day: int | None = None
    weekday: int | None = None


# Of a chat that has chosen nothing.
DEFAULT_TIMETABLE = Timetable()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLook:
    """What the posts in a channel show, and how many of them there are in an hour.

    Without a `picture` they preview no page either. The `own_line` stands below, empty for none.
    `per_hour` limits all posts together; None: no limit. `bundles`: several stories that are late,
    or share the last post of the hour, come in one post.
    """

    summary: bool = True
    source: bool = True
    read_also: bool = True
    buttons: bool = True
    picture: bool = True
    own_line: str = ""
    per_hour: int | None = None
    bundles: bool = False


# Of a channel whose admin has chosen nothing, and of all other chats.
DEFAULT_LOOK = PostLook()
