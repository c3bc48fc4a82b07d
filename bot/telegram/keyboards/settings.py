"""Keyboards of /settings, /language, /channel, /pause and /stop."""

from datetime import datetime, timedelta
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import LANGUAGES, ChatId, Language, Pictures, Subscriber
from bot.telegram.keyboards.common import (
    LANGUAGE_NAMES,
    OpenLanguages,
    OpenTopics,
    back_to_settings,
    button,
    marked,
    rows,
)
from bot.telegram.keyboards.sources import OpenSources
from bot.telegram.keyboards.timetable import OpenWhen
from bot.telegram.keyboards.words import OpenWords

# Pauses that buttons offer; any other is typed: /pause 2h.
PAUSES = (timedelta(hours=1), timedelta(hours=8), timedelta(days=1), timedelta(days=7))
# Of 52 bits, says https://core.telegram.org/bots/api#chat.
ChannelId = Annotated[int, Field(gt=-(2**52), lt=0)]


class ChooseLanguage(CallbackData, prefix="speak"):
    """Set the language of the bot's own texts."""

    language: Language


class ChooseNewsLanguage(CallbackData, prefix="read"):
    """Subscribe to news in a language, or unsubscribe."""

    language: Language
    wanted: bool


class Forget(CallbackData, prefix="forget"):
    """Delete all data of the chat, or cancel the deletion."""

    confirmed: bool


class Resume(CallbackData, prefix="resume"):
    """End a pause."""


class PauseUntil(CallbackData, prefix="pause"):
    """Send no news until a minute since 1970 in UTC; 0: until /resume."""

    minute: Annotated[int, Field(ge=0, lt=2**32)]


class OpenPictures(CallbackData, prefix="pictures"):
    """Show which stories come with a picture."""


class ChoosePictures(CallbackData, prefix="picture"):
    """Set which stories come with a picture."""

    pictures: Pictures


class ManageChannel(CallbackData, prefix="manage"):
    """Manage a channel from the private chat: commands there change the channel's settings."""

    channel_id: ChannelId


class LeaveChannel(CallbackData, prefix="leave"):
    """Stop managing a channel: commands change the private chat's own settings again."""


def settings_keyboard(say: Translator) -> InlineKeyboardMarkup:
    """Return a button for each page of the settings."""
    buttons = [
        button(say.plain("🗂 Topics"), OpenTopics()),
        button(say.plain("🔔 Words"), OpenWords()),
        button(say.plain("📰 Sources"), OpenSources()),
        button(say.plain("📨 When"), OpenWhen(page="main")),
        button(say.plain("🌐 Languages"), OpenLanguages()),
        button(say.plain("🖼 Pictures"), OpenPictures()),
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows(buttons, width=2))


def language_choice(subscriber: Subscriber, say: Translator) -> InlineKeyboardMarkup:
    """Return a block for the bot's texts and one for the news, each below its label.

    And where the news does not come in the bot's language, an offer to add that.
    """
    spoken = [
        button(
            marked(LANGUAGE_NAMES[language], chosen=language == subscriber.language),
            ChooseLanguage(language=language),
        )
        for language in LANGUAGES
    ]
    read = [
        button(
            marked(LANGUAGE_NAMES[language], chosen=language in subscriber.news_languages),
            ChooseNewsLanguage(language=language, wanted=language not in subscriber.news_languages),
        )
        for language in LANGUAGES
    ]
    lines = [
        [button(say.plain("💬 Bot language"), OpenLanguages())],
        spoken,
        [button(say.plain("📰 News languages"), OpenLanguages())],
        read,
    ]
    if subscriber.language not in subscriber.news_languages:
        offer = say.plain(
            "➕ News in this language too: {language}",
            language=LANGUAGE_NAMES[subscriber.language],
        )
        add = ChooseNewsLanguage(language=subscriber.language, wanted=True)
        lines.append([button(offer, add)])
    navigation = [button(say.plain("🗂 Topics"), OpenTopics()), back_to_settings(say)]
    return InlineKeyboardMarkup(inline_keyboard=[*lines, navigation])


def picture_choice(chosen: Pictures, say: Translator) -> InlineKeyboardMarkup:
    """Return the choices of stories that come with a picture."""
    labels: dict[Pictures, str] = {
        "all": say.plain("All"),
        "important": say.plain("The important ones"),
        "none": say.plain("None"),
    }
    choices = [
        [button(marked(label, chosen=pictures == chosen), ChoosePictures(pictures=pictures))]
        for pictures, label in labels.items()
    ]
    return InlineKeyboardMarkup(inline_keyboard=[*choices, [back_to_settings(say)]])


def manage_channel(channel_id: ChatId, say: Translator) -> InlineKeyboardMarkup:
    """Return the button that starts managing a channel from the private chat."""
    start = button(say.plain("🗂 Choose its news"), ManageChannel(channel_id=channel_id))
    return InlineKeyboardMarkup(inline_keyboard=[[start]])


def add_to_channel(username: str, say: Translator) -> InlineKeyboardMarkup:
    """Return Telegram's own link that makes the bot an admin that may post in a channel."""
    # https://core.telegram.org/api/links#bot-channel-links
    url = f"https://t.me/{username}?startchannel&admin=post_messages"
    link = InlineKeyboardButton(text=say.plain("➕ Add me to a channel"), url=url)
    return InlineKeyboardMarkup(inline_keyboard=[[link]])


def leave_channel(say: Translator) -> InlineKeyboardButton:
    """Return the button that stops managing a channel."""
    return button(say.plain("↩️ Back to this chat"), LeaveChannel())


def confirm_deletion(say: Translator) -> InlineKeyboardMarkup:
    """Return the two answers to "delete everything?"."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [button(say.plain("🗑 Delete everything"), Forget(confirmed=True))],
            [button(say.plain("Keep my settings"), Forget(confirmed=False))],
        ]
    )


def resume(say: Translator) -> InlineKeyboardMarkup:
    """Return the button that ends a pause."""
    return InlineKeyboardMarkup(inline_keyboard=[[button(say.plain("▶️ Resume"), Resume())]])


def pause_button(text: str, *, until: datetime | None) -> InlineKeyboardButton:
    """Return the button that begins a pause until then; None: until /resume."""
    return button(text, PauseUntil(minute=int(until.timestamp()) // 60 if until else 0))


def pause_choice(now: datetime, say: Translator) -> InlineKeyboardMarkup:
    """Return pauses of usual lengths."""
    choices = [
        pause_button(say.plain("⏸ {length}", length=say.duration(length)), until=now + length)
        for length in PAUSES
    ]
    choices.append(pause_button(say.plain("⏸ Until /resume"), until=None))
    return InlineKeyboardMarkup(inline_keyboard=rows(choices, width=2))


def paused(say: Translator, *, other: InlineKeyboardButton | None = None) -> InlineKeyboardMarkup:
    """Return the button that ends a pause, and one for another pause that may be meant."""
    others = [[other]] if other else []
    return InlineKeyboardMarkup(inline_keyboard=[*resume(say).inline_keyboard, *others])
