"""Tables `words` and `phrases`: the phrases that readers follow and mute.

A phrase is stored once, whoever follows it, so that a story is matched against few rows.
"""

import aiosqlite

from bot.model import ChatId, Phrase, Word
from bot.text.phrases import lookup_key


async def put(tx: aiosqlite.Connection, chat_id: ChatId, word: Word) -> None:
    """Follow or mute the word, in place of what the chat had for its phrase."""
    phrase = word.phrase
    await tx.execute(
        """
        INSERT OR IGNORE INTO phrases (stems, anchor, sounds, sound_anchor) VALUES (?, ?, ?, ?)
        """,
        (phrase.stems, lookup_key(phrase.stems), phrase.sounds, lookup_key(phrase.sounds)),
    )
    await drop(tx, chat_id, phrase)
    await tx.execute(
        """
        INSERT INTO words (chat_id, phrase_id, said, muted, topic)
        SELECT ?, id, ?, ?, ? FROM phrases WHERE stems = ? AND sounds = ?
        """,
        (chat_id, word.text, word.muted, word.topic or "", phrase.stems, phrase.sounds),
    )


async def drop(tx: aiosqlite.Connection, chat_id: ChatId, phrase: Phrase) -> bool:
    """Delete the chat's words of these stems; return whether there was one."""
    cursor = await tx.execute(
        """
        DELETE FROM words
         WHERE chat_id = ? AND phrase_id IN (SELECT id FROM phrases WHERE stems = ?)
        """,
        (chat_id, phrase.stems),
    )
    return cursor.rowcount > 0
