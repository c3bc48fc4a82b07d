"""/digest: what the next digest would tell, right now.

What is owed and held goes at once, by the sender like any other news, and is sent by that. Who is
owed nothing gets the best since yesterday, as an answer that records nothing.
"""

from datetime import datetime

import aiosqlite
from aiogram import Router
from aiogram.types import Message

from bot.i18n import speak
from bot.model import Subscriber
from bot.storage.database import Database
from bot.storage.outbox import deliveries, due
from bot.storage.stories import stories
from bot.story_filter import match_reason
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_command
from bot.telegram.replies import NO_PREVIEW, answer
from bot.telegram.story_lists import StoryLists


def router() -> Router:
    """Return the router of digests on demand."""
    routes = Router(name="digest")
    on_command(routes, "digest", digest)
    return routes


async def digest(message: Message, db: Database, lists: StoryLists, now: Now) -> None:
    """Let go what is held, or show the best since yesterday."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    async with db.transaction() as tx:
        is_owed = await _is_owed(tx, subscriber, now=now())
        is_owed = is_owed and await due.request_digest(tx, subscriber.chat_id, now=now())
    if is_owed:
        # It comes by itself, in a second; who asked where it does not come is told.
        if subscriber.chat_id != message.chat.id or message.is_topic_message:
            await answer(message, db, say("🗞 The digest is on its way."))
        return
    text = await lists.digest(subscriber)
    nothing = say(
        "It has been quiet: none of your topics has had a story since yesterday. /latest looks"
        " further back, /topics chooses more."
    )
    await answer(message, db, text or nothing, preview=NO_PREVIEW)


async def _is_owed(tx: aiosqlite.Connection, subscriber: Subscriber, *, now: datetime) -> bool:
    """Return whether the chat is owed a story that it wants still."""
    owed = await deliveries.owed(tx, [subscriber.chat_id], now=now)
    ids = [it.story_id for it in owed[subscriber.chat_id]]
    told = await stories.visible_stories(
        tx, ids, languages=subscriber.news_languages, sight=subscriber.visibility
    )
    return any(match_reason(subscriber, it) for it in told)
