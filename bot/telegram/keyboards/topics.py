"""Keyboards of /topics and /here: the topics of a chat, and those of a forum thread."""

from collections.abc import Collection, Iterable

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Translator
from bot.model import TopicSlug
from bot.telegram.keyboards.common import (
    OpenLanguages,
    OpenSettings,
    Slug,
    back_to_settings,
    button,
    mark,
    rows,
)
from bot.telegram.keyboards.ready_words import OpenPlaces
from bot.topics import Topic


class ChooseTopic(CallbackData, prefix="topic"):
    """Subscribe to a topic, or unsubscribe."""

    slug: Slug
    wanted: bool


class ShowNews(CallbackData, prefix="news"):
    """Finish the choice of topics and show the newest stories."""


class BringTopic(CallbackData, prefix="here"):
    """Route a topic's news to this forum thread, or back to General."""

    slug: Slug
    wanted: bool


def topic_choice(
    offered: Collection[Topic],
    chosen: Collection[TopicSlug],
    say: Translator,
    *,
    is_greeting: bool = False,
    meant: Collection[tuple[TopicSlug, bool]] = (),
    places: Iterable[InlineKeyboardButton] = (),
) -> InlineKeyboardMarkup:
    """Return the topics, two in a row, with a check mark on the chosen ones, and navigation.

    Above them what a misspelt word may have meant, to be added or else removed, and the `places`
    that were named. A greeting has
    nothing to go back to, so there the settings are called by their name.
    """
    guesses = [
        button(
            f"{'➕' if wanted else '➖'} {topic.names[say.language]}?",
            ChooseTopic(slug=slug, wanted=wanted),
        )
        for slug, wanted in meant
        for topic in offered
        if topic.slug == slug
    ]
    buttons = [
        button(
            f"{mark(topic.emoji, chosen=topic.slug in chosen)} {topic.names[say.language]}",
            ChooseTopic(slug=topic.slug, wanted=topic.slug not in chosen),
        )
        for topic in offered
    ]
    navigation = [
        button(say.plain("📰 Show me the news"), ShowNews()),
        button("🌐 Мова · Язык · Language", OpenLanguages()),
    ]
    if is_greeting:
        navigation.append(button(say.plain("⚙️ Settings"), OpenSettings()))
    else:
        navigation.insert(1, button(say.plain("📍 Places"), OpenPlaces()))
        navigation.append(back_to_settings(say))
    return InlineKeyboardMarkup(
        inline_keyboard=[
            *rows([*guesses, *places], width=2),
            *rows(buttons, width=2),
            *rows(navigation, width=1),
        ]
    )


def thread_topics(
    offered: Collection[Topic], bound: Collection[TopicSlug], say: Translator
) -> InlineKeyboardMarkup:
    """Return the topics, two in a row, with a check mark on those routed to this thread."""
    buttons = [
        button(
            f"{mark(topic.emoji, chosen=topic.slug in bound)} {topic.names[say.language]}",
            BringTopic(slug=topic.slug, wanted=topic.slug not in bound),
        )
        for topic in offered
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows(buttons, width=2))
