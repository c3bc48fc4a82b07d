"""/digest: the next digest on demand.

Pending deliveries are released to the sender and recorded as sent. A chat without any gets the most
covered stories of the last 24 hours as an answer that records nothing.
"""

from datetime import datetime

import aiosqlite
from aiogram import Router
from aiogram.types import Message

from bot.i18n import speak
from bot.model import Subscriber
from bot.storage.database import Database
from bot.storage.outbox import deliveries, due
from bot.storage.stories import queries
from bot.story_filter import match_reason
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_command
from bot.telegram.replies import NO_PREVIEW, answer
from bot.telegram.story_lists import StoryLists


def router() -> Router:
    """Return the router of /digest."""
    routes = Router(name="digest")
    on_command(routes, "digest", digest)
    return routes


async def digest(message: Message, db: Database, lists: StoryLists, now: Now) -> None:
    """Release the pending deliveries, or answer with the most covered stories of the day."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    async with db.transaction() as tx:
        await due.release_chapters(tx, subscriber.chat_id)
        is_coming = await _has_pending(tx, subscriber, now=now()) and (
            await due.request_digest(tx, subscriber.chat_id, now=now())
        )
    if is_coming:
        # The sender delivers it within a second, but not always to where it was asked for.
        if subscriber.chat_id != message.chat.id or message.is_topic_message:
            await answer(message, db, say("🗞 Sending the digest."))
        return
    text = await lists.digest(subscriber)
    nothing = say(
        "It has been quiet: no story on your topics since yesterday. /latest looks "
        "further back, /topics adds topics."
    )
    await answer(message, db, text or nothing, preview=NO_PREVIEW)


async def _has_pending(tx: aiosqlite.Connection, subscriber: Subscriber, *, now: datetime) -> bool:
    """Return whether a pending delivery of the chat is of a story that it still wants."""
    pending = await deliveries.pending(tx, [subscriber.chat_id], now=now)
    ids = [delivery.story_id for delivery in pending[subscriber.chat_id]]
    visible = await queries.visible_stories(
        tx, ids, languages=subscriber.news_languages, visibility=subscriber.visibility
    )
    return any(match_reason(subscriber, story) for story in visible)
