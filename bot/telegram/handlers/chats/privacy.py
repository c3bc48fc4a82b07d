"""/export: all that is stored of a chat, as files that people and programs can read."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.model import ChatId, OwnFeed
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.subscribers import export as own_data
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.keyboards.settings import Forget, confirm_deletion
from bot.telegram.replies import answer, answer_callback, answer_with_file, edit

# Feeds of one's own -> an OPML file.
WriteList = Callable[[Sequence[OwnFeed]], bytes]


def router() -> Router:
    """Return the router of exports."""
    made = Router(name="export")
    # A channel's readers need not see it; its admins ask from their private chats.
    made.channel_post.register(
        answer_wrong_chat, Command("export"), F.chat.type == ChatType.CHANNEL
    )
    on_command(made, "export", export)
    return made


async def export(message: Message, db: Database, write_list: WriteList, now: Now) -> None:
    """Answer with the files, each with a word on what it holds."""
    say, chat_id = (
        await context.translator_for(db, message),
        await context.target_chat_id(db, message),
    )
    instant = now()
    content = await _everything(db, chat_id, now=instant)
    await answer_with_file(
        message,
        db,
        name=f"readalso-{instant:%Y-%m-%d}.json",
        content=content,
        caption=say("All that I have stored of this chat. /stop deletes it."),
    )
    if mine := await own_feeds.of_chat(db.reader, chat_id):
        await answer_with_file(
            message,
            db,
            name=f"readalso-{instant:%Y-%m-%d}.opml",
            content=write_list(mine),
            caption=say("The feeds of your own, for any reader; /import takes it back."),
        )


async def answer_wrong_chat(message: Message, db: Database) -> None:
    """Say where a channel is exported."""
    say = await context.translator_for(db, message)
    await answer(
        message,
        db,
        say("Write that to me in our private chat, after <code>/channel @name</code>."),
    )


async def _everything(db: Database, chat_id: ChatId, *, now: datetime) -> bytes:
    tables = await own_data.stored(db.reader, chat_id)
    document = {"chat_id": chat_id, "exported_at": now.isoformat(timespec="seconds"), **tables}
    # Years of stories take their time.
    return await asyncio.to_thread(_as_json, document)


def _as_json(document: dict[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def stop_router() -> Router:
    """Return the router of privacy and farewell."""
    made = Router(name="leaving")
    on_command(made, "stop", stop)
    on_command(made, "privacy", privacy)
    on_callback(made, Forget, forget)
    return made


async def stop(message: Message, db: Database) -> None:
    """Ask before deleting."""
    say = await context.translator_for(db, message)
    text = say(
        "Delete everything I know of this chat? Your topics and settings go, and no news comes"
        " any more. If you only want quiet, /pause keeps them."
    )
    await answer(message, db, text, confirm_deletion(say))


async def forget(query: CallbackQuery, callback_data: Forget, db: Database) -> None:
    """Delete everything known of the chat, or nothing, as the button said."""
    say, managed = await context.translator_for(db, query), await context.managed(db, query)
    text = say("Nothing has changed.")
    if callback_data.confirmed:
        await _forget(db, await context.target_chat_id(db, query))
        text = say("Everything is deleted. Should you miss the news: /start.")
        if managed:
            text = say(
                "Everything I knew of {name} is deleted. From now on we speak of this chat again.",
                name=managed.name,
            )
    await answer_callback(query)
    await edit(query, db, text)


async def _forget(db: Database, chat_id: ChatId) -> None:
    async with db.transaction() as tx:
        await subscribers.forget(tx, chat_id)
        await subscribers.forget_managed(tx, chat_id)
        await updates.forget(tx, chat_id)


async def privacy(message: Message, db: Database) -> None:
    """Say what is kept, where and how long."""
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
        ),
    )
