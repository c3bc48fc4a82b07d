"""Tables `stories`, `story_topics` and `story_terms`: opening a story, its topics and its terms.

What readers ask of them is in `queries`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import aiosqlite

from bot.model import Article, ArticleAnalysis, ArticleId, StoryId, TopicSlug
from bot.storage.times import to_seconds

# Between the terms of the lead and those of other articles; no search finds it.
_OTHER_ARTICLES = " | "
# A story that everybody tells would be as long as all its articles.
MAX_OTHER_TERMS = 600


class StoryPlace(NamedTuple):
    """The story of an article, the article that opened it, and the story that it continues."""

    story_id: StoryId
    lead_id: ArticleId
    continues: StoryId | None


async def add(
    tx: aiosqlite.Connection,
    lead: Article,
    analysis: ArticleAnalysis,
    topic: TopicSlug,
    *,
    now: datetime,
    continues: StoryId | None = None,
) -> StoryId:
    """Open a story; the caller marks the lead as processed. An empty topic: it has none.

    It is a chapter of the storyline of the story that it `continues`; None: it begins one.
    """
    language = lead.feed_language if analysis.language == "other" else analysis.language
    cursor = await tx.execute(
        """
        INSERT INTO stories (lead_id, topic, language, published_at, opened_at, continues)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        (lead.id, topic, language, to_seconds(lead.published_at), to_seconds(now), continues),
    )
    assert cursor.lastrowid is not None
    story_id = StoryId(cursor.lastrowid)
    await tx.execute(
        """
        UPDATE stories
           SET storyline = coalesce((SELECT storyline FROM stories AS earlier
                                      WHERE earlier.id = stories.continues), id)
         WHERE id = ?
        """,
        (story_id,),
    )
    await add_topics(tx, story_id, (topic, *analysis.other_topics))
    await _set_terms(tx, story_id, analysis.terms)
    return story_id


async def add_topics(
    tx: aiosqlite.Connection, story_id: StoryId, topics: Collection[TopicSlug]
) -> None:
    """Add the story to these topics."""
    await tx.executemany(
        """
        INSERT OR IGNORE INTO story_topics (topic, published_at, story_id)
        SELECT ?, published_at, id FROM stories WHERE id = ?
        """,
        [(topic, story_id) for topic in topics if topic],
    )


async def index_article(
    tx: aiosqlite.Connection, story_id: StoryId, article: Article, analysis: ArticleAnalysis
) -> None:
    """Let searches find the story by the terms of this article too; those of its lead come first.

    A private article is found by its owner only where it is the lead.
    """
    rows = await tx.execute_fetchall(
        """
        SELECT lead_id = ?, terms
          FROM stories JOIN story_terms ON story_terms.rowid = stories.id
         WHERE stories.id = ?
        """,
        (article.id, story_id),
    )
    for is_lead, stored in rows:
        of_lead, others = terms_of_lead(stored), stored.partition(_OTHER_ARTICLES)[2].split()
        if is_lead:
            of_lead = analysis.terms
        elif not article.private:
            others += analysis.terms
        await _set_terms(tx, story_id, of_lead, others)


async def _set_terms(
    tx: aiosqlite.Connection, story_id: StoryId, of_lead: Sequence[str], others: Iterable[str] = ()
) -> None:
    await tx.execute(
        # OR REPLACE: no cascade reaches the terms of a deleted story, and its id is given again.
        "INSERT OR REPLACE INTO story_terms (rowid, terms) VALUES (?, ?)",
        (story_id, stored_terms(of_lead, others)),
    )


def stored_terms(of_lead: Sequence[str], others: Iterable[str]) -> str:
    """Return the terms of a story as they are stored: the lead's, then what the others add."""
    known = set(of_lead)
    added = [term for term in dict.fromkeys(others) if term not in known][:MAX_OTHER_TERMS]
    return " ".join(of_lead) + (_OTHER_ARTICLES + " ".join(added) if added else "")


async def move_terms(tx: aiosqlite.Connection, source: StoryId, target: StoryId) -> None:
    """Let searches find the story `target` by the terms of `source`."""
    rows = await tx.execute_fetchall(
        "SELECT terms FROM story_terms WHERE rowid IN (?, ?) ORDER BY rowid = ?",
        (source, target, target),
    )
    *added, kept = (row[0] for row in rows)
    others = " ".join([kept.partition(_OTHER_ARTICLES)[2], *added]).replace("|", " ")
    await _set_terms(tx, target, terms_of_lead(kept), others.split())


def terms_of_lead(stored: str) -> tuple[str, ...]:
    """Return the terms of a story's lead, of those that are stored for its search."""
    return tuple(stored.partition(_OTHER_ARTICLES)[0].split())


async def terms(db: aiosqlite.Connection, story_id: StoryId) -> tuple[str, ...]:
    """Return the stems of headline and summary of the story's lead."""
    rows = await db.execute_fetchall(
        """
        SELECT terms FROM story_terms
         WHERE rowid = (SELECT coalesce(same_as, id) FROM stories WHERE id = ?)
        """,
        (story_id,),
    )
    return tuple(term for row in rows for term in terms_of_lead(row[0]))


async def place_of(db: aiosqlite.Connection, article_id: ArticleId) -> StoryPlace | None:
    """Return the article's place among the stories; None: it belongs to none."""
    rows = await db.execute_fetchall(
        """
        SELECT stories.id, lead_id, continues
          FROM articles JOIN stories ON stories.id = story_id
         WHERE articles.id = ?
        """,
        (article_id,),
    )
    return next((StoryPlace(*row) for row in rows), None)
