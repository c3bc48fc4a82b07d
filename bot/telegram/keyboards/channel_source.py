"""Keyboards of a managed channel as a source of news."""

from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from bot.i18n import Translator
from bot.model import ChannelSource
from bot.telegram.keyboards.common import RowId, button

Audience = Literal["mine", "all", "none"]


class OpenChannelSource(CallbackData, prefix="chsource"):
    """Show whether the posts of the managed channel are news, and for whom."""


class BringPosts(CallbackData, prefix="bring"):
    """Bring the posts of the managed channel to those readers, or to none."""

    audience: Audience


class AgreePublic(CallbackData, prefix="chpublic"):
    """Agree that a channel's posts are news for all readers, or refuse it."""

    feed_id: RowId
    agreed: bool


def channel_source(source: ChannelSource | None, say: Translator) -> InlineKeyboardMarkup:
    """Return what can be done about the channel as a source, by what it is now."""
    is_active = source is not None and source.is_active
    is_public = source is not None and source.is_public
    is_asked = source is not None and source.is_asked
    labels: dict[Audience, str] = {}
    if not is_active or is_public:
        labels["mine"] = say.plain("📥 Only to those who add it")
    if not is_active or not (is_public or is_asked):
        labels["all"] = say.plain("🌍 To all readers")
    if is_active:
        labels["none"] = say.plain("✖ To nobody any more")
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [button(label, BringPosts(audience=audience))] for audience, label in labels.items()
        ]
    )


def agree_public(source: ChannelSource, say: Translator) -> InlineKeyboardMarkup:
    """Return the two answers of an admin of the bot to a channel that wants to be public."""
    agree = button(say.plain("✅ To all readers"), AgreePublic(feed_id=source.feed_id, agreed=True))
    refuse = button(say.plain("✖ No"), AgreePublic(feed_id=source.feed_id, agreed=False))
    return InlineKeyboardMarkup(inline_keyboard=[[agree, refuse]])
