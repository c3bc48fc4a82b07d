"""/pause and /resume: no deliveries for a while, with all settings kept."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import speak
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.keyboards import settings as settings_keyboards
from bot.telegram.keyboards.settings import Resume
from bot.telegram.replies import answer, answer_callback, edit


def router() -> Router:
    """Return the router of /pause and /resume."""
    routes = Router(name="pausing")
    on_command(routes, "pause", pause)
    on_command(routes, "resume", resume)
    on_callback(routes, Resume, resume_callback)
    return routes


async def pause(message: Message, db: Database, now: Now) -> None:
    """Send no news until /resume."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    async with db.transaction() as tx:
        await subscribers.pause(tx, subscriber.chat_id, now=now())
    say = speak(subscriber.language)
    text = say("⏸ Quiet now. Your topics are kept; /resume brings the news back.")
    await answer(message, db, text, settings_keyboards.resume(say))


async def resume(message: Message, db: Database, now: Now) -> None:
    """Send news again."""
    await answer(message, db, await _end_pause(message, db, now))


async def resume_callback(query: CallbackQuery, db: Database, now: Now) -> None:
    """Send news again, on the press of the button."""
    text = await _end_pause(query, db, now)
    await answer_callback(query)
    await edit(query, db, text)


async def _end_pause(event: Message | CallbackQuery, db: Database, now: Now) -> str:
    """End the pause of the chat and return the answer."""
    subscriber = await context.ensure_subscriber(db, event, now=now())
    async with db.transaction() as tx:
        await subscribers.resume(tx, subscriber.chat_id)
    say = speak(subscriber.language)
    return say("▶️ The news is back. /latest shows what came meanwhile.")
