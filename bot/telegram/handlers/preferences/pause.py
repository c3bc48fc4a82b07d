"""/pause and /resume: no deliveries for a while, with all settings kept."""

from datetime import UTC, datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from bot.i18n import Translator, speak
from bot.model import Subscriber
from bot.storage.database import Database
from bot.storage.subscribers import absences
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards import settings as settings_keyboards
from bot.telegram.keyboards.common import button
from bot.telegram.keyboards.settings import PauseUntil, Resume, pause_button
from bot.telegram.keyboards.timetable import MAX_TAKEN_BYTES, TakeOther
from bot.telegram.replies import answer, answer_callback, edit, quote
from bot.timezones import zone
from bot.typed.pauses import read_pause
from bot.typed.questions import pause_without_unknown_words
from bot.typed.timetable import read_timetable


def router() -> Router:
    """Return the router of /pause and /resume."""
    routes = Router(name="pausing")
    on_command(routes, "pause", pause, edited=False)
    on_command(routes, "resume", resume)
    on_callback(routes, PauseUntil, pause_until)
    on_callback(routes, Resume, resume_callback)
    return routes


async def pause(message: Message, command: CommandObject, db: Database, now: Now) -> None:
    """Send no news until the time that is typed, without one until /resume."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    args = (command.args or "").strip()
    if not args:
        text = await _pause(db, subscriber, None, now)
        await answer(message, db, text, settings_keyboards.resume(say))
        return
    typed = read_pause(args, now().astimezone(zone(subscriber.timetable.zone)))
    if typed == "resume":
        await resume(message, db, now)
        return
    if typed is None or typed.is_later:
        buttons = settings_keyboards.pause_choice(now(), say)
        local_now = now().astimezone(zone(subscriber.timetable.zone))
        if until := pause_without_unknown_words(args, local_now):
            label = say.plain("⏸ Until {time}", time=end_text(until, subscriber, say))
            buttons.inline_keyboard.insert(0, [pause_button(label, until=until)])
        elif offer := _timetable_offer(args, subscriber, say):
            buttons.inline_keyboard.insert(0, [offer])
        text = (
            say("A pause begins at once. Until when?")
            if typed
            else say(
                "I do not understand “{said}”. For how long? Try <code>/pause 2h</code> or "
                "<code>/pause until Monday</code>.",
                said=quote([args]),
            )
        )
        await answer(message, db, text, buttons)
        return
    text = await _pause(db, subscriber, typed.until, now)
    other = None
    if typed.other:
        label = say.plain("↩️ No: until {time}", time=end_text(typed.other, subscriber, say))
        other = pause_button(label, until=typed.other)
    await answer(message, db, text, settings_keyboards.paused(say, other=other))


async def pause_until(
    query: CallbackQuery, callback_data: PauseUntil, db: Database, now: Now
) -> None:
    """Send no news until the time of the button."""
    subscriber = await context.find_subscriber(db, query)
    minute = callback_data.minute
    until = datetime.fromtimestamp(minute * 60, UTC) if minute else None
    if subscriber is None or (until and until <= now()):
        await answer_stale_button(query, db)
        return
    text = await _pause(db, subscriber, until, now)
    await answer_callback(query)
    await edit(query, db, text, settings_keyboards.resume(speak(subscriber.language)))


async def resume(message: Message, db: Database, now: Now) -> None:
    """Send news again."""
    await answer(message, db, await _end_pause(message, db, now))


async def resume_callback(query: CallbackQuery, db: Database, now: Now) -> None:
    """Send news again, on the press of the button."""
    text = await _end_pause(query, db, now)
    await answer_callback(query)
    await edit(query, db, text)


def end_text(until: datetime, subscriber: Subscriber, say: Translator) -> str:
    """Return the end of a pause by the reader's clock: "Monday 7 December, 08:00"."""
    return say.moment(until.astimezone(zone(subscriber.timetable.zone)))


async def _pause(db: Database, subscriber: Subscriber, until: datetime | None, now: Now) -> str:
    """Begin the pause and return the answer."""
    async with db.transaction() as tx:
        await absences.pause(tx, subscriber.chat_id, until=until, now=now())
    say = speak(subscriber.language)
    if until is None:
        return say("⏸ Paused. Your topics are kept; /resume brings the news back.")
    return say(
        "⏸ Quiet until {time}. Your topics are kept; /resume brings the news back sooner.",
        time=end_text(until, subscriber, say),
    )


def _timetable_offer(
    text: str, subscriber: Subscriber, say: Translator
) -> InlineKeyboardButton | None:
    """Return the button that sets the timetable as the text says; None: it says nothing of one."""
    # Callback data have no colon.
    data = text.replace(":", ".")
    if len(data.encode()) > MAX_TAKEN_BYTES or not read_timetable(data, subscriber.timetable):
        return None
    return button(f"🗓 /when {text}", TakeOther(text=data))


async def _end_pause(event: Message | CallbackQuery, db: Database, now: Now) -> str:
    """End the pause of the chat and return the answer."""
    subscriber = await context.ensure_subscriber(db, event, now=now())
    async with db.transaction() as tx:
        await absences.resume(tx, subscriber.chat_id, now=now())
    say = speak(subscriber.language)
    return say("▶️ The news is back. What you missed comes in one message.")
