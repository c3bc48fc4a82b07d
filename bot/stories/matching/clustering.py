"""Clustering of articles into stories: the choice of the story that a new article joins."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Literal

from bot.model import ArticleLanguage, ArticleSignature, CandidateStory, StoryId
from bot.stories.matching.fingerprint import unpack
from bot.stories.matching.similarity import (
    CONTRADICTED,
    ComparedArticle,
    SimilarityEvidence,
    compare,
    log_odds,
)

# An older story is not joined; the article opens a new one, which is related to it.
WINDOW = timedelta(hours=72)

# Log-odds from which an article joins.
MIN_JOIN_ODDS = 0.0
# A source that publishes on a story again has news of it, or uses the same words in all its news,
# such as daily reports; it joins again only if other sources joined, and at higher log-odds.
MIN_OTHER_SOURCES = 2
SAME_SOURCE_PENALTY = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCandidate:
    """A story that an article may join: its sources, and its first articles.

    `published_at` is that of its lead article.
    """

    story_id: StoryId
    published_at: datetime
    sources: frozenset[str]
    articles: tuple[ComparedArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The log-odds that an article belongs to a story; from `MIN_JOIN_ODDS` on it joins."""

    story_id: StoryId
    odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How an article is related to the stories before it.

    "same": it reports the event of `story_id`, and joins it. "chapter": a new story, which
    continues `story_id`. "new": a story of its own; `story_id` is None. `bridge` is a second story
    that reports the same event as `story_id`, as this article shows. The odds are log-odds for the
    best story: that it reports the same event, and that it belongs to the same storyline.
    """

    relation: Literal["same", "chapter", "new"]
    story_id: StoryId | None = None
    bridge: StoryId | None = None
    same_odds: float = -math.inf
    line_odds: float = -math.inf


def cluster_candidate(stored: CandidateStory) -> ClusterCandidate:
    """Return a stored story in the form that is compared."""
    return ClusterCandidate(
        story_id=stored.story_id,
        published_at=stored.published_at,
        sources=stored.sources,
        articles=tuple(
            compared_article(language, signature) for language, signature in stored.signatures
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


def decide(
    article: ComparedArticle,
    candidates: Iterable[ClusterCandidate],
    *,
    source: str,
    published_at: datetime,
) -> Decision:
    """Return which story the article joins or continues, if any."""
    ranked = rank_matches(article, candidates, source=source, published_at=published_at)
    if not ranked or ranked[0].odds < MIN_JOIN_ODDS:
        return Decision(relation="new")
    best = ranked[0]
    return Decision(
        relation="same", story_id=best.story_id, same_odds=best.odds, line_odds=best.odds
    )


def best_match(
    article: ComparedArticle,
    candidates: Iterable[ClusterCandidate],
    *,
    source: str,
    published_at: datetime,
) -> StoryId | None:
    """Return the story that the article joins; None: it opens a new one."""
    ranked = rank_matches(article, candidates, source=source, published_at=published_at)
    return ranked[0].story_id if ranked and ranked[0].odds >= MIN_JOIN_ODDS else None


def rank_matches(
    article: ComparedArticle,
    candidates: Iterable[ClusterCandidate],
    *,
    source: str,
    published_at: datetime,
) -> tuple[Match, ...]:
    """Return the matches of the article with the stories of its time, by descending odds.

    Of equal odds the older story is first. A source joins a story again only if
    `MIN_OTHER_SOURCES` have joined it, with `SAME_SOURCE_PENALTY`.
    """
    matches = (
        Match(
            story_id=candidate.story_id,
            odds=_story_odds(article, candidate.articles)
            - SAME_SOURCE_PENALTY * (source in candidate.sources),
        )
        for candidate in candidates
        if candidate.articles
        and (source not in candidate.sources or len(candidate.sources) > MIN_OTHER_SOURCES)
        and abs(published_at - candidate.published_at) <= WINDOW
    )
    return tuple(sorted(matches, key=lambda match: (-match.odds, match.story_id)))


def _story_odds(article: ComparedArticle, others: Sequence[ComparedArticle]) -> float:
    """Return the log-odds that the article reports the event of all these articles.

    By its mean similarity to them, over the root of their similarity to each other: its
    similarity to their sum, if similarities were cosines. An article similar to all of them gets
    higher odds than one similar to one.
    """
    ours = [compare(article, other) for other in others]
    if sum(each.contradiction for each in ours) * 2 > len(ours):
        return CONTRADICTED
    # Each with the one half a round further: a sample of all pairs, as cheap as `ours`.
    half = len(others) // 2
    opposite = (*others[half:], *others[:half])
    theirs = [compare(one, other) for one, other in zip(others, opposite, strict=True)]
    our_semantic = [each.semantic for each in ours if each.semantic is not None]
    their_semantic = [each.semantic for each in theirs if each.semantic is not None]
    pooled = SimilarityEvidence(
        title=_pooled([each.title for each in ours], [each.title for each in theirs]),
        words=_pooled([each.words for each in ours], [each.words for each in theirs]),
        unmatched_events=fmean(each.unmatched_events for each in ours),
        semantic=_pooled(our_semantic, their_semantic or [1.0]) if our_semantic else None,
        titles_only=fmean(each.titles_only for each in ours) > 1 / 2,
        both_english=fmean(each.both_english for each in ours) > 1 / 2,
        contradiction=False,
    )
    return log_odds(pooled)


def _pooled(ours: Sequence[float], theirs: Sequence[float]) -> float:
    n_others = len(ours) - 1
    mean_square = (1 + n_others * max(0.0, fmean(theirs))) / len(ours)
    return fmean(ours) / math.sqrt(mean_square)
