"""/export: all that is stored of a chat, as files that people and programs can read."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import Message

from bot.model import ChatId, OwnFeed
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.subscribers import export as own_data
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_command
from bot.telegram.replies import answer, answer_with_file

# Feeds of one's own -> an OPML file.
WriteList = Callable[[Sequence[OwnFeed]], bytes]


def router() -> Router:
    """Return the router of exports."""
    made = Router(name="export")
    # A channel's readers need not see it; its admins ask from their private chats.
    made.channel_post.register(not_here, Command("export"), F.chat.type == ChatType.CHANNEL)
    on_command(made, "export", export)
    return made


async def export(message: Message, db: Database, write_list: WriteList, now: Now) -> None:
    """Answer with the files, each with a word on what it holds."""
    say, chat_id = await context.voice(db, message), await context.spoken_of(db, message)
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


async def not_here(message: Message, db: Database) -> None:
    """Say where a channel is exported."""
    say = await context.voice(db, message)
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
