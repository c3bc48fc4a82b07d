"""/broadcast: a message of an admin to an audience, with preview, confirmation and progress."""

from collections.abc import Mapping

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator
from bot.model import ChatId, LetterId
from bot.storage.database import Database
from bot.storage.outbox import broadcasts, notices
from bot.telegram.context import Now
from bot.telegram.handlers.routing import (
    admin_translator,
    edit_page,
    on_admin_callback,
    on_admin_command,
)
from bot.telegram.keyboards import admin
from bot.telegram.keyboards.admin import (
    ChooseAudience,
    OpenBroadcast,
    OpenBroadcastHelp,
    SendBroadcast,
    StopBroadcast,
    audience_name,
)
from bot.telegram.replies import NO_PREVIEW, answer_callback


def router() -> Router:
    """Return the router of /broadcast."""
    routes = Router(name="broadcast")
    on_admin_command(routes, "broadcast", broadcast)
    on_admin_callback(routes, OpenBroadcastHelp, open_instructions)
    on_admin_callback(routes, OpenBroadcast, open_broadcast)
    on_admin_callback(routes, ChooseAudience, choose_audience)
    on_admin_callback(routes, SendBroadcast, send_broadcast)
    on_admin_callback(routes, StopBroadcast, stop_broadcast)
    return routes


async def broadcast(message: Message, db: Database, now: Now) -> None:
    """Store the replied-to message as a draft, show its preview, and offer the audiences."""
    say = await admin_translator(db, message)
    written = message.reply_to_message
    if written is None:
        await message.answer(_instructions(say), link_preview_options=NO_PREVIEW)
        return
    if not written.text:
        await message.answer(say("Only text can be sent to all; pictures and files cannot."))
        return
    # The preview goes first: a text that Telegram refuses must not become a draft.
    await message.answer(written.html_text, link_preview_options=NO_PREVIEW)
    async with db.transaction() as tx:
        letter_id = await broadcasts.draft(
            tx,
            written.html_text,
            author_id=ChatId(message.chat.id),
            message_id=written.message_id,
            now=now(),
        )
    text, keyboard = await _page(db, letter_id, say)
    await message.answer(text, reply_markup=keyboard)


async def open_instructions(query: CallbackQuery, db: Database) -> None:
    """Show how a broadcast is written."""
    say = await admin_translator(db, query)
    await answer_callback(query)
    last = await broadcasts.latest(db.reader)
    await edit_page(query, _instructions(say), admin.broadcast_help(last, say))


async def open_broadcast(query: CallbackQuery, callback_data: OpenBroadcast, db: Database) -> None:
    """Show the audiences of a draft, or the progress of a broadcast."""
    await answer_callback(query)
    await _show(query, LetterId(callback_data.letter_id), db)


async def choose_audience(
    query: CallbackQuery, callback_data: ChooseAudience, db: Database
) -> None:
    """Ask for confirmation that the draft goes to this audience."""
    say = await admin_translator(db, query)
    letter_id = LetterId(callback_data.letter_id)
    await answer_callback(query)
    letter = await broadcasts.find(db.reader, letter_id)
    if letter is None or letter.is_sent:
        await _show(query, letter_id, db)
        return
    audience = callback_data.audience
    text = say(
        "Send it? {audience}: {count}.",
        audience=audience_name(audience, say),
        count=say.number((await broadcasts.audience_sizes(db.reader))[audience]),
    )
    await edit_page(query, text, admin.confirm(letter_id, audience, say))


async def send_broadcast(
    query: CallbackQuery, callback_data: SendBroadcast, db: Database, now: Now
) -> None:
    """Enqueue the draft for its audience, unless that has been done."""
    letter_id = LetterId(callback_data.letter_id)
    async with db.transaction() as tx:
        await broadcasts.send(tx, letter_id, callback_data.audience, now=now())
    await answer_callback(query)
    await _show(query, letter_id, db)


async def stop_broadcast(
    query: CallbackQuery, callback_data: StopBroadcast, db: Database, now: Now
) -> None:
    """Cancel what is left of a broadcast."""
    letter_id = LetterId(callback_data.letter_id)
    async with db.transaction() as tx:
        await broadcasts.stop(tx, letter_id, now=now())
    await answer_callback(query)
    await _show(query, letter_id, db)


def _instructions(say: Translator) -> str:
    return say(
        "<b>Write to all</b>\n\n"
        "Send me the message as readers should see it: text, with its formatting and "
        "links. Then reply to it with /broadcast: you see it once more, choose who gets "
        "it, and confirm."
    )


async def _show(query: CallbackQuery, letter_id: LetterId, db: Database) -> None:
    await edit_page(query, *await _page(db, letter_id, await admin_translator(db, query)))


async def _page(
    db: Database, letter_id: LetterId, say: Translator
) -> tuple[str, InlineKeyboardMarkup]:
    """Return the page of a letter by its state: missing, draft, running or done."""
    letter = await broadcasts.find(db.reader, letter_id)
    if letter is None:
        return say("That message is no longer kept."), admin.menu(say)
    if not letter.is_sent:
        text = say("That is how it will look. Who gets it? Chats that paused the news are skipped.")
        reach = await broadcasts.audience_sizes(db.reader)
        return text, admin.audiences(letter_id, reach, say)
    states = await notices.progress(db.reader, letter_id)
    text = progress_text(states, say, is_stopped=letter.is_stopped)
    is_running = states.get("pending", 0) + states.get("sending", 0) > 0
    return text, admin.running(letter_id, say) if is_running else admin.menu(say)


def progress_text(states: Mapping[str, int], say: Translator, *, is_stopped: bool) -> str:
    """Return the progress of a broadcast; `states` counts its chats by state."""
    waiting = states.get("pending", 0) + states.get("sending", 0)
    if is_stopped:
        heading = say("⏹ <b>Stopped.</b>")
    elif waiting:
        heading = say("📣 <b>On its way.</b>")
    else:
        heading = say("✅ <b>All sent.</b>")
    return (
        heading
        + "\n\n"
        + say(
            "Sent: {sent}\nWaiting: {waiting}\nCannot be written to: {gone}\nRefused: {refused}",
            sent=say.number(states.get("sent", 0)),
            waiting=say.number(waiting),
            gone=say.number(states.get("gone", 0)),
            refused=say.number(states.get("rejected", 0)),
        )
    )
