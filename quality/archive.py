"""Stored articles and the candidate query of the article processor."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from bot.model import ArticleLanguage, StoryId
from bot.storage.stories.signatures import MAX_CANDIDATES, MAX_PER_STORY
from bot.stories.matching.clustering import WINDOW, ClusterCandidate
from bot.stories.matching.fingerprint import fingerprint, pack, search_keys, search_weights, unpack
from bot.stories.matching.similarity import ComparedArticle

_SCHEMA = """
CREATE TABLE tellings (
    article_id   INTEGER PRIMARY KEY,
    story_id     INTEGER NOT NULL,
    source       TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    language     TEXT    NOT NULL,
    fingerprint  TEXT    NOT NULL,
    vector       BLOB
) STRICT;
CREATE INDEX tellings_story ON tellings (story_id, source, published_at);
CREATE TABLE telling_keys (
    key        TEXT    NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (key, article_id)
) STRICT, WITHOUT ROWID;
"""

# An article's id grows with the time of its storing, so that the index bounds the search.
_ALIKE = """
  WITH asked AS MATERIALIZED (
       SELECT key, value AS weight FROM json_each(:weights)),
       alike AS MATERIALIZED (
       SELECT article_id, sum(weight) AS shared
         FROM asked CROSS JOIN telling_keys USING (key)
        WHERE article_id >= :oldest
        GROUP BY article_id ORDER BY shared DESC, article_id DESC LIMIT :most),
       found AS MATERIALIZED (
       SELECT DISTINCT story_id FROM alike JOIN tellings USING (article_id)),
       told AS MATERIALIZED (
       SELECT story_id, language, fingerprint, vector,
              row_number() OVER (PARTITION BY story_id ORDER BY article_id) AS place
         FROM found CROSS JOIN tellings USING (story_id))
SELECT story_id, language, fingerprint, vector,
       (SELECT min(published_at) FROM tellings AS other WHERE other.story_id = told.story_id),
       (SELECT json_group_array(DISTINCT source)
          FROM tellings AS other WHERE other.story_id = told.story_id)
  FROM told
 WHERE place <= :first
 ORDER BY story_id, place
"""


class Archive:
    """Tellings in a file or in memory, found by the keys they share."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        """Open an empty archive."""
        self._db = sqlite3.connect(path)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(
        self, telling: ComparedArticle, story_id: int, *, source: str, published_at: datetime
    ) -> None:
        """Store a telling, and in which story it is."""
        cursor = self._db.execute(
            "INSERT INTO tellings (story_id, source, published_at, language, fingerprint, vector)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                story_id,
                source,
                int(published_at.timestamp()),
                telling.language,
                pack(telling.fingerprint),
                telling.vector,
            ),
        )
        self._db.executemany(
            "INSERT INTO telling_keys (key, article_id) VALUES (?, ?)",
            [(key, cursor.lastrowid) for key in search_keys(telling.fingerprint)],
        )

    def commit(self) -> None:
        """Write to the file what was added."""
        self._db.commit()

    def alike(
        self, telling: ComparedArticle, *, published_at: datetime
    ) -> tuple[ClusterCandidate, ...]:
        """Return the stories of the window some tellings of which share keys with this one."""
        weights = search_weights(telling.fingerprint)
        since = int((published_at - WINDOW).timestamp())
        oldest = self._db.execute(
            "SELECT article_id FROM tellings WHERE published_at >= ? ORDER BY article_id LIMIT 1",
            (since,),
        ).fetchone()
        rows = self._db.execute(
            _ALIKE,
            {
                "weights": json.dumps(weights),
                "oldest": oldest[0] if oldest else 0,
                "most": MAX_CANDIDATES,
                "first": MAX_PER_STORY,
            },
        ).fetchall()
        return tuple(
            _candidate(story_id, list(found))
            for story_id, found in groupby(rows, lambda row: row[0])
        )


def telling(
    title: str, text: str, language: ArticleLanguage, vector: bytes | None
) -> ComparedArticle:
    """Return what is compared of an article."""
    return ComparedArticle(language=language, fingerprint=fingerprint(title, text), vector=vector)


def _candidate(
    story_id: int, rows: Iterable[tuple[int, ArticleLanguage, str, bytes | None, int, str]]
) -> ClusterCandidate:
    found = list(rows)
    return ClusterCandidate(
        story_id=StoryId(story_id),
        published_at=datetime.fromtimestamp(found[0][4], UTC),
        sources=frozenset(json.loads(found[0][5])),
        articles=tuple(
            ComparedArticle(language=language, fingerprint=unpack(packed), vector=vector)
            for _, language, packed, vector, _, _ in found
        ),
    )
