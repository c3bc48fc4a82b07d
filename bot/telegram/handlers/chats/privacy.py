"""/privacy, /export and /stop: what is stored of a chat, a copy of it, and its deletion."""

import asyncio
import json
import logging
from datetime import timedelta

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from bot.storage import updates
from bot.storage.backups.departures import DepartureList
from bot.storage.database import Database
from bot.storage.feeds import channels, own_feeds
from bot.storage.subscribers import export as own_data
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import CommandNamed, on_callback, on_command
from bot.telegram.keyboards.settings import Forget, confirm_deletion
from bot.telegram.replies import answer, answer_callback, answer_with_file, edit
from bot.web import opml

log = logging.getLogger(__name__)


def router() -> Router:
    """Return the router of /privacy, /export and /stop."""
    routes = Router(name="privacy")
    # A channel's readers must not get its data; its admins ask from their private chats.
    routes.channel_post.register(
        answer_wrong_chat, CommandNamed("export"), F.chat.type == ChatType.CHANNEL
    )
    on_command(routes, "export", export)
    on_command(routes, "stop", stop, edited=False)
    on_command(routes, "privacy", privacy)
    on_callback(routes, Forget, forget)
    return routes


async def export(message: Message, db: Database, now: Now) -> None:
    """Answer with all rows of the chat as JSON, and its own feeds, if any, as OPML."""
    say = await context.translator_for(db, message)
    chat_id = await context.target_chat_id(db, message)
    exported_at = now()
    document = {
        "chat_id": chat_id,
        "exported_at": exported_at.isoformat(timespec="seconds"),
        **await own_data.rows_of_chat(db.reader, chat_id),
    }
    # Years of deliveries take a while to serialize.
    text = await asyncio.to_thread(json.dumps, document, ensure_ascii=False, indent=1)
    await answer_with_file(
        message,
        db,
        name=f"readalso-{exported_at:%Y-%m-%d}.json",
        content=text.encode("utf-8", "replace"),
        caption=say("Everything stored about this chat. /stop deletes it."),
    )
    if feeds := await own_feeds.of_chat(db.reader, chat_id):
        outlines = (opml.Outline(url=feed.url, title=feed.title) for feed in feeds)
        await answer_with_file(
            message,
            db,
            name=f"readalso-{exported_at:%Y-%m-%d}.opml",
            content=opml.write(outlines, title="ReadAlso"),
            caption=say("Your own feeds, for any RSS reader; /import reads the file back."),
        )


async def answer_wrong_chat(message: Message, db: Database) -> None:
    """Say that a channel is exported from the private chat of an admin."""
    say = await context.translator_for(db, message)
    await answer(
        message,
        db,
        say("Write that to me in our private chat, after <code>/channel @name</code>."),
    )


async def stop(message: Message, db: Database) -> None:
    """Ask for confirmation of the deletion."""
    say = await context.translator_for(db, message)
    text = say(
        "Delete everything about this chat? Your topics and settings will be gone, and no"
        " more news will come. If you only want quiet, /pause keeps them."
    )
    await answer(message, db, text, confirm_deletion(say))


async def forget(
    query: CallbackQuery,
    callback_data: Forget,
    db: Database,
    departures: DepartureList,
    now: Now,
) -> None:
    """Delete all data of the chat if the button confirms it."""
    say = await context.translator_for(db, query)
    managed = await context.managed_channel(db, query)
    text = say("Nothing has changed.")
    if callback_data.confirmed:
        chat_id = await context.target_chat_id(db, query)
        async with db.transaction() as tx:
            await subscribers.forget(tx, chat_id)
            await subscribers.forget_managed(tx, chat_id)
            await channels.forget(tx, chat_id)
            await updates.forget(tx, chat_id)
        try:
            # Backups must forget the chat too; the deletion does not depend on the note.
            await asyncio.to_thread(departures.add, chat_id, now=now())
        except OSError as error:
            log.error(
                "%s: cannot be written, so that backups may bring a chat back: %s",
                departures.path,
                error,
            )
        text = say("Everything is deleted. Miss the news? /start")
        if managed:
            text = say(
                "Everything about {name} is deleted. Back to this chat's own settings.",
                name=managed.name,
            )
    await answer_callback(query)
    await edit(query, db, text)


async def privacy(message: Message, db: Database, copy_lifetime: timedelta) -> None:
    """Say what is stored, where and how long."""
    say = await context.translator_for(db, message)
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
        )
        + " "
        + say(
            "Backups, made against loss, keep it for up to {time} more; one that is restored"
            " forgets you before it sends anything.",
            time=say.duration(copy_lifetime),
        ),
    )
