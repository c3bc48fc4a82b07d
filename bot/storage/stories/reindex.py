"""Table `stem_versions`: by which stems the search index and the followed words are stored.

When the stems change, each start computes the words anew in one transaction; the stories follow in
batches, the newest first, and a restart goes on where the last one ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import aiosqlite

from bot.model import ChatId, Phrase, StoryId, Word
from bot.storage.subscribers import words
from bot.text.phrases import parse_phrase


@dataclass(frozen=True, slots=True)
class OutdatedStory:
    """A story whose search terms are of earlier stems: the title and the text of its lead."""

    id: StoryId
    title: str
    text: str


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
        SELECT stories.id, title, text
          FROM stories JOIN articles ON articles.id = lead_id
         WHERE stories.id <= (SELECT outdated_to FROM stem_versions)
         ORDER BY stories.id DESC
         LIMIT ?
        """,
        (limit,),
    )
    return tuple(OutdatedStory(*row) for row in rows)


async def replace_terms(
    tx: aiosqlite.Connection, terms: Iterable[tuple[StoryId, tuple[str, ...]]]
) -> None:
    """Replace the search terms of the newest outdated stories, which are none any more."""
    rows = [(" ".join(of_story), story_id) for story_id, of_story in terms]
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
        if (phrase := parse_phrase(text)) is not None and phrase.stems != stems
    ]
    # All are dropped first: the new stems of one may be the old stems of another.
    for chat_id, old, *_ in changed:
        await words.drop(tx, chat_id, old)
    for chat_id, _, phrase, text, muted, topic in changed:
        word = Word(text=text, phrase=phrase, muted=muted, topic=topic)
        await words.put(tx, chat_id, word)
