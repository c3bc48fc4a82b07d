"""Dry run of the article pipeline: the analysis of an article and its match, storing nothing."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiosqlite

from bot.model import (
    LANGUAGES,
    Article,
    ArticleId,
    ArticleLanguage,
    EditorLink,
    ExactMatch,
    Story,
    StoryId,
)
from bot.storage.feeds import feeds
from bot.storage.stories import queries, signatures
from bot.stories.article_processor import SAME_TITLE_WITHIN
from bot.stories.embedding import Embed
from bot.stories.language import detect_language
from bot.stories.matching.clustering import (
    WINDOW,
    Decision,
    cluster_candidate,
    decide,
    rank_matches,
)
from bot.stories.matching.exact import decide_exactly
from bot.stories.matching.fingerprint import fingerprint, search_weights, title_key
from bot.stories.matching.similarity import ComparedArticle
from bot.stories.page_extraction import MAX_TEXT_CHARS, MAX_TITLE_CHARS
from bot.stories.read_also import related_links, resolved_editor_links
from bot.stories.related import MAX_AGE, RelatedLink, choose_related, query_weights, terms
from bot.stories.summary import summarise
from bot.stories.topics.classifier import NO_VECTOR, TopicResult, build_classifier
from bot.stories.topics.vector_head import vector_topics
from bot.text.normalization import normalize
from bot.topics import Topics
from bot.web.html import MAX_URL_CHARS
from bot.web.urls import canonical

# Of the most similar stories; the others are far off.
MAX_LIKELY = 5
# Publishers give a dozen; a hostile one may give thousands.
MAX_CATEGORIES = 50

# Control and invisible characters, marks that change the direction of a line, lone surrogates.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Above all stored ids, so that every stored story is an earlier one.
_NOT_STORED = StoryId(2**63 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An article to explain, in plain text of any length; `links` are its editor's.

    `language` is the usual one of its source; one that is not of `LANGUAGES` is unknown.
    """

    title: str = ""
    text: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""
    links: tuple[EditorLink, ...] = ()

    def article(self) -> Article:
        """Return the submission as an article, cleaned and cut as feeds do it."""
        url = clean_text(self.url, MAX_URL_CHARS)
        known = [language for language in LANGUAGES if language == self.language]
        categories = self.categories[:MAX_CATEGORIES]
        return Article(
            id=ArticleId(0),
            source="",
            feed_language=known[0] if known else LANGUAGES[0],
            feed_topic=None,
            url=url,
            canonical_url=url,
            title=clean_text(self.title, MAX_TITLE_CHARS),
            text=clean_text(self.text, MAX_TEXT_CHARS),
            categories=tuple(clean_text(name, MAX_TITLE_CHARS) for name in categories),
            published_at=datetime.fromtimestamp(0, UTC),
            backlog=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The analysis of an article; `article` is cleaned and cut as feeds do it."""

    article: Article
    links: tuple[EditorLink, ...]
    language: ArticleLanguage
    topics: TopicResult
    summary: str

    def new_story(self, now: datetime) -> Story | None:
        """Return the story that the article would open; None: it would be rejected."""
        topic = self.topics.main
        if topic is None or self.language == "other":
            return None
        return Story(
            id=_NOT_STORED,
            topic=topic,
            other_topics=self.topics.others,
            language=self.language,
            title=self.article.title,
            summary=self.summary,
            url=self.article.url,
            source="",
            published_at=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The place of an article among the stored stories.

    `story` is the one that it would join, and `continues` the one of which it would be a chapter;
    neither: it would open one, or be rejected. `certain` if by its address or headline, else by
    similarity. `likely` are the most similar stories with their log-odds, in descending order.
    `related` would be its links under "Read also".
    """

    story: Story | None
    continues: Story | None
    certain: bool
    likely: tuple[tuple[Story, float], ...]
    related: tuple[RelatedLink, ...]


Explain = Callable[[Submission], Explanation]


def build_explainer(topics: Topics, embed: Embed | None = None) -> Explain:
    """Return the function that analyses a submission, which takes a few milliseconds.

    With `embed`, that of the article processor, its vector tells its topics too.

    Raises:
        SetupError: if the topic model cannot be read.
    """
    classify = build_classifier(topics)

    def explain(submission: Submission) -> Explanation:
        article = submission.article()
        is_known = submission.language in LANGUAGES
        priors = (article.feed_language,) if is_known else LANGUAGES
        detected = Counter(
            detect_language(article.title, article.text, prior=prior) for prior in priors
        )
        # A prior decides for itself at most, so a language of two priors is due to the text.
        ((language, votes),) = detected.most_common(1)
        if not is_known and votes == 1:
            language = "other"
        vector = embed(article.title, article.text, language) if embed is not None else None
        known = NO_VECTOR if vector is None else vector_topics(vector, language)
        return Explanation(
            article=article,
            links=submission.links,
            language=language,
            topics=classify(article, known),
            summary=summarise(article.title, article.text, language=language),
        )

    return explain


def clean_text(text: str, max_chars: int) -> str:
    """Return the text as feeds give it: NFC, without control characters, cut and stripped."""
    return _UNWANTED.sub("", normalize("NFC", text[:max_chars]))[:max_chars].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArchive:
    """The stored stories at the time `now`, for a reader of all topics and languages.

    `embed` is that of the article processor.
    """

    db: aiosqlite.Connection
    topics: Topics
    embed: Embed | None
    now: datetime

    async def place(self, explanation: Explanation) -> Placement:
        """Return the place of the article, as if it were published now."""
        source = await feeds.source_at(self.db, explanation.article.url)
        article = replace(explanation.article, source=source, published_at=self.now)
        matches = await self._exact(article.url, title_key(article.title))
        likely, decision = await self._most_similar(article, explanation.language)
        exact = decide_exactly(article, matches)
        decision = exact or decision
        story = (
            await queries.get(self.db, decision.story_id) if decision.story_id is not None else None
        )
        joined = story if decision.relation == "same" else None
        return Placement(
            story=joined,
            continues=story if decision.relation == "chapter" else None,
            certain=exact is not None,
            likely=likely,
            related=await self._related(explanation, joined),
        )

    async def _exact(self, url: str, key: str) -> tuple[ExactMatch, ...]:
        """Return the stories of this address or title key; empty ones match none."""
        return await signatures.find_exact(
            self.db,
            canonical_url=canonical(url),
            title_key=key,
            published_at=self.now,
            title_within=SAME_TITLE_WITHIN,
        )

    async def _most_similar(
        self, article: Article, language: ArticleLanguage
    ) -> tuple[tuple[tuple[Story, float], ...], Decision]:
        """Return the most similar stories, and which one the article would join or continue."""
        if language == "other":
            return (), Decision(relation="new")
        title, text = article.title, article.text
        vector = None
        if self.embed is not None:
            # In a thread: it takes a tenth of a second.
            vector = await asyncio.to_thread(self.embed, title, text, language)
        compared = ComparedArticle(
            language=language, fingerprint=fingerprint(title, text), vector=vector
        )
        weights = search_weights(compared.fingerprint)
        stored = await signatures.find_candidates(self.db, weights, since=self.now - WINDOW)
        candidates = [cluster_candidate(each) for each in stored]
        ranked = rank_matches(
            compared, candidates, source=article.source, published_at=article.published_at
        )
        likely = [
            (await queries.get(self.db, match.story_id), match.same_log_odds)
            for match in ranked[:MAX_LIKELY]
        ]
        decision = decide(
            compared, candidates, source=article.source, published_at=article.published_at
        )
        return tuple((story, log_odds) for story, log_odds in likely if story is not None), decision

    async def _related(
        self, explanation: Explanation, joined: Story | None
    ) -> tuple[RelatedLink, ...]:
        slugs = [topic.slug for topic in self.topics]
        chosen: list[Story | EditorLink] = []
        for link in explanation.links:
            # Without an address it is found by its headline, and leads nowhere if it is not.
            matches = await self._exact(link.url, "" if link.url else title_key(link.title))
            stored = await queries.get(self.db, matches[0].story_id) if matches else None
            if stored or link.url:
                chosen.append(stored or link)
        if joined is not None:
            chosen += await resolved_editor_links(
                self.db, joined, topics=slugs, languages=LANGUAGES
            )
            return await related_links(
                self.db, joined, topics=slugs, languages=LANGUAGES, chosen_by_editors=chosen
            )
        story = explanation.new_story(self.now)
        if story is None:
            return ()
        story_terms = terms(explanation.article.title, explanation.article.text)
        candidates = await queries.sharing_terms(
            self.db,
            story,
            words=query_weights(story_terms),
            topics=slugs,
            languages=LANGUAGES,
            since=self.now - MAX_AGE,
        )
        return choose_related(story, story_terms, candidates, chosen_by_editors=chosen)
