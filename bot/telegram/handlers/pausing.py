"""/pause and /resume: quiet for a while, with everything kept."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.storage import subscribers
from bot.storage.database import Database
from bot.telegram import audience, keyboards
from bot.telegram.audience import Now
from bot.telegram.handlers.routing import on_command, on_press
from bot.telegram.keyboards import Resume
from bot.telegram.replies import edit, toast
from bot.texts import Say, speak


def router() -> Router:
    """Return the router of pauses."""
    made = Router(name="pausing")
    on_command(made, "pause", pause)
    on_command(made, "resume", resume)
    on_press(made, Resume, press_resume)
    return made


async def pause(message: Message, db: Database, now: Now) -> None:
    """Send no news until asked to."""
    subscriber = await audience.join(db, message, now=now())
    async with db.transaction() as tx:
        await subscribers.pause(tx, subscriber.chat_id, now=now())
    say = speak(subscriber.language)
    text = say("⏸ Quiet now. Your topics are kept; /resume brings the news back.")
    await message.answer(text, reply_markup=keyboards.resume(say))


async def resume(message: Message, db: Database, now: Now) -> None:
    """Send news again."""
    subscriber = await audience.join(db, message, now=now())
    async with db.transaction() as tx:
        await subscribers.resume(tx, subscriber.chat_id)
    await message.answer(_welcome_back(speak(subscriber.language)))


async def press_resume(query: CallbackQuery, db: Database, now: Now) -> None:
    """Send news again, asked by the button."""
    subscriber = await audience.join(db, query, now=now())
    async with db.transaction() as tx:
        await subscribers.resume(tx, subscriber.chat_id)
    await toast(query)
    await edit(query, _welcome_back(speak(subscriber.language)))


def _welcome_back(say: Say) -> str:
    return say("▶️ The news is back. /latest shows what came meanwhile.")
