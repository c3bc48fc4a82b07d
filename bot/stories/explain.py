"""What does the newsroom make of an article, and why? The same as the editor, storing nothing."""

import asyncio
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import aiosqlite

from bot.model import (
    LANGUAGES,
    Article,
    ArticleId,
    ArticleLanguage,
    EditorLink,
    Story,
    StoryId,
)
from bot.storage.stories import signatures, stories
from bot.stories.article_processor import SAME_TITLE_WITHIN
from bot.stories.embedding import Embed
from bot.stories.language import detect_language
from bot.stories.matching.clustering import MIN_JOIN_ODDS, WINDOW, cluster_candidate, rank_matches
from bot.stories.matching.fingerprint import fingerprint, search_weights, title_key
from bot.stories.matching.similarity import ComparedArticle
from bot.stories.page_extraction import MAX_TEXT_CHARS, MAX_TITLE_CHARS
from bot.stories.read_also import related_links, resolved_editor_links
from bot.stories.related import MAX_AGE, RelatedLink, query_weights, choose_related, terms
from bot.stories.summary import summarise
from bot.stories.topics.classifier import TopicResult, build_classifier
from bot.topics import Topics
from bot.web.html import MAX_URL_CHARS

# Of the stories that look alike; the rest is far off.
MAX_LIKELY = 5
# Publishers give a dozen; a hostile one may give thousands.
MAX_CATEGORIES = 50

# What no reader sees, or what would turn a terminal's line round; half a surrogate pair, too.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Newer than any story: all that are stored are earlier ones.
_NOT_STORED = StoryId(2**63 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An article as it was handed in, in plain text of any length; `links` are its editor's.

    `language` is the one that its source usually writes; any that is not ours tells nothing.
    """

    title: str = ""
    text: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""
    links: tuple[EditorLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What an article's words and its publisher tell; `article` is cleaned and cut as by feeds."""

    article: Article
    links: tuple[EditorLink, ...]
    language: ArticleLanguage
    filing: TopicResult
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article would stand among the stories.

    `story` is what it would join; None: it would open one, or none. That is `certain` by its
    address or its headline, else by the likeness. `likely` are those that look alike, with their
    log-odds, the likeliest first. `offers` would stand under "Read also".
    """

    story: Story | None
    certain: bool
    likely: tuple[tuple[Story, float], ...]
    offers: tuple[RelatedLink, ...]


Explain = Callable[[Submission], Explanation]


def clean_text(text: str, length: int) -> str:
    """Return the text as feeds give it: composed, without controls, of `length` at most."""
    return _UNWANTED.sub("", unicodedata.normalize("NFC", text[:length]))[:length].strip()


def build_explainer(topics: Topics) -> Explain:
    """Return the function that finds what an article is; it takes some milliseconds.

    Raises:
        SetupError: if the model of topics cannot be read.
    """
    classify = build_classifier(topics)

    def explain(given: Submission) -> Explanation:
        article = _article(given)
        language = _language(article, is_known=given.language in LANGUAGES)
        return Explanation(
            article=article,
            links=given.links,
            language=language,
            filing=classify(article),
            summary=summarise(article.title, article.text, language=language),
        )

    return explain


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArchive:
    """Where stories are looked up: as at `now`, for a reader of all topics and languages.

    `canonical` makes addresses comparable; `embed` is the editor's.
    """

    db: aiosqlite.Connection
    topics: Topics
    canonical: Callable[[str], str]
    embed: Embed | None
    now: datetime

    async def place(self, found: Explanation) -> Placement:
        """Return where the article would stand; it is taken to be published now."""
        known = await self._stored(found.article.url, title=title_key(found.article.title))
        likely = await self._likely(found)
        joined = known or next((story for story, odds in likely if odds >= MIN_JOIN_ODDS), None)
        offered = await self._offers(found, joined)
        return Placement(story=joined, certain=known is not None, likely=likely, offers=offered)

    async def _stored(self, url: str, *, title: str = "") -> Story | None:
        """Return the story at this address or with this headline's key; empty ones equal none."""
        story_id = await signatures.find_exact(
            self.db,
            canonical_url=self.canonical(url),
            title_key=title,
            published_at=self.now,
            title_within=SAME_TITLE_WITHIN,
        )
        return None if story_id is None else await stories.get(self.db, story_id)

    async def _likely(self, found: Explanation) -> tuple[tuple[Story, float], ...]:
        if found.language == "other":
            return ()
        title, text = found.article.title, found.article.text
        # In a thread: it takes a tenth of a second.
        vector = await asyncio.to_thread(self.embed or (lambda *_: None), title, text)
        its = ComparedArticle(
            language=found.language, fingerprint=fingerprint(title, text), vector=vector
        )
        weights = search_weights(its.fingerprint)
        alike = await signatures.find_candidates(self.db, weights, since=self.now - WINDOW)
        ranked = rank_matches(its, map(cluster_candidate, alike), source="", published_at=self.now)
        shown = [(await stories.get(self.db, m.story_id), m.odds) for m in ranked[:MAX_LIKELY]]
        return tuple((story, odds) for story, odds in shown if story is not None)

    async def _offers(self, found: Explanation, joined: Story | None) -> tuple[RelatedLink, ...]:
        slugs = [topic.slug for topic in self.topics]
        own = [await self._stored(link.url) or link for link in found.links]
        if joined is not None:
            own += await resolved_editor_links(self.db, joined, topics=slugs, languages=LANGUAGES)
            return await related_links(self.db, joined, topics=slugs, languages=LANGUAGES, own=own)
        story = _opened(found, self.now)
        if story is None:
            return ()
        its_terms = terms(found.article.title, found.article.text)
        candidates = await stories.sharing_terms(
            self.db,
            story,
            words=query_weights(its_terms),
            topics=slugs,
            languages=LANGUAGES,
            since=self.now - MAX_AGE,
        )
        return choose_related(story, its_terms, candidates, own=own)


def _article(given: Submission) -> Article:
    url = clean_text(given.url, MAX_URL_CHARS)
    return Article(
        id=ArticleId(0),
        source="",
        feed_language=next((each for each in LANGUAGES if each == given.language), LANGUAGES[0]),
        feed_topic=None,
        url=url,
        canonical_url=url,
        title=clean_text(given.title, MAX_TITLE_CHARS),
        text=clean_text(given.text, MAX_TEXT_CHARS),
        categories=tuple(clean_text(it, MAX_TITLE_CHARS) for it in given.categories[:MAX_CATEGORIES]),
        published_at=datetime.fromtimestamp(0, UTC),
        backlog=False,
    )


def _language(article: Article, *, is_known: bool) -> ArticleLanguage:
    """Detect the language; where the source's is not known, by what the text itself tells."""
    priors = (article.feed_language,) if is_known else LANGUAGES
    found = Counter(detect_language(article.title, article.text, prior=prior) for prior in priors)
    # Each prior speaks for itself at most, so what two of three end at is said by the text.
    ((language, votes),) = found.most_common(1)
    return language if is_known or votes > 1 else "other"


def _opened(found: Explanation, now: datetime) -> Story | None:
    """Return the story that the article would open; None: it is no story for us."""
    topic = found.filing.main
    if topic is None or found.language == "other":
        return None
    return Story(
        id=_NOT_STORED,
        topic=topic,
        other_topics=found.filing.others,
        language=found.language,
        title=found.article.title,
        summary=found.summary,
        url=found.article.url,
        source="",
        published_at=now,
    )
