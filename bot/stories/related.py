"""Which earlier stories a reader of this one should be offered under "Read also"."""

from collections.abc import Collection, Sequence
from datetime import timedelta

import aiosqlite

from bot.model import Language, Story, TopicSlug
from bot.storage import stories
from bot.stories.similarity import likeness, rarity
from bot.stories.titles import title_key

MOST = 3
# What is older is no longer what a reader of today's news has in mind.
WITHIN = timedelta(days=30)
# Tuned on a day's news of one site, 280 articles, and on 20,000 headlines of another. Of pairs
# above both, nine in ten told of one matter; with two stems in common half of them did not.
RELATED = 0.14
SHARED_STEMS = 3

# The headline's stems come first, so these hold the most telling ones. With all of them the
# search takes longer and finds nothing better.
ASKED_STEMS = 32
Candidate = tuple[Story, Collection[str]]


async def read_also(
    db: aiosqlite.Connection,
    story: Story,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
) -> tuple[Story, ...]:
    """Return up to `MOST` related earlier stories of these topics and languages, the best first."""
    its_stems = await stories.terms(db, story.id)
    candidates = await stories.sharing_terms(
        db,
        story,
        words=its_stems[:ASKED_STEMS],
        topics=topics,
        languages=languages,
        since=story.published_at - WITHIN,
    )
    return choose(story, its_stems, candidates)


def choose(
    story: Story, its_stems: Collection[str], candidates: Sequence[Candidate]
) -> tuple[Story, ...]:
    """Return up to `MOST` of the candidates, the most alike first; none if none is alike enough.

    One headline is offered once, and that of the story itself never; a tie goes to the newer.
    """
    weights = rarity([its_stems, *(stems for _, stems in candidates)], among=stories.CANDIDATES)
    rated = [
        (likeness(its_stems, stems, weights), other)
        for other, stems in candidates
        if len(set(stems) & set(its_stems)) >= SHARED_STEMS
    ]
    rated.sort(key=lambda pair: (pair[0], pair[1].published_at, pair[1].id), reverse=True)
    shown = [story]
    for alike, other in rated:
        if alike >= RELATED and not any(_repeats(other, seen) for seen in shown):
            shown.append(other)
    return tuple(shown[1 : MOST + 1])


def _repeats(one: Story, other: Story) -> bool:
    """Tell whether two stories would look the same in a list."""
    if one.id == other.id or one.url == other.url:
        return True
    if one.source == other.source and one.title.casefold() == other.title.casefold():
        return True
    key = title_key(one.title)
    return bool(key) and key == title_key(other.title)
