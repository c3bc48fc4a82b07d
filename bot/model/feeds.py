"""Feeds, their polls and health, and the entries of a feed document."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.ids import ArticleId, ChatId, FeedId, Language, PollOutcome, StopReason, TopicSlug
from bot.model.stories import EditorLink, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as the catalogue lists it; `topic` is its usual one, None for a mixed feed.

    `domain` is the registrable one of the address, which the host limiter goes by. With `pages`
    the pages of articles are fetched whose entries hold little text.
    """

    url: str
    domain: str
    source: str
    language: Language
    topic: TopicSlug | None
    pages: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """The page to fetch of an article whose entry holds no more than `text`.

    `attempts` were made before; the job ends at `give_up_at`. The last `failures` pages of its
    feed failed. A `private` one is of a private feed's article.
    """

    article_id: ArticleId
    feed_id: FeedId
    url: str
    domain: str
    title: str
    text: str
    attempts: int
    give_up_at: datetime
    failures: int
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyDomains:
    """The domains that must not be requested now: `all` by nobody, `private` for no private feed.

    All of the first are among the second. While private feeds have all lanes that they may take,
    only public work is admitted; of the `private_feeds`, for which lanes work now, few are one
    chat's.
    """

    all: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    admits_private: bool = True
    private_feeds: tuple[FeedId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBackoff:
    """The wait before the next page of a feed, after `failures` in a row."""

    problem: str
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePeriod:
    """How often a publisher says that its feed changes; fields are empty where it does not say.

    `skip_hours` are hours of GMT, 0 to 23; `skip_days` are days of the week, Monday is 0.
    """

    every: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PermanentRedirect:
    """A permanent redirect that polls have seen `sightings` times in a row, from `since` on."""

    url: str
    since: datetime
    sightings: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew:
    """How far a publisher's clock is ahead, in whole hours, and in how many polls in a row.

    Dates are corrected once it was seen often enough.
    """

    hours: int = 0
    sightings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A polled feed; `read_at` is None until its first successful poll.

    `url` is the current address, which may differ from the `listed_url` of the catalogue.
    `domain` is the one that the host limiter goes by. The validators are the server's own bytes,
    and belong to `document_url`; from `recheck_at` on, one request is sent without them, and all
    are where its server gave a `false_304`. `parser_kills` counts the polls in a row in which the
    parser was killed. A `private` feed was added by chats for themselves and is in no list.
    """

    id: FeedId
    listed_url: str
    url: str
    domain: str
    source: str
    language: Language
    topic: TopicSlug | None
    etag: bytes | None = None
    last_modified: bytes | None = None
    document_url: str | None = None
    read_at: datetime | None = None
    failures: int = 0
    parser_kills: int = 0
    update_period: UpdatePeriod = UpdatePeriod()
    redirect: PermanentRedirect | None = None
    clock_skew: ClockSkew = ClockSkew()
    private: bool = False
    recheck_at: datetime | None = None
    false_304: bool = False

    @property
    def feed_id(self) -> FeedId:
        """Return its id, by the name that it has in what refers to a feed."""
        return self.id

    @property
    def log_name(self) -> str:
        """Return the address; of a private feed its number, for a reader wrote the address."""
        return f"feed {self.id}" if self.private else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSource:
    """A Telegram channel whose posts are articles, and the private chat that brought it.

    A `username` may be empty. `is_asked`: its owner wants it public, and no admin of the bot has
    answered. One that is not `is_active` has ended, or is switched off.
    """

    feed_id: FeedId
    channel_id: ChatId
    owner_id: ChatId
    username: str
    is_public: bool
    is_asked: bool
    added_at: datetime
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDocument:
    """What is kept of a feed's last document, to recognise known items in the next one.

    `hash` is that of its bytes. Each of `items` has 40 bytes: a digest of its text, and its
    packed keys. `weak_keys` are the kinds of keys that do not identify in this feed, and
    `slice_reads` counts the documents since one was last read whole.
    """

    hash: bytes
    items: bytes
    weak_keys: frozenset[str]
    slice_reads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """The result of a poll; `received` is in bytes on the wire, `news` in articles.

    A `status` of None: no answer came.
    """

    outcome: PollOutcome
    ended_at: datetime
    took: timedelta
    status: int | None
    received: int
    conditional: bool
    news: int
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """The health of a feed: its last polls, the newest first, and when the next one is due.

    `moved_to` is its address where that is not the catalogue's; `stop_reason` is why it is not
    polled any more; `pages` is set while no pages of its articles are fetched.
    """

    id: FeedId
    url: str
    moved_to: str | None
    source: str
    failures: int
    due_at: datetime
    read_at: datetime | None
    problem: str | None
    stop_reason: StopReason | None
    has_readers: bool
    polls: tuple[Poll, ...]
    pages: PageBackoff | None = None

    @property
    def code(self) -> str:
        """Return the state in one word, for scripts; a reason to stop is its own."""
        if self.stop_reason is not None or self.problem is not None:
            return self.stop_reason or "failing"
        if self.read_at is None:
            return "never read"
        return "fine" if self.has_readers else "resting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item of a feed in plain text: no markup, no entities.

    A `guid` may be empty, a `url` may not. An entry that is not `dated` has the time of the poll
    for its date. `links` are its editor's. `source` is the one that an aggregator names; None: it
    is that of the feed.
    """

    guid: str
    url: str
    title: str
    text: str
    categories: tuple[str, ...]
    published_at: datetime
    dated: bool = True
    links: tuple[EditorLink, ...] = ()
    picture: Picture | None = None
    source: str | None = None


# The ETag and the Last-Modified, each as the server's own bytes; None where it gave none.
Validators = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRequest:
    """A conditional GET of a feed.

    The validators belong to the document found at `document_url`; None: there is none. The
    User-Agent names the number of `readers`; 0: it does not.
    """

    url: str
    etag: bytes | None = None
    last_modified: bytes | None = None
    document_url: str | None = None
    readers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """The response with a feed's document, decompressed.

    `url` is the final address, and `moved_to` the target of a permanent redirect. The body is
    `complete` unless it broke off, and `partial` where it holds only what is new (RFC 3229).
    `received` counts its bytes on the wire; `conditional`: a validator was sent. `links` is the
    header Link.
    """

    url: str
    body: bytes
    content_type: str | None
    validators: Validators
    fresh_for: timedelta
    complete: bool
    partial: bool
    moved_to: str | None
    status: int
    received: int
    conditional: bool
    links: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The response 304; `validators` are those to send from now on."""

    url: str
    validators: Validators
    fresh_for: timedelta
    moved_to: str | None
    status: int
    received: int
    conditional: bool
