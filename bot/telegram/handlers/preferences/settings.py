"""/settings: all that a chat has chosen, in one message that leads to each of its pages."""

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import speak
from bot.model import Subscriber
from bot.storage.database import Database
from bot.storage.subscribers import visibility
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.settings_said_settings import overview, ways
from bot.telegram.handlers.routing import on_command, on_press
from bot.telegram.keyboards.common import OpenSettings
from bot.telegram.replies import answer, edit, toast
from bot.topics import Topics


def router() -> Router:
    """Return the router of the overview."""
    made = Router(name="settings")
    on_command(made, "settings", settings)
    on_press(made, OpenSettings, open_settings)
    return made


async def settings(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Show everything that is chosen."""
    reader = await context.join(db, message, now=now())
    text = await _text(db, reader, topics, now())
    await answer(message, db, text, ways(speak(reader.language)))


async def open_settings(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show everything in place of one of its pages."""
    reader = await context.join(db, query, now=now())
    await toast(query)
    text = await _text(db, reader, topics, now())
    await edit(query, db, text, ways(speak(reader.language)))


async def _text(db: Database, reader: Subscriber, topics: Topics, now: datetime) -> str:
    off = await visibility.refused_sources(db.reader, reader.chat_id)
    return overview(reader, topics, speak(reader.language), off=off, now=now)
