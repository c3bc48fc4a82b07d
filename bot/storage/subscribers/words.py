"""The tables `words` and `phrases`: what readers follow and mute, found by what a story says."""

import json

import aiosqlite

from bot.model import ChatId, Phrase, PhraseId, TopicSlug, Word
from bot.text.phrases import anchor

# The phrases that stand in a text: `values` gives what it asks. Each is kept once, whoever
# follows it, so that a story is compared with few.
HELD = """
        held AS MATERIALIZED (
             SELECT id FROM phrases
              WHERE anchor IN (SELECT value FROM json_each(:anchors))
                AND instr(:stems, stems)
              UNION
             SELECT id FROM phrases
              WHERE sound_anchor IN (SELECT value FROM json_each(:sound_anchors))
                AND sound_anchor <> '' AND instr(:sounds, sounds))
"""
# Of the subscriber in the row at hand, as `unpack` takes it.
PACKED = """
        (SELECT json_group_array(json_array(said, stems, sounds, muted, topic, phrase_id))
           FROM (SELECT * FROM words JOIN phrases ON phrases.id = phrase_id
                  WHERE words.chat_id = subscribers.chat_id ORDER BY said))
"""


def values(within: Phrase) -> dict[str, str]:
    """Return what `HELD` asks of a text."""
    return {
        "stems": within.stems,
        "sounds": within.sounds,
        "anchors": json.dumps(sorted(set(within.stems.split()))),
        "sound_anchors": json.dumps(sorted(set(within.sounds.split()))),
    }


def unpack(packed: str) -> tuple[Word, ...]:
    """Return what `PACKED` selects."""
    return tuple(
        Word(
            said=said,
            phrase=Phrase(stems=stems, sounds=sounds),
            muted=bool(muted),
            topic=TopicSlug(topic) if topic else None,
            id=PhraseId(phrase_id),
        )
        for said, stems, sounds, muted, topic, phrase_id in json.loads(packed)
    )


async def put(tx: aiosqlite.Connection, chat_id: ChatId, word: Word) -> None:
    """Follow or mute the word; whatever the chat wished of its phrase before is forgotten."""
    phrase = word.phrase
    await tx.execute(
        """
        INSERT OR IGNORE INTO phrases (stems, anchor, sounds, sound_anchor) VALUES (?, ?, ?, ?)
        """,
        (phrase.stems, anchor(phrase.stems), phrase.sounds, anchor(phrase.sounds)),
    )
    await drop(tx, chat_id, phrase)
    await tx.execute(
        """
        INSERT INTO words (chat_id, phrase_id, said, muted, topic)
        SELECT ?, id, ?, ?, ? FROM phrases WHERE stems = ? AND sounds = ?
        """,
        (chat_id, word.said, word.muted, word.topic or "", phrase.stems, phrase.sounds),
    )


async def drop(tx: aiosqlite.Connection, chat_id: ChatId, phrase: Phrase) -> bool:
    """Follow or mute no word of these stems any more; return whether there was one."""
    cursor = await tx.execute(
        """
        DELETE FROM words
         WHERE chat_id = ? AND phrase_id IN (SELECT id FROM phrases WHERE stems = ?)
        """,
        (chat_id, phrase.stems),
    )
    return cursor.rowcount > 0
