"""Keyboards below answers to what is no command: a menu, and a command to be sent by a button."""

from collections.abc import Iterable
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import TopicSlug
from bot.telegram.keyboards.common import OpenSettings, OpenTopics, button, rows
from bot.telegram.keyboards.settings import confirm_deletion, pause_button
from bot.telegram.keyboards.topics import ChooseTopic
from bot.topics import Topic


class SendCommand(CallbackData, prefix="send"):
    """Act as if the person sent a command: the last of its name in the message, or it alone."""

    name: Annotated[str, Field(pattern="^[a-z]{2,20}$")]


def menu(say: Translator) -> InlineKeyboardMarkup:
    """Return what most people look for."""
    buttons = [
        button(say.plain("📰 The newest"), SendCommand(name="latest")),
        button(say.plain("🗂 Topics"), OpenTopics()),
        button(say.plain("⚙️ Settings"), OpenSettings()),
        button(say.plain("❓ Help"), SendCommand(name="help")),
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows(buttons, width=2))


def send_command(name: str, label: str) -> InlineKeyboardMarkup:
    """Return the button that sends the command that a line of the message holds."""
    return send_commands([(name, label)])


def send_commands(choices: Iterable[tuple[str, str]]) -> InlineKeyboardMarkup:
    """Return a button for each command that a line of the message holds: its name, its label."""
    buttons = [button(label, SendCommand(name=name)) for name, label in choices]
    return InlineKeyboardMarkup(inline_keyboard=rows(buttons, width=1))


def stop_or_pause(say: Translator) -> InlineKeyboardMarkup:
    """Return a pause above the two answers to "delete everything?"."""
    pause = pause_button(say.plain("⏸ Pause the news"), until=None)
    return InlineKeyboardMarkup(inline_keyboard=[[pause], *confirm_deletion(say).inline_keyboard])


def topic_buttons(
    topic: Topic, chosen: frozenset[TopicSlug], paging: InlineKeyboardMarkup | None, say: Translator
) -> InlineKeyboardMarkup:
    """Return the paging of a topic's stories, and the button that subscribes or unsubscribes."""
    is_chosen = topic.slug in chosen
    label: str = (
        say.plain("➖ Remove the topic “{name}”", name=topic.names[say.language])
        if is_chosen
        else say.plain("➕ Follow “{name}”", name=topic.names[say.language])
    )
    choice: InlineKeyboardButton = button(label, ChooseTopic(slug=topic.slug, wanted=not is_chosen))
    above = paging.inline_keyboard if paging else []
    return InlineKeyboardMarkup(inline_keyboard=[*above, [choice]])
