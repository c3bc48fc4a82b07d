"""What we tell: articles, what the editor made of them, and stories. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.ids import ArticleId, ArticleLanguage, FeedId, Language, StoryId, TopicSlug

# Of what is shown and not stored.
_NO_FEED = FeedId(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An entry that we stored, with what its feed says of it.

    One that its publisher has edited is read again; its `story_id` is no longer None then.
    `page` is the text of its own page, empty unless that was fetched and told more. A `private`
    one is of a feed that only some chats have, by their own choice.
    """

    id: ArticleId
    source: str
    feed_language: Language
    feed_topic: TopicSlug | None
    url: str
    canonical_url: str
    title: str
    text: str
    categories: tuple[str, ...]
    published_at: datetime
    backlog: bool
    story_id: StoryId | None = None
    page: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorLink:
    """A story that an article's editor offers; one without a title is linked within a sentence.

    An empty `source`: the article's own is not known.
    """

    title: str
    url: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """An article's page; the text has a line for each paragraph; what was not found is empty.

    A `problem` says in plain words why this is not the article; None: it is, even where it tells
    nothing and the text is empty.
    """

    title: str = ""
    text: str = ""
    links: tuple[EditorLink, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedLink:
    """An editor's own link as its title was read: whom it may be shown to.

    `story_id` is the story that it leads to, None: none that is stored.
    """

    link: EditorLink
    language: ArticleLanguage | None
    topics: tuple[TopicSlug, ...]
    story_id: StoryId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSignature:
    """What is compared of an article, packed; a `vector` of None: embeddings are not installed."""

    fingerprint: str
    vector: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateStory:
    """A story that may tell the same: its sources, and those of its tellings that look alike.

    `published_at` is that of its lead; each telling comes with its language.
    """

    story_id: StoryId
    published_at: datetime
    sources: frozenset[str]
    signatures: tuple[tuple[ArticleLanguage, ArticleSignature], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleAnalysis:
    """What the editor made of an article: its main topic, and up to two `others`.

    `title_key` is equal for titles of the same words and empty for titles too short to
    compare; `terms` are the stems by which related stories find each other.
    """

    language: ArticleLanguage
    topic: TopicSlug | None
    other_topics: tuple[TopicSlug, ...] = ()
    summary: str
    title_key: str
    terms: tuple[str, ...]
    signature: ArticleSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How one article tells a story, in a line; its language is None where the editor knew none."""

    title: str
    url: str
    source: str
    language: ArticleLanguage | None
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event, shown by the first article that told it in a language of the reader.

    Beside its main topic, empty for what has none of ours, it may belong to `others`.
    `published_at` is its lead's. `also_told_by` are its other sources, in the order in which they
    told it; `feed_id` is whose article shows it.
    """

    id: StoryId
    topic: TopicSlug
    other_topics: tuple[TopicSlug, ...] = ()
    language: Language
    title: str
    summary: str
    url: str
    source: str
    published_at: datetime
    other_sources: tuple[str, ...] = ()
    feed_id: FeedId = _NO_FEED
