"""The buttons of /follow and /mute: the words of a chat, and what each of them does."""

from collections.abc import Sequence
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import PhraseId, Word
from bot.telegram.keyboards.common import back_to_settings, button, marked, paging_row, rows
from bot.topics import Topics

LISTED = 8

Skipped = Annotated[int, Field(ge=0, le=999)]


class OpenWords(CallbackData, prefix="words"):
    """Show the words from this one on."""

    skipped: Skipped = 0


class OpenWord(CallbackData, prefix="word"):
    """Show what a word does."""

    id: int


class DropWord(CallbackData, prefix="unword"):
    """Follow or mute a word no more."""

    id: int
    skipped: Skipped = 0


class ChangeWord(CallbackData, prefix="reword"):
    """Follow a word or mute it, in a topic or, where that is empty, in all."""

    id: int
    muted: bool
    topic: str


def word_list(
    found: Sequence[Word], skipped: int, topics: Topics, say: Translator
) -> InlineKeyboardMarkup:
    """Return a row for each word, from the one skipped to on, and the ways from there."""
    skipped = skipped if skipped < len(found) else 0
    lines = [
        [
            button(label(word, topics, say), OpenWord(id=_id(word))),
            button("🗑", DropWord(id=_id(word), skipped=skipped)),
        ]
        for word in found[skipped : skipped + LISTED]
    ]
    pages = paging_row(
        skipped,
        by=LISTED,
        has_more=skipped + LISTED < len(found),
        to=lambda place: OpenWords(skipped=place),
    )
    return InlineKeyboardMarkup(inline_keyboard=[*lines, *pages, [back_to_settings(say)]])


def word_page(word: Word, topics: Topics, say: Translator) -> InlineKeyboardMarkup:
    """Return the choices of one word: followed or muted, and where it counts."""

    def change(muted: bool, topic: str) -> ChangeWord:
        return ChangeWord(id=_id(word), muted=muted, topic=topic)

    at = word.topic or ""
    kinds = [
        button(marked(say.plain("🔔 Follow"), chosen=not word.muted), change(False, at)),
        button(marked(say.plain("🔕 Mute"), chosen=word.muted), change(True, at)),
    ]
    everywhere = button(
        marked(say.plain("In all topics"), chosen=word.topic is None), change(word.muted, "")
    )
    scopes = [
        button(
            marked(f"{it.emoji} {it.names[say.language]}", chosen=it.slug == word.topic),
            change(word.muted, it.slug),
        )
        for it in topics
    ]
    ways = [
        button(say.plain("↩️ Back"), OpenWords()),
        button(say.plain("🗑 Delete"), DropWord(id=_id(word))),
    ]
    return InlineKeyboardMarkup(inline_keyboard=[kinds, [everywhere], *rows(scopes, width=2), ways])


def label(word: Word, topics: Topics, say: Translator) -> str:
    """Return what the word does, in a line."""
    topic = topics.get(word.topic) if word.topic else None
    scope = f" · {topic.names[say.language]}" if topic else ""
    return f"{'🔕' if word.muted else '🔔'} {word.said}{scope}"


def _id(word: Word) -> PhraseId:
    assert word.id is not None  # it comes from the table
    return word.id
