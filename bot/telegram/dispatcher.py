"""What the bot does when people command or press: one module per subject, each a router."""

from aiogram import Dispatcher

from bot.storage.database import Database
from bot.telegram.context import Now
from bot.telegram.handlers import admin, broadcast, start
from bot.telegram.handlers.chats import channels, membership, privacy
from bot.telegram.handlers.chats.privacy import WriteList
from bot.telegram.handlers.preferences import (
    languages,
    own_feeds,
    pause,
    settings,
    sources,
    threads,
    timetable,
    words,
)
from bot.telegram.handlers.preferences import topics as choosing
from bot.telegram.handlers.preferences.own_feeds import FindFeed, ReadList
from bot.telegram.handlers.reading import deep_links, digest, inline, saved, story_buttons, why
from bot.telegram.handlers.reading import lists as latest
from bot.telegram.handlers.routing import Office
from bot.telegram.story_lists import StoryLists
from bot.telegram.story_views import StoryViews
from bot.topics import Topics


def build_dispatcher(  # noqa: PLR0913
    *,
    db: Database,
    topics: Topics,
    lists: StoryLists,
    views: StoryViews,
    find_feed: FindFeed,
    read_list: ReadList,
    write_list: WriteList,
    office: Office,
    now: Now,
) -> Dispatcher:
    """Return what handles every update; handlers get these as arguments of these names."""
    made = Dispatcher(
        db=db,
        topics=topics,
        lists=lists,
        views=views,
        find_feed=find_feed,
        read_list=read_list,
        write_list=write_list,
        office=office,
        now=now,
        disable_fsm=True,
    )
    made.include_routers(
        membership.router(),
        admin.router(),
        broadcast.router(),
        # These are of the person, whichever channel is spoken of.
        deep_links.router(),
        story_buttons.router(),
        saved.router(),
        why.router(),
        channels.router(),
        start.router(),
        choosing.router(),
        latest.router(),
        digest.router(),
        languages.router(),
        settings.router(),
        words.router(),
        sources.router(),
        own_feeds.router(),
        own_feeds.import_router(),
        timetable.router(),
        threads.router(),
        pause.router(),
        inline.router(),
        privacy.router(),
        privacy.stop_router(),
        start.fallback(),
    )
    return made
