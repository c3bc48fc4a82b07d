"""Keyboards of /sources and /add: the sources of a chat, and its own feeds."""

from collections.abc import Sequence
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import LANGUAGES, Language, OwnFeed, SourceChoice, TopicSlug
from bot.telegram.keyboards.common import (
    LANGUAGE_NAMES,
    RowId,
    SlugOrAll,
    back_to_settings,
    button,
    paging_row,
    rows,
)
from bot.topics import Topics

PAGE_SIZE = 14
OWN_PAGE_SIZE = 10
# Longer names are cut off on a phone anyway.
MAX_NAME_CHARS = 40

Skipped = Annotated[int, Field(ge=0, le=9999)]
# An empty language is the first of the news languages; an empty topic is all topics.
ShownLanguage = Language | Literal[""]


class OpenSources(CallbackData, prefix="sources"):
    """Show the sources of a language, and of a topic or all, at an offset."""

    language: ShownLanguage = ""
    topic: SlugOrAll = ""
    skipped: Skipped = 0


class OpenSourceTopics(CallbackData, prefix="sourcetopics"):
    """Show the topics by which sources can be filtered."""

    language: Language


class ChooseSource(CallbackData, prefix="source"):
    """Switch off the source of this feed, or switch it on again."""

    feed_id: RowId
    refused: bool
    language: Language
    topic: SlugOrAll
    skipped: Skipped


class ChooseAllSources(CallbackData, prefix="allsources"):
    """Switch all listed sources off or on."""

    refused: bool
    language: Language
    topic: SlugOrAll


class OpenOwnFeeds(CallbackData, prefix="own"):
    """Show the chat's own feeds at an offset."""

    skipped: Skipped = 0


class DropOwnFeed(CallbackData, prefix="unown"):
    """Remove one of the chat's own feeds."""

    feed_id: RowId
    skipped: Skipped = 0


def source_list(
    sources: Sequence[SourceChoice], shown: OpenSources, topics: Topics, say: Translator
) -> InlineKeyboardMarkup:
    """Return the page of sources, with a check mark on those switched on; past the end, page one.

    `shown` has a language.
    """
    assert shown.language
    language, topic = shown.language, shown.topic
    skipped = shown.skipped if shown.skipped < len(sources) else 0
    languages = [
        button(
            f"{'▸ ' if other == language else ''}{LANGUAGE_NAMES[other]}",
            OpenSources(language=other, topic=topic),
        )
        for other in LANGUAGES
    ]
    chosen = topics.get(TopicSlug(topic))
    name = chosen.names[say.language] if chosen else say.plain("All topics")
    switches = [
        button(
            f"{'▫️' if source.refused else '✅'} {source.source}",
            ChooseSource(
                feed_id=min(source.feeds),
                refused=not source.refused,
                language=language,
                topic=topic,
                skipped=skipped,
            ),
        )
        for source in sources[skipped : skipped + PAGE_SIZE]
    ]
    paging = paging_row(
        skipped,
        page_size=PAGE_SIZE,
        has_more=skipped + PAGE_SIZE < len(sources),
        page_at=lambda offset: OpenSources(language=language, topic=topic, skipped=offset),
    )
    all_on = ChooseAllSources(refused=False, language=language, topic=topic)
    all_off = ChooseAllSources(refused=True, language=language, topic=topic)
    return InlineKeyboardMarkup(
        inline_keyboard=[
            languages,
            [button(f"🗂 {name}", OpenSourceTopics(language=language))],
            *rows(switches, width=2),
            *paging,
            [button(say.plain("✅ All on"), all_on), button(say.plain("▫️ All off"), all_off)],
            [button(say.plain("➕ My own feeds"), OpenOwnFeeds()), back_to_settings(say)],
        ]
    )


def source_topics(language: Language, topics: Topics, say: Translator) -> InlineKeyboardMarkup:
    """Return the topics by which sources can be filtered, after "All topics", and the way back."""
    everything = button(say.plain("All topics"), OpenSources(language=language))
    buttons = [
        button(
            f"{topic.emoji} {topic.names[say.language]}",
            OpenSources(language=language, topic=topic.slug),
        )
        for topic in topics
    ]
    back = button(say.plain("↩️ Back"), OpenSources(language=language))
    return InlineKeyboardMarkup(inline_keyboard=[[everything], *rows(buttons, width=2), [back]])


def own_feeds(feeds: Sequence[OwnFeed], skipped: int, say: Translator) -> InlineKeyboardMarkup:
    """Return a button for each own feed of the page that removes it, and navigation."""
    lines = [
        [button(f"🗑 {feed.title[:MAX_NAME_CHARS]}", DropOwnFeed(feed_id=feed.id, skipped=skipped))]
        for feed in feeds[skipped : skipped + OWN_PAGE_SIZE]
    ]
    paging = paging_row(
        skipped,
        page_size=OWN_PAGE_SIZE,
        has_more=skipped + OWN_PAGE_SIZE < len(feeds),
        page_at=lambda offset: OpenOwnFeeds(skipped=offset),
    )
    back = button(say.plain("↩️ Back"), OpenSources())
    return InlineKeyboardMarkup(inline_keyboard=[*lines, *paging, [back]])
