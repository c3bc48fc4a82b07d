"""What the bot does when people command or press: one module per subject, each a router."""

from aiogram import Dispatcher

from bot.storage.database import Database
from bot.telegram.audience import Now
from bot.telegram.handlers import (
    admin,
    broadcast,
    channels,
    digest,
    export,
    here,
    importing,
    inline,
    languages,
    latest,
    leaving,
    links,
    membership,
    own_feeds,
    pausing,
    saved,
    settings,
    sources,
    start,
    stories,
    when,
    why,
    words,
)
from bot.telegram.handlers import topics as choosing
from bot.telegram.handlers.export import WriteList
from bot.telegram.handlers.importing import ReadList
from bot.telegram.handlers.own_feeds import FindFeed
from bot.telegram.lists import Lists
from bot.telegram.office import Office
from bot.telegram.story_views import StoryViews
from bot.topics import Topics


def dispatcher(  # noqa: PLR0913
    *,
    db: Database,
    topics: Topics,
    lists: Lists,
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
        links.router(),
        stories.router(),
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
        importing.router(),
        when.router(),
        here.router(),
        pausing.router(),
        inline.router(),
        export.router(),
        leaving.router(),
        start.fallback(),
    )
    return made
