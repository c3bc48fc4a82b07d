"""Articles, their analysis, and stories."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.ids import (
    ArticleId,
    ArticleKind,
    ArticleLanguage,
    FeedId,
    Language,
    StoryId,
    TopicSlug,
)

# The feed, and the storyline, of a story that is not stored.
_NO_FEED = FeedId(0)
_NO_STORY = StoryId(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A stored entry, with the metadata of its feed.

    An article that its publisher edits is processed again, with its `story_id` set. `page` is the
    text of its page, empty unless that was fetched and holds more. A `private` article is of a
    feed that chats added for themselves.
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
    """A "Read also" link that an article's editor set; without a title it is within a sentence.

    `source` is empty where it is not known.
    """

    title: str
    url: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The address of an article's picture; width and height in pixels where they are declared.

    `is_of_page`: it is the one that the article's page declares for previews.
    """

    url: str
    width: int | None = None
    height: int | None = None
    is_of_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """The text, a line for each paragraph, the links and the picture of an article's page.

    `problem` says why the page does not show the article; None: it does, even if its text is empty.
    """

    title: str = ""
    text: str = ""
    links: tuple[EditorLink, ...] = ()
    picture: Picture | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedLink:
    """An editor's link with language and topics of its title.

    `story_id` is the stored story that it leads to, if any.
    """

    link: EditorLink
    language: ArticleLanguage | None
    topics: tuple[TopicSlug, ...]
    story_id: StoryId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSignature:
    """What is compared of an article, packed; a `vector` of None: embeddings are not installed.

    It holds the vector of the headline, then that of headline and text.
    """

    fingerprint: str
    vector: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateArticle:
    """A stored article with which another is compared."""

    language: ArticleLanguage
    source: str
    published_at: datetime
    signature: ArticleSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateStory:
    """A story that an article may belong to, with its articles, the oldest first.

    `published_at` is that of its lead.
    """

    story_id: StoryId
    published_at: datetime
    articles: tuple[CandidateArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactMatch:
    """A story with an article of the same address, or else of the same title words."""

    story_id: StoryId
    by_address: bool
    title: str
    text: str
    source: str
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEvidence:
    """What tells the topics of an article: the probability of each by its words, from 0 to 1.

    `sections` are the factors of the topics that its publisher names, `usual` is its feed's topic.
    `is_known` tells that the words are those of some topic at all.
    """

    by_words: Mapping[TopicSlug, float]
    sections: Mapping[TopicSlug, float]
    usual: TopicSlug | None
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleAnalysis:
    """The analysis of an article: language, main topic and up to two `other_topics`, summary.

    `title_key` is equal for titles of the same words and empty for titles too short to
    compare; `terms` are the stems by which related stories are found. `lead` is the beginning of
    the text, of which a vector is computed. `topic_scores` are those of its topics, from 0 to 1.
    """

    language: ArticleLanguage
    topic: TopicSlug | None
    other_topics: tuple[TopicSlug, ...] = ()
    summary: str
    title_key: str
    terms: tuple[str, ...]
    signature: ArticleSignature
    lead: str = ""
    kind: ArticleKind = "news"
    topic_evidence: TopicEvidence | None = None
    topic_scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """An article of a story, as a line of the coverage list; the language may be unknown."""

    title: str
    url: str
    source: str
    language: ArticleLanguage | None
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event, shown by the newest article about it in a language of the reader.

    Its main `topic` is empty for an event of no known topic. `published_at` and `feed_id` are
    those of that article. `other_sources` are in the order in which they reported it. A chapter
    `continues` an earlier story; `storyline` is the first one of all, 0 where it is not stored, and
    `earlier_count` counts the chapters before it. `other_texts` are headline and summary of other
    articles that tell it, in all languages. Of an `is_private` one nobody tells but feeds that
    chats added for themselves.
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
    storyline: StoryId = _NO_STORY
    continues: StoryId | None = None
    earlier_count: int = 0
    other_texts: tuple[tuple[str, str], ...] = ()
    is_private: bool = False
    picture: Picture | None = None
