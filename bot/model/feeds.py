"""What we poll: feeds, how they are, and the entries that they hold. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.ids import ArticleId, FeedId, Language, PollOutcome, StopReason, TopicSlug
from bot.model.stories import EditorLink


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as the catalogue lists it; `topic` is its usual one, None for a mixed feed.

    `domain` is whom we owe our manners, as `bot.web.domains` finds it in the address. With
    `pages` the pages of articles are fetched of which it tells little.
    """

    url: str
    domain: str
    source: str
    language: Language
    topic: TopicSlug | None
    pages: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """The page of an article of which its feed tells no more than `text`.

    `domain` is whom we owe our manners. It has been asked for `attempts` times, and nobody
    waits for it after `give_up_at`. The last `failures` pages of its feed brought nothing.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBackoff:
    """Why the pages of a feed are left in peace, after how many in a row, and until when."""

    problem: str
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePeriod:
    """How often a publisher says that its feed changes; what it does not say is empty.

    `skip_hours` are hours of GMT, 0 to 23; `skip_days` are days of the week, Monday is 0.
    """

    every: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PermanentRedirect:
    """An address to which a feed has redirected for good, poll after poll, since `since`."""

    url: str
    since: datetime
    sightings: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew:
    """How far a publisher's clock is ahead, in whole hours, and in how many polls in a row.

    It is believed, and its dates corrected, once it was seen often enough.
    """

    hours: int = 0
    sightings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed that we poll; `read_at` is None until its first successful poll.

    `url` is where we ask for it, which may no longer be the `listed_url` of the catalogue.
    `domain` is whom we owe our manners. The validators are the server's own bytes, and
    belong to `document_url`. `kills` counts the polls in a row whose document made us end
    the parser. A `private` one is in no list: chats have added it for themselves.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDocument:
    """What we keep of a feed's last document, to know what of its next one is known.

    `hash` is that of its bytes. Each of `items` has 40 bytes: a digest of its text, and its
    packed marks. `weak_keys` are the kinds of keys that do not identify in this feed, and
    `slice_reads` counts the documents since one was last read whole.
    """

    hash: bytes
    items: bytes
    weak_keys: frozenset[str]
    slice_reads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How a poll went; `received` is in bytes on the wire, `news` in articles.

    A `status` of None: no answer came. A `problem` of None: nothing is wrong.
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
    """How a feed is: its last polls, the newest first, and when it is asked again.

    `moved_to` is where it lives now, None if where the catalogue says; `stop` is why it is
    asked no more, None while it is. `wanted`: somebody reads it.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item as its publisher wrote it, in plain text: no markup, no entities.

    A `guid` may be empty, a `url` may not. An entry that is not `dated` has the moment
    of the poll for its date. `links` are its editor's.
    """

    guid: str
    url: str
    title: str
    text: str
    categories: tuple[str, ...]
    published_at: datetime
    dated: bool = True
    links: tuple[EditorLink, ...] = ()


# The ETag and the Last-Modified, each as the server's own bytes; None where it gave none.
Validators = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRequest:
    """What to ask for, and what we have of it already.

    The validators are those of the document that was found at `document_url`, None: we have
    none. So many `readers` are told to the publisher; 0: nothing is.
    """

    url: str
    etag: bytes | None = None
    last_modified: bytes | None = None
    document_url: str | None = None
    readers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """What the feed's server sent, unpacked.

    `url` is where it was found in the end, and `moved_to` where the server says that it is
    for good; None: where we asked. A `content_type` of None: it named none. It is `complete`
    unless it broke off, and `partial` where it holds only what we do not have. `received`
    counts the bytes of its body on the wire, and it is `conditional` if we sent a validator.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """Nothing is new; the validators are those to send from now on. The rest is as above."""

    url: str
    validators: Validators
    fresh_for: timedelta
    moved_to: str | None
    status: int
    received: int
    conditional: bool
