"""Keyboards of /follow and /mute: followed and muted words, and the options of one word."""

from collections.abc import Iterable, Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from bot.i18n import Translator
from bot.model import PhraseId, Word
from bot.telegram.keyboards.common import (
    RowId,
    Skipped,
    SlugOrAll,
    back_to_settings,
    button,
    marked,
    paging_row,
    rows,
)
from bot.telegram.keyboards.ready_words import OpenMutes, OpenPlaces
from bot.topics import Topics

PAGE_SIZE = 8


class OpenWords(CallbackData, prefix="words"):
    """Show the list of words at an offset."""

    skipped: Skipped = 0


class OpenWord(CallbackData, prefix="word"):
    """Show the options of a word."""

    id: RowId


class DropWord(CallbackData, prefix="unword"):
    """Stop following or muting a word."""

    id: RowId
    skipped: Skipped = 0


class AddWord(CallbackData, prefix="addword"):
    """Follow or mute this text, without asking again."""

    text: str
    muted: bool
    topic: str

    @classmethod
    def of(cls, word: Word, text: str | None = None) -> "AddWord":
        """Return the data that adds the word, or another text in its place."""
        return cls(
            text=word.text if text is None else text, muted=word.muted, topic=word.topic or ""
        )


class ChangeWord(CallbackData, prefix="reword"):
    """Follow a word or mute it, in one topic, or in all if `topic` is empty."""

    id: RowId
    muted: bool
    topic: SlugOrAll


def word_list(
    words: Sequence[Word],
    skipped: int,
    topics: Topics,
    say: Translator,
    choices: Iterable[tuple[str, AddWord]] = (),
) -> InlineKeyboardMarkup:
    """Return the choices, a row for each word of the page, paging, and the way back.

    Past the end it is page one.
    """
    skipped = skipped if skipped < len(words) else 0
    lines = [
        [
            button(label(word, topics, say), OpenWord(id=_id(word))),
            button("🗑", DropWord(id=_id(word), skipped=skipped)),
        ]
        for word in words[skipped : skipped + PAGE_SIZE]
    ]
    paging = paging_row(
        skipped,
        page_size=PAGE_SIZE,
        has_more=skipped + PAGE_SIZE < len(words),
        page_at=lambda offset: OpenWords(skipped=offset),
    )
    asked = [[button(caption, data)] for caption, data in choices]
    ready = [
        button(say.plain("📍 Places"), OpenPlaces()),
        button(say.plain("🔕 Mute by one tap"), OpenMutes()),
    ]
    return InlineKeyboardMarkup(
        inline_keyboard=[*asked, *lines, *paging, ready, [back_to_settings(say)]]
    )


def word_page(word: Word, topics: Topics, say: Translator) -> InlineKeyboardMarkup:
    """Return the options of one word: followed or muted, and in which topic."""
    word_id, topic, muted = _id(word), word.topic or "", word.muted
    kinds = [
        button(
            marked(say.plain("🔔 Follow"), chosen=not muted),
            ChangeWord(id=word_id, muted=False, topic=topic),
        ),
        button(
            marked(say.plain("🔕 Mute"), chosen=muted),
            ChangeWord(id=word_id, muted=True, topic=topic),
        ),
    ]
    everywhere = button(
        marked(say.plain("In all topics"), chosen=word.topic is None),
        ChangeWord(id=word_id, muted=muted, topic=""),
    )
    scopes = [
        button(
            marked(f"{scope.emoji} {scope.names[say.language]}", chosen=scope.slug == word.topic),
            ChangeWord(id=word_id, muted=muted, topic=scope.slug),
        )
        for scope in topics
    ]
    navigation = [
        button(say.plain("↩️ Back"), OpenWords()),
        button(say.plain("🗑 Delete"), DropWord(id=word_id)),
    ]
    return InlineKeyboardMarkup(
        inline_keyboard=[kinds, [everywhere], *rows(scopes, width=2), navigation]
    )


def label(word: Word, topics: Topics, say: Translator) -> str:
    """Return the word with its kind, and its topic if it has one that exists."""
    topic = topics.get(word.topic)
    scope = f" · {topic.names[say.language]}" if topic else ""
    return f"{'🔕' if word.muted else '🔔'} {word.text}{scope}"


def _id(word: Word) -> PhraseId:
    assert word.id is not None  # every stored word has one
    return word.id
