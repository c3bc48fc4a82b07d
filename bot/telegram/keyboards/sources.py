"""The buttons of /sources: which newspapers a chat wants, and feeds of its own."""

from collections.abc import Sequence
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import LANGUAGES, Language, OwnFeed, SourceChoice, TopicSlug
from bot.telegram.keyboards.common import LANGUAGE_NAMES, back_to_settings, button, paging_row, rows
from bot.topics import Topics

LISTED = 14
OWN_LISTED = 10
# More does not fit on a button.
_NAME_CHARS = 40

Skipped = Annotated[int, Field(ge=0, le=9999)]
# Empty: the first of the news languages; all topics.
ShownLanguage = Language | Literal[""]


class OpenSources(CallbackData, prefix="sources"):
    """Show the sources of a language, those of one topic or all, from this one on."""

    language: ShownLanguage = ""
    topic: str = ""
    skipped: Skipped = 0


class OpenSourceTopics(CallbackData, prefix="sourcetopics"):
    """Show the topics by which sources can be listed."""

    language: Language


class ChooseSource(CallbackData, prefix="source"):
    """Get nothing of the source that has this feed any more, or get it again."""

    feed_id: int
    refused: bool
    language: Language
    topic: str
    skipped: Skipped


class ChooseAllSources(CallbackData, prefix="allsources"):
    """Switch all sources that are listed off or on."""

    refused: bool
    language: Language
    topic: str


class OpenOwnFeeds(CallbackData, prefix="own"):
    """Show the feeds that the chat has added, from this one on."""

    skipped: Skipped = 0


class DropOwnFeed(CallbackData, prefix="unown"):
    """Take a feed from the chat."""

    feed_id: int
    skipped: Skipped = 0


def source_list(
    found: Sequence[SourceChoice], shown: OpenSources, topics: Topics, say: Translator
) -> InlineKeyboardMarkup:
    """Return the sources from the one skipped to on, those wanted with a check mark."""
    assert shown.language
    language, topic = shown.language, shown.topic
    skipped = shown.skipped if shown.skipped < len(found) else 0
    sources = [
        button(
            f"{'▫️' if it.refused else '✅'} {it.source}",
            ChooseSource(
                feed_id=min(it.feeds),
                refused=not it.refused,
                language=language,
                topic=topic,
                skipped=skipped,
            ),
        )
        for it in found[skipped : skipped + LISTED]
    ]
    languages = [
        button(
            f"{'▸ ' if it == language else ''}{LANGUAGE_NAMES[it]}",
            OpenSources(language=it, topic=topic),
        )
        for it in LANGUAGES
    ]
    chosen = topics.get(TopicSlug(topic))
    name = chosen.names[say.language] if chosen else say.plain("All topics")
    by_topic = button(f"🗂 {name}", OpenSourceTopics(language=language))
    return InlineKeyboardMarkup(
        inline_keyboard=[
            languages,
            [by_topic],
            *rows(sources, width=2),
            *paging_row(
                skipped,
                by=LISTED,
                has_more=skipped + LISTED < len(found),
                to=lambda place: OpenSources(language=language, topic=topic, skipped=place),
            ),
            _all(language, topic, say),
            [button(say.plain("➕ My own feeds"), OpenOwnFeeds()), back_to_settings(say)],
        ]
    )


def source_topics(language: Language, topics: Topics, say: Translator) -> InlineKeyboardMarkup:
    """Return the topics by which sources can be listed, and all of them."""
    everything = button(say.plain("All topics"), OpenSources(language=language))
    buttons = [
        button(
            f"{it.emoji} {it.names[say.language]}", OpenSources(language=language, topic=it.slug)
        )
        for it in topics
    ]
    return InlineKeyboardMarkup(inline_keyboard=[[everything], *rows(buttons, width=2)])


def own_feeds(found: Sequence[OwnFeed], skipped: int, say: Translator) -> InlineKeyboardMarkup:
    """Return a button for each feed that takes it away, from the one skipped to on, and ways on."""
    lines = [
        [button(f"🗑 {it.title[:_NAME_CHARS]}", DropOwnFeed(feed_id=it.id, skipped=skipped))]
        for it in found[skipped : skipped + OWN_LISTED]
    ]
    pages = paging_row(
        skipped,
        by=OWN_LISTED,
        has_more=skipped + OWN_LISTED < len(found),
        to=lambda place: OpenOwnFeeds(skipped=place),
    )
    ways = [button(say.plain("📰 Sources"), OpenSources()), back_to_settings(say)]
    return InlineKeyboardMarkup(inline_keyboard=[*lines, *pages, ways])


def _all(language: Language, topic: str, say: Translator) -> list[InlineKeyboardButton]:
    return [
        button(
            say.plain("✅ All on"),
            ChooseAllSources(refused=False, language=language, topic=topic),
        ),
        button(
            say.plain("▫️ All off"),
            ChooseAllSources(refused=True, language=language, topic=topic),
        ),
    ]
