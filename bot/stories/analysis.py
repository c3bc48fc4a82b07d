"""Analysis of an article, in a few milliseconds: language, topics, summary, terms, signature."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial

from bot.model import Article, ArticleAnalysis, ArticleId, ArticleSignature
from bot.stories.embedding import MAX_LEAD_CHARS
from bot.stories.language import detect_language
from bot.stories.matching.cleaning import without_footers
from bot.stories.matching.fingerprint import fingerprint, pack, title_key
from bot.stories.page_extraction import longest_text
from bot.stories.related import terms
from bot.stories.summary import summarise
from bot.stories.topics.classifier import Classify, build_classifier
from bot.topics import Topics

Analyze = Callable[[Article], ArticleAnalysis]


def build_analyzer(topics: Topics) -> Analyze:
    """Return the function that analyses an article: by its page, if that tells more than the feed.

    It can be pickled; another process reads the topic model with its first call.

    Raises:
        SetupError: if the topic model cannot be read.
    """
    pickled_topics = pickle.dumps(topics)
    _classifier(pickled_topics)
    return partial(_analyze, pickled_topics)


def _analyze(pickled_topics: bytes, article: Article) -> ArticleAnalysis:
    article = longest_text(article)
    title, text = article.title, article.text
    language = detect_language(title, text, prior=article.feed_language)
    topic_result = _classifier(pickled_topics)(article)
    return ArticleAnalysis(
        language=language,
        topic=topic_result.main,
        other_topics=topic_result.others,
        summary=summarise(title, text, language=language),
        title_key=title_key(title),
        terms=terms(title, without_footers(text)),
        signature=ArticleSignature(fingerprint=pack(fingerprint(title, text))),
        lead=text[:MAX_LEAD_CHARS],
        kind=topic_result.kind,
        topic_evidence=topic_result.evidence,
        topic_scores=tuple(scored.score for scored in topic_result.topics),
    )


@lru_cache(maxsize=4)
def _classifier(pickled_topics: bytes) -> Classify:
    return build_classifier(pickle.loads(pickled_topics))


def warm_up(analyze: Analyze) -> None:
    """Let this process read the models and tables of the analysis, which takes a second."""
    analyze(
        Article(
            id=ArticleId(0),
            source="",
            feed_language="uk",
            feed_topic=None,
            url="",
            canonical_url="",
            title="У Львові відкрили новий міст",
            text="Мер міста Андрій Садовий сказав, що New York такого моста не має. " * 2,
            categories=(),
            published_at=datetime.fromtimestamp(0, UTC),
            backlog=False,
        )
    )
