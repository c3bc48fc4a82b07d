"""Handlers of updates, wired to the stages that the telegram package does not know."""

from datetime import timedelta

from bot.model import ChatId, EditorLink, Story, Subscriber
from bot.storage.backups.departures import DepartureList
from bot.storage.database import Database
from bot.stories.read_also import read_also
from bot.telegram.context import Now
from bot.telegram.dispatcher import Dispatcher, build_dispatcher
from bot.telegram.handlers.admin_actions import RequestReload, no_reload
from bot.telegram.handlers.chats.moving import ReadExport
from bot.telegram.handlers.preferences.own_feeds import ReadOpml
from bot.telegram.story_views import ReadAlso
from bot.telegram.updates.person_load import PersonLoad
from bot.topics import Topics


def build_handlers(  # noqa: PLR0913
    db: Database,
    topics: Topics,
    read_opml: ReadOpml,
    read_export: ReadExport,
    *,
    admins: frozenset[ChatId],
    poll_floor: timedelta,
    departures: DepartureList,
    copy_lifetime: timedelta,
    load: PersonLoad,
    channel_previews: bool = False,
    request_reload: RequestReload = no_reload,
    now: Now,
) -> Dispatcher:
    """Return the dispatcher of all updates."""
    return build_dispatcher(
        db=db,
        topics=topics,
        read_opml=read_opml,
        read_export=read_export,
        read_also=read_also_in(db),
        admins=admins,
        poll_floor=poll_floor,
        departures=departures,
        copy_lifetime=copy_lifetime,
        load=load,
        channel_previews=channel_previews,
        request_reload=request_reload,
        now=now,
    )


def read_also_in(db: Database) -> ReadAlso:
    """Return the lookup of the "Read also" links of a story for a reader."""

    async def links(story: Story, reader: Subscriber) -> tuple[Story | EditorLink, ...]:
        return await read_also(
            db.reader,
            story,
            topics=reader.topics,
            languages=reader.news_languages,
            visibility=reader.visibility,
        )

    return links
