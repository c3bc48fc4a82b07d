"""Table `stem_versions`: by which stems the search index and the followed words are stored.

When the stems change, each start computes the words anew in one transaction; the stories follow in
batches, the newest first, and a restart goes on where the last one ended.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aiosqlite

from bot.model import ChatId, Phrase, StoryId, Word
from bot.ready_words.lists import typed_phrase
from bot.storage.stories.stories import stored_terms
from bot.storage.subscribers import words

# More add few words.
MAX_OTHER_ARTICLES = 16


@dataclass(frozen=True, slots=True)
class OutdatedStory:
    """A story whose search terms are of earlier stems: the title and the text of its lead.

    `others` are title and summary of its other public articles.
    """

    id: StoryId
    title: str
    text: str
    others: tuple[tuple[str, str], ...] = ()


async def begin(tx: aiosqlite.Connection, version: int) -> bool:
    """Compute the words anew and mark all stories as outdated, if the version is another.

    A word that is no phrase any more keeps its earlier stems. Return whether it was another.
    """
    cursor = await tx.execute("SELECT 1 FROM stem_versions WHERE version = ?", (version,))
    if await cursor.fetchone():
        return False
    await _restem_words(tx)
    await tx.execute("DELETE FROM stem_versions")
    await tx.execute(
        """
        INSERT INTO stem_versions (version, outdated_to)
        VALUES (?, (SELECT coalesce(max(id), 0) FROM stories))
        """,
        (version,),
    )
    return True


async def outdated(reader: aiosqlite.Connection, *, limit: int) -> tuple[OutdatedStory, ...]:
    """Return the newest outdated stories."""
    rows = await reader.execute_fetchall(
        """
        SELECT stories.id, title, text,
               (SELECT json_group_array(json_array(title, coalesce(summary, '')))
                  FROM (SELECT other.title, other.summary
                          FROM articles AS other JOIN feeds ON feeds.id = other.feed_id
                         WHERE other.story_id = stories.id AND other.id <> lead_id AND private = 0
                         ORDER BY other.id LIMIT ?))
          FROM stories JOIN articles ON articles.id = lead_id
         WHERE same_as IS NULL AND stories.id <= (SELECT outdated_to FROM stem_versions)
         ORDER BY stories.id DESC
         LIMIT ?
        """,
        (MAX_OTHER_ARTICLES, limit),
    )
    return tuple(
        OutdatedStory(row[0], row[1], row[2], tuple(map(tuple, json.loads(row[3])))) for row in rows
    )


async def replace_terms(
    tx: aiosqlite.Connection, terms: Iterable[tuple[StoryId, Sequence[str], Iterable[str]]]
) -> None:
    """Replace the search terms of the newest outdated stories, which are none any more.

    Those of a story's lead come with those of its other articles.
    """
    rows = [(stored_terms(of_lead, of_others), story_id) for story_id, of_lead, of_others in terms]
    await tx.executemany("UPDATE story_terms SET terms = ? WHERE rowid = ?", rows)
    await tx.execute(
        "UPDATE stem_versions SET outdated_to = ?", (min(story_id for _, story_id in rows) - 1,)
    )


async def _restem_words(tx: aiosqlite.Connection) -> None:
    rows = await tx.execute_fetchall(
        """
        SELECT chat_id, stems, said, muted, topic
          FROM words JOIN phrases ON phrases.id = phrase_id
         ORDER BY chat_id, phrase_id
        """
    )
    changed = [
        (ChatId(chat_id), Phrase(stems=stems), phrase, text, bool(muted), topic or None)
        for chat_id, stems, text, muted, topic in rows
        if (phrase := typed_phrase(text)) is not None and phrase.stems != stems
    ]
    # All are dropped first: the new stems of one may be the old stems of another.
    for chat_id, old, *_ in changed:
        await words.drop(tx, chat_id, old)
    for chat_id, _, phrase, text, muted, topic in changed:
        word = Word(text=text, phrase=phrase, muted=muted, topic=topic)
        await words.put(tx, chat_id, word)
