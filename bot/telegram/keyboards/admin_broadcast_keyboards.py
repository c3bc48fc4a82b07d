"""The buttons of a broadcast: whom it goes to, whether it goes, how far it is."""

from collections.abc import Mapping

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from bot.i18n import Say
from bot.model import LetterId
from bot.storage.outbox.broadcasts import Audience
from bot.telegram.handlers.admin_said_admin import figure
from bot.telegram.handlers.broadcast_said_broadcast import audience_name
from bot.telegram.keyboards.admin import ways
from bot.telegram.keyboards.common import button, rows


class OpenBroadcast(CallbackData, prefix="cast"):
    """Show whom a draft may go to, or how far a broadcast is."""

    letter_id: int


class ChooseAudience(CallbackData, prefix="castto"):
    """Ask whether the draft shall go to these."""

    letter_id: int
    audience: Audience


class SendBroadcast(CallbackData, prefix="castgo"):
    """Send the draft to these."""

    letter_id: int
    audience: Audience


class StopBroadcast(CallbackData, prefix="castend"):
    """Send it to nobody more."""

    letter_id: int


def audiences(letter_id: LetterId, reach: Mapping[Audience, int], say: Say) -> InlineKeyboardMarkup:
    """Return each audience that has somebody in it, with how many."""
    buttons = [
        button(
            f"{audience_name(audience, say)} · {figure(count, say)}",
            ChooseAudience(letter_id=letter_id, audience=audience),
        )
        for audience, count in reach.items()
        if count
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows(buttons, width=2))


def confirm(letter_id: LetterId, audience: Audience, say: Say) -> InlineKeyboardMarkup:
    """Return the last question's two answers."""
    yes = button(say.plain("📣 Send it"), SendBroadcast(letter_id=letter_id, audience=audience))
    no = button(say.plain("◀️ Back"), OpenBroadcast(letter_id=letter_id))
    return InlineKeyboardMarkup(inline_keyboard=[[yes, no]])


def running(letter_id: LetterId, say: Say) -> InlineKeyboardMarkup:
    """Return what can be done while it is on its way."""
    again = button(say.plain("🔄 Refresh"), OpenBroadcast(letter_id=letter_id))
    stop = button(say.plain("⏹ Stop"), StopBroadcast(letter_id=letter_id))
    return InlineKeyboardMarkup(inline_keyboard=[[again, stop], *ways(say)])


def writing(last: LetterId | None, say: Say) -> InlineKeyboardMarkup:
    """Return the way to the last broadcast, if there is one, and those from page to page."""
    if last is None:
        return InlineKeyboardMarkup(inline_keyboard=ways(say))
    back = button(say.plain("📣 The last one"), OpenBroadcast(letter_id=last))
    return InlineKeyboardMarkup(inline_keyboard=[[back], *ways(say)])
