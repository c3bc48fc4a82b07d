"""Which story does a new article tell, if any that we know? Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from bot.model import ArticleLanguage, ArticleSignature, CandidateStory, StoryId
from bot.stories.matching.fingerprint import unpack
from bot.stories.matching.similarity import (
    CONTRADICTED,
    ComparedArticle,
    SimilarityEvidence,
    compare,
    log_odds,
)

# A story older than this is continued by a new one, which is related to it.
WINDOW = timedelta(hours=72)

# Log-odds from which an article joins.
MIN_JOIN_ODDS = 0.0
# A source that tells a story anew has news of it, or the same words under all its news, such as
# daily reports; only what others tell too may it tell again, and at log-odds so much higher.
MIN_OTHER_SOURCES = 2
SAME_SOURCE_PENALTY = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCandidate:
    """A story that may be the article's: its sources, and its first tellings.

    `published_at` is that of its lead.
    """

    story_id: StoryId
    published_at: datetime
    sources: frozenset[str]
    tellings: tuple[ComparedArticle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How likely the article tells the story: log-odds, from `JOINS_FROM` on it joins."""

    story_id: StoryId
    odds: float


def cluster_candidate(found: CandidateStory) -> ClusterCandidate:
    """Return a story as it was found in the tables, to be compared."""
    return ClusterCandidate(
        story_id=found.story_id,
        published_at=found.published_at,
        sources=found.sources,
        tellings=tuple(compared_article(language, stored) for language, stored in found.signatures),
    )


def compared_article(language: ArticleLanguage, stored: ArticleSignature) -> ComparedArticle:
    """Return what is compared of an article, as it was stored.

    Raises:
        ValueError: if it is no packed fingerprint.
    """
    return ComparedArticle(
        language=language, fingerprint=unpack(stored.fingerprint), vector=stored.vector
    )


def best_match(
    article: ComparedArticle,
    candidates: Iterable[ClusterCandidate],
    *,
    source: str,
    published_at: datetime,
) -> StoryId | None:
    """Return the story that the article joins; None: it opens a new one."""
    best = next(iter(rank_matches(article, candidates, source=source, published_at=published_at)), None)
    return best.story_id if best is not None and best.odds >= MIN_JOIN_ODDS else None


def rank_matches(
    article: ComparedArticle,
    candidates: Iterable[ClusterCandidate],
    *,
    source: str,
    published_at: datetime,
) -> tuple[Match, ...]:
    """Return how likely the article tells each of the stories of its time, the likeliest first.

    Of equally likely ones the older is first. A source tells a story again only where `OTHERS`
    tell it too, and likelier by `SOURCE_AGAIN`.
    """
    found = (
        Match(
            story_id=candidate.story_id,
            odds=_likeness(article, candidate.tellings)
            - SAME_SOURCE_PENALTY * (source in candidate.sources),
        )
        for candidate in candidates
        if candidate.tellings
        and (source not in candidate.sources or len(candidate.sources) > MIN_OTHER_SOURCES)
        and abs(published_at - candidate.published_at) <= WINDOW
    )
    return tuple(sorted(found, key=lambda match: (-match.odds, match.story_id)))


def _likeness(article: ComparedArticle, tellings: Sequence[ComparedArticle]) -> float:
    """Return the log-odds that the article tells what all of these tell.

    Its mean likeness to them, by the root of their likeness to each other: what its likeness to
    their sum would be, were likeness a cosine. One like them all is likelier than one like one.
    """
    found = [compare(article, each) for each in tellings]
    if sum(each.contradiction for each in found) * 2 > len(found):
        return CONTRADICTED
    # Each with the one half a round further: a sample of all pairs, no dearer than `found`.
    half = len(tellings) // 2
    opposite = (*tellings[half:], *tellings[:half])
    around = [compare(one, other) for one, other in zip(tellings, opposite, strict=True)]
    turns = fmean(each.turns for each in found)
    pooled = SimilarityEvidence(
        title=_pooled([each.title for each in found], [each.title for each in around]),
        words=_pooled([each.words for each in found], [each.words for each in around]),
        turns=turns,
        meaning=_meaning(found, around),
        bare=_mostly(each.bare for each in found),
        english=_mostly(each.english for each in found),
        contradiction=False,
    )
    return log_odds(pooled)


def _meaning(
    found: Iterable[SimilarityEvidence], around: Iterable[SimilarityEvidence]
) -> float | None:
    ours = [each.meaning for each in found if each.meaning is not None]
    theirs = [each.meaning for each in around if each.meaning is not None]
    return _pooled(ours, theirs or [1.0]) if ours else None


def _pooled(ours: Sequence[float], theirs: Sequence[float]) -> float:
    others = len(ours) - 1
    among = (1 + others * max(0.0, fmean(theirs))) / len(ours)
    return fmean(ours) / math.sqrt(among)


def _mostly(said: Iterable[bool]) -> bool:
    return fmean(said) > 1 / 2
