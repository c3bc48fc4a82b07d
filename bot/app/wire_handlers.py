"""Composition of the handlers: the dispatcher, with the other stages that they need."""

from datetime import timedelta

from aiogram import Dispatcher

from bot.model import ChatId, EditorLink, Story, Subscriber
from bot.storage.database import Database
from bot.stories.read_also import read_also
from bot.telegram.context import Now
from bot.telegram.dispatcher import build_dispatcher
from bot.telegram.handlers.preferences.own_feeds import FindFeed
from bot.telegram.story_views import ReadAlso
from bot.topics import Topics


def open_handlers(
    db: Database,
    topics: Topics,
    find_feed: FindFeed,
    *,
    admins: frozenset[ChatId],
    poll_floor: timedelta,
    now: Now,
) -> Dispatcher:
    """Return the dispatcher of all updates."""
    return build_dispatcher(
        db=db,
        topics=topics,
        find_feed=find_feed,
        read_also=related_in(db),
        admins=admins,
        poll_floor=poll_floor,
        now=now,
    )


def related_in(db: Database) -> ReadAlso:
    """Return what finds the links under a story, for its reader."""

    async def related(story: Story, reader: Subscriber) -> tuple[Story | EditorLink, ...]:
        return await read_also(
            db.reader,
            story,
            topics=reader.topics,
            languages=reader.news_languages,
            sight=reader.visibility,
        )

    return related
