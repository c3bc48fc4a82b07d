"""/stop and /privacy: what is known of a chat, and how it is deleted."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.model import ChatId
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.storage.subscribers import subscribers_managing as managing
from bot.telegram import context
from bot.telegram.handlers.routing import on_command, on_press
from bot.telegram.keyboards import common
from bot.telegram.keyboards.common import Forget
from bot.telegram.replies import answer, edit, toast


def router() -> Router:
    """Return the router of privacy and farewell."""
    made = Router(name="leaving")
    on_command(made, "stop", stop)
    on_command(made, "privacy", privacy)
    on_press(made, Forget, forget)
    return made


async def stop(message: Message, db: Database) -> None:
    """Ask before deleting."""
    say = await context.voice(db, message)
    text = say(
        "Delete everything I know of this chat? Your topics and settings go, and no news comes"
        " any more. If you only want quiet, /pause keeps them."
    )
    await answer(message, db, text, common.forget(say))


async def forget(query: CallbackQuery, callback_data: Forget, db: Database) -> None:
    """Delete everything known of the chat, or nothing, as the button said."""
    say, managed = await context.voice(db, query), await context.managed(db, query)
    text = say("Nothing has changed.")
    if callback_data.confirmed:
        await _forget(db, await context.spoken_of(db, query))
        text = say("Everything is deleted. Should you miss the news: /start.")
        if managed:
            text = say(
                "Everything I knew of {name} is deleted. From now on we speak of this chat again.",
                name=managed.name,
            )
    await toast(query)
    await edit(query, db, text)


async def _forget(db: Database, chat_id: ChatId) -> None:
    async with db.transaction() as tx:
        await subscribers.forget(tx, chat_id)
        await managing.forget(tx, chat_id)
        await updates.forget(tx, chat_id)


async def privacy(message: Message, db: Database) -> None:
    """Say what is kept, where and how long."""
    say = await context.voice(db, message)
    await answer(
        message,
        db,
        say(
            "<b>What I keep</b>\n"
            "This chat's number, all that was chosen in it, which stories you saved, and which it"
            " was sent, so that none comes twice. What you write and press is deleted as soon as"
            " it is answered; if I fail at it, a week later, so that the mistake can be found."
            " /export gives you all of it as a file.\n\n"
            "<b>Where</b>\n"
            "In one database file of whoever runs this bot. It is shared with nobody.\n\n"
            "<b>How long</b>\n"
            "Until you ask me to forget you with /stop: then all of it is deleted at once."
        ),
    )
