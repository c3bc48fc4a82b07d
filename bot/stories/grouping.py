"""Which story does a new article tell, if any that we know? Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import AlikeStory, ArticleLanguage, StoredTelling, StoryId
from bot.stories.fingerprint import unpack
from bot.stories.sameness import Telling, compare, odds

# A story older than this is continued by a new one, which is related to it.
WINDOW = timedelta(hours=72)

# Log-odds from which an article joins. On same_story_pairs -0.5 gives the best F1, 0.90, but more
# false joins than missed ones, and joins follow-ups of quality/pairs.jsonl; 0 does neither.
JOINS_FROM = 0.0
# So many tellings must an article be like on the average: a bigger story asks for more than
# likeness to one of its tellings, or chains of them would join all the news of a day.
COMPARED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story that may be the article's: its sources, and those of its tellings that look alike.

    `published_at` is that of its lead.
    """

    story_id: StoryId
    published_at: datetime
    sources: frozenset[str]
    tellings: tuple[Telling, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How likely the article tells the story: log-odds, from `JOINS_FROM` on it joins."""

    story_id: StoryId
    odds: float


def candidate(found: AlikeStory) -> Candidate:
    """Return a story as it was found in the tables, to be compared."""
    return Candidate(
        story_id=found.story_id,
        published_at=found.published_at,
        sources=found.sources,
        tellings=tuple(telling(language, stored) for language, stored in found.tellings),
    )


def telling(language: ArticleLanguage, stored: StoredTelling) -> Telling:
    """Return what is compared of an article, as it was stored.

    Raises:
        ValueError: if it is no packed fingerprint.
    """
    return Telling(language=language, fingerprint=unpack(stored.fingerprint), vector=stored.vector)


def best_match(
    article: Telling, candidates: Iterable[Candidate], *, source: str, published_at: datetime
) -> StoryId | None:
    """Return the story that the article joins; None: it opens a new one."""
    best = next(iter(matches(article, candidates, source=source, published_at=published_at)), None)
    return best.story_id if best is not None and best.odds >= JOINS_FROM else None


def matches(
    article: Telling, candidates: Iterable[Candidate], *, source: str, published_at: datetime
) -> tuple[Match, ...]:
    """Return how likely the article tells each of the stories of its time, the likeliest first.

    Of equally likely ones the older is first. A source stands in a story once.
    """
    found = (
        Match(
            story_id=candidate.story_id,
            odds=_likeness(article, candidate),
        )
        for candidate in candidates
        # A source that tells a story twice has news of it; or the same words under all its news.
        if candidate.tellings
        and source not in candidate.sources
        and abs(published_at - candidate.published_at) <= WINDOW
    )
    return tuple(sorted(found, key=lambda match: (-match.odds, match.story_id)))


def _likeness(article: Telling, candidate: Candidate) -> float:
    alike = sorted(
        (odds(compare(article, telling)) for telling in candidate.tellings), reverse=True
    )
    nearest = alike[:COMPARED]
    return sum(nearest) / len(nearest)
