"""Clustering of articles into stories: which story an article joins or continues, if any."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from statistics import fmean
from typing import Literal

from bot.model import ArticleLanguage, ArticleSignature, CandidateStory, StoryId
from bot.stories.matching.fingerprint import unpack
from bot.stories.matching.similarity import ComparedArticle, gather_evidence
from bot.stories.matching.story_model import LogOdds, StoryModel, story_model

# An older story is neither joined nor continued.
WINDOW = timedelta(hours=72)

# The log-odds of a story are mostly those of its closest article, and a little the mean of its
# closest four, so that one misplaced article does not draw others after it.
_CLOSEST = 4
_WEIGHT_OF_CLOSEST = 0.6
# Two stories are one if an article belongs to one and may well belong to the other, at log-odds so
# much lower, and their articles are alike: the closest pair and the mean of all have at least these
# log-odds. On marked days that found a tenth more of the pairs of one event, and no more strangers.
_BRIDGE_MARGIN, _MAX_BRIDGED = 1.5, 3
_MIN_BRIDGE_CLOSEST, _MIN_BRIDGE_MEAN = -0.5, -3.0
_MAX_BRIDGE_ARTICLES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCandidate:
    """A story that an article may join, with its articles; `published_at` is that of the first."""

    story_id: StoryId
    published_at: datetime
    articles: tuple[ComparedArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The log-odds that an article tells the event of a story, and that it is of its storyline."""

    story_id: StoryId
    same_log_odds: float
    line_log_odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How an article is related to the stories before it.

    "same": it reports the event of `story_id`, and joins it. "chapter": a new story, which
    continues `story_id`. "new": a story of its own; `story_id` is None. `bridge` is a second story
    that reports the same event as `story_id`, as this article shows. The log-odds are
    the highest of any story: that it reports the same event, and that it is of the same storyline.
    """

    relation: Literal["same", "chapter", "new"]
    story_id: StoryId | None = None
    bridge: StoryId | None = None
    same_log_odds: float = -math.inf
    line_log_odds: float = -math.inf


def cluster_candidate(stored: CandidateStory) -> ClusterCandidate:
    """Return a stored story in the form that is compared."""
    return ClusterCandidate(
        story_id=stored.story_id,
        published_at=stored.published_at,
        articles=tuple(
            ComparedArticle(
                language=article.language,
                fingerprint=unpack(article.signature.fingerprint),
                vector=article.signature.vector,
                source=article.source,
                published_at=article.published_at,
            )
            for article in stored.articles
        ),
    )


def compared_article(language: ArticleLanguage, signature: ArticleSignature) -> ComparedArticle:
    """Return an article's signature in the form that is compared.

    Raises:
        ValueError: if its fingerprint is not one that `pack` returned.
    """
    return ComparedArticle(
        language=language, fingerprint=unpack(signature.fingerprint), vector=signature.vector
    )


def min_same_log_odds(*, with_vectors: bool) -> float:
    """Return the log-odds from which an article joins a story."""
    model = story_model()
    return (model.with_vectors if with_vectors else model.by_words).min_same


def decide(
    article: ComparedArticle,
    candidates: Iterable[ClusterCandidate],
    *,
    source: str,
    published_at: datetime,
    model: StoryModel | None = None,
) -> Decision:
    """Return which story the article joins or continues, if any; by the shipped model for None.

    Doubt leans to the milder fault: a chapter of a story rather than an article of it.
    """
    model = model or story_model()
    thresholds = model.by_words if article.vector is None else model.with_vectors
    by_id = {candidate.story_id: candidate for candidate in candidates}
    ranked = rank_matches(
        article, by_id.values(), source=source, published_at=published_at, model=model
    )
    if not ranked:
        return Decision(relation="new")
    best = ranked[0]
    nearest = max(ranked, key=lambda match: (match.line_log_odds, -match.story_id))
    new = Decision(
        relation="new", same_log_odds=best.same_log_odds, line_log_odds=nearest.line_log_odds
    )
    if best.same_log_odds >= thresholds.min_same:
        others = (
            match.story_id
            for match in ranked[1 : 1 + _MAX_BRIDGED]
            if match.same_log_odds >= thresholds.min_same - _BRIDGE_MARGIN
        )
        joined = by_id[best.story_id]
        bridge = next((other for other in others if _are_one(joined, by_id[other], model)), None)
        return replace(new, relation="same", story_id=best.story_id, bridge=bridge)
    if nearest.line_log_odds >= thresholds.min_line:
        return replace(new, relation="chapter", story_id=nearest.story_id)
    return new


def rank_matches(
    article: ComparedArticle,
    candidates: Iterable[ClusterCandidate],
    *,
    source: str,
    published_at: datetime,
    model: StoryModel | None = None,
) -> tuple[Match, ...]:
    """Return the matches of the article with the stories of its time, by descending log-odds.

    Of equal log-odds the older story is first.
    """
    model = model or story_model()
    compared = replace(article, source=source, published_at=published_at)
    stories = [
        candidate
        for candidate in candidates
        if candidate.articles and abs(published_at - candidate.published_at) <= WINDOW
    ]
    log_odds = iter(
        _log_odds(compared, [each for story in stories for each in story.articles], model)
    )
    matches = []
    for story in stories:
        of_story = list(islice(log_odds, len(story.articles)))
        matches.append(
            Match(
                story_id=story.story_id,
                same_log_odds=_pooled([each.same for each in of_story]),
                line_log_odds=_pooled([each.line for each in of_story]),
            )
        )
    return tuple(sorted(matches, key=lambda match: (-match.same_log_odds, match.story_id)))


def _log_odds(
    article: ComparedArticle, others: Sequence[ComparedArticle], model: StoryModel
) -> list[LogOdds]:
    return [
        (model.with_vectors if "vector_mean" in evidence else model.by_words).log_odds(evidence)
        for evidence in gather_evidence(article, others)
    ]


def _pooled(log_odds: Sequence[float]) -> float:
    closest = sorted(log_odds, reverse=True)[:_CLOSEST]
    return _WEIGHT_OF_CLOSEST * closest[0] + (1 - _WEIGHT_OF_CLOSEST) * fmean(closest)


def _are_one(one: ClusterCandidate, other: ClusterCandidate, model: StoryModel) -> bool:
    """Tell whether the articles of two stories are alike."""
    theirs = other.articles[:_MAX_BRIDGE_ARTICLES]
    log_odds = [
        each.same
        for article in one.articles[:_MAX_BRIDGE_ARTICLES]
        for each in _log_odds(article, theirs, model)
    ]
    return max(log_odds) >= _MIN_BRIDGE_CLOSEST and fmean(log_odds) >= _MIN_BRIDGE_MEAN
