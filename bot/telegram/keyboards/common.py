"""The buttons under messages, and what a press on each of them says.

A press names the state it wants ("war: on"), not a change ("war: the other way"), so that
one that comes twice, or from an old keyboard, does what its reader saw.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import LANGUAGES, ChatId, Language, Subscriber, TopicSlug
from bot.topics import Topic

# In its own language and script, as each reader looks for it.
LANGUAGE_NAMES: dict[Language, str] = {"uk": "Українська", "ru": "Русский", "en": "English"}

# Nobody turns so many pages, and each costs more than the one before.
MOST_SKIPPED = 1000


class ChooseTopic(CallbackData, prefix="topic"):
    """Subscribe to a topic, or end the subscription."""

    slug: str
    wanted: bool


class ShowNews(CallbackData, prefix="news"):
    """The topics are chosen: show the newest stories."""


class OpenSettings(CallbackData, prefix="settings"):
    """Show all settings."""


class OpenLanguages(CallbackData, prefix="languages"):
    """Show the choice of languages."""


class OpenTopics(CallbackData, prefix="topics"):
    """Show the choice of topics."""


class ChooseLanguage(CallbackData, prefix="speak"):
    """Be spoken to in a language."""

    language: Language


class ChooseNewsLanguage(CallbackData, prefix="read"):
    """Get news written in a language, or no more."""

    language: Language
    wanted: bool


class Forget(CallbackData, prefix="forget"):
    """Delete everything known of the chat, or keep it after all."""

    confirmed: bool


class Resume(CallbackData, prefix="resume"):
    """End a pause."""


class ManageChannel(CallbackData, prefix="manage"):
    """Speak of a channel from now on, in the private chat."""

    channel_id: int


class LeaveChannel(CallbackData, prefix="leave"):
    """Manage a channel no more: speak of the chat itself."""


class BringTopic(CallbackData, prefix="here"):
    """Have a topic's news come to this thread of a forum, or go to General."""

    slug: str
    wanted: bool


class TurnPage(CallbackData, prefix="page"):
    """Show another page of a list: one that begins after so many stories."""

    kind: Literal["latest", "search", "top", "saved"]
    skipped: Annotated[int, Field(ge=0, le=MOST_SKIPPED)] = 0


def topics(
    offered: Collection[Topic], chosen: Collection[TopicSlug], say: Translator
) -> InlineKeyboardMarkup:
    """Return the topics, two in a row, those chosen with a check mark, and the way on."""
    buttons = [
        button(
            f"{'✅' if topic.slug in chosen else topic.emoji} {topic.names[say.language]}",
            ChooseTopic(slug=topic.slug, wanted=topic.slug not in chosen),
        )
        for topic in offered
    ]
    ways_on = [
        button(say.plain("📰 Show me the news"), ShowNews()),
        button("🌐 Мова · Язык · Language", OpenLanguages()),
        back_to_settings(say),
    ]
    return InlineKeyboardMarkup(inline_keyboard=[*rows(buttons, width=2), *rows(ways_on, width=1)])


def languages(subscriber: Subscriber, say: Translator) -> InlineKeyboardMarkup:
    """Return a row a language, the bot's own left and the news' right, and the way on."""
    lines = [
        [_language(language, subscriber), _news_language(language, subscriber)]
        for language in LANGUAGES
    ]
    ways_on = [button(say.plain("🗂 Topics"), OpenTopics()), back_to_settings(say)]
    return InlineKeyboardMarkup(inline_keyboard=[*lines, ways_on])


def here(
    offered: Collection[Topic], bound: Collection[TopicSlug], say: Translator
) -> InlineKeyboardMarkup:
    """Return the topics, two in a row, those that come here with a check mark."""
    buttons = [
        button(
            f"{_mark(topic.emoji, chosen=topic.slug in bound)} {topic.names[say.language]}",
            BringTopic(slug=topic.slug, wanted=topic.slug not in bound),
        )
        for topic in offered
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows(buttons, width=2))


def manage_channel(channel_id: ChatId, say: Translator) -> InlineKeyboardMarkup:
    """Return the way from the private chat to a channel."""
    way = button(say.plain("🗂 Choose its news"), ManageChannel(channel_id=channel_id))
    return InlineKeyboardMarkup(inline_keyboard=[[way]])


def add_to_channel(username: str, say: Translator) -> InlineKeyboardMarkup:
    """Return Telegram's own way to make the bot an admin that may post in a channel."""
    # https://core.telegram.org/api/links#bot-channel-links
    url = f"https://t.me/{username}?startchannel&admin=post_messages"
    way = InlineKeyboardButton(text=say.plain("➕ Add me to a channel"), url=url)
    return InlineKeyboardMarkup(inline_keyboard=[[way]])


def leave_channel(say: Translator) -> InlineKeyboardMarkup:
    """Return the way back from a channel to the chat itself."""
    way_back = button(say.plain("↩️ Back to this chat"), LeaveChannel())
    return InlineKeyboardMarkup(inline_keyboard=[[way_back]])


def forget(say: Translator) -> InlineKeyboardMarkup:
    """Return the two answers to "delete everything?"."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [button(say.plain("🗑 Delete everything"), Forget(confirmed=True))],
            [button(say.plain("Keep my settings"), Forget(confirmed=False))],
        ]
    )


def resume(say: Translator) -> InlineKeyboardMarkup:
    """Return the way out of a pause."""
    return InlineKeyboardMarkup(inline_keyboard=[[button(say.plain("▶️ Resume"), Resume())]])


def pages(
    press: TurnPage, *, by: int, has_more: bool, say: Translator
) -> InlineKeyboardMarkup | None:
    """Return the ways to the pages before and after; None: there is no other."""
    before = TurnPage(kind=press.kind, skipped=max(0, press.skipped - by))
    ways = [button(say.plain("◀️ Newer"), before)] if press.skipped else []
    if has_more and press.skipped + by <= MOST_SKIPPED:
        after = TurnPage(kind=press.kind, skipped=press.skipped + by)
        ways.append(button(say.plain("Older ▶️"), after))
    return InlineKeyboardMarkup(inline_keyboard=[ways]) if ways else None


def back_to_settings(say: Translator) -> InlineKeyboardButton:
    """Return the way to all settings."""
    return button(say.plain("⚙️ Settings"), OpenSettings())


def button(text: str, press: CallbackData) -> InlineKeyboardButton:
    """Return a button."""
    return InlineKeyboardButton(text=text, callback_data=press.pack())


def marked(text: str, *, chosen: bool) -> str:
    """Return the label of a choice, with a check mark if it is made."""
    return f"✅ {text}" if chosen else text


def paging_row(
    skipped: int, *, by: int, has_more: bool, to: Callable[[int], CallbackData]
) -> list[list[InlineKeyboardButton]]:
    """Return the row that turns the pages of a list; none, where there is one page."""
    ways = [button("◀️", to(max(0, skipped - by)))] if skipped else []
    if has_more:
        ways.append(button("▶️", to(skipped + by)))
    return [ways] if ways else []


def rows(
    buttons: Sequence[InlineKeyboardButton], *, width: int
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons in rows of that many."""
    return [list(buttons[start : start + width]) for start in range(0, len(buttons), width)]


def _language(language: Language, subscriber: Subscriber) -> InlineKeyboardButton:
    mark = _mark("💬", chosen=language == subscriber.language)
    return button(f"{mark} {LANGUAGE_NAMES[language]}", ChooseLanguage(language=language))


def _news_language(language: Language, subscriber: Subscriber) -> InlineKeyboardButton:
    chosen = language in subscriber.news_languages
    press = ChooseNewsLanguage(language=language, wanted=not chosen)
    return button(f"{_mark('📰', chosen=chosen)} {LANGUAGE_NAMES[language]}", press)


def _mark(emoji: str, *, chosen: bool) -> str:
    return "✅" if chosen else emoji
