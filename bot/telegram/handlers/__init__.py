"""What the bot does when people command or press: one module per subject, each a router."""

from aiogram import Dispatcher

from bot.storage.database import Database
from bot.telegram.audience import Now
from bot.telegram.handlers import (
    channels,
    here,
    languages,
    latest,
    leaving,
    links,
    membership,
    pausing,
    saved,
    start,
    stories,
    when,
)
from bot.telegram.handlers import topics as choosing
from bot.telegram.lists import Lists
from bot.telegram.story_views import StoryViews
from bot.topics import Topics


def dispatcher(
    *, db: Database, topics: Topics, lists: Lists, views: StoryViews, now: Now
) -> Dispatcher:
    """Return what handles every update; handlers get these five as arguments of these names."""
    made = Dispatcher(db=db, topics=topics, lists=lists, views=views, now=now, disable_fsm=True)
    made.include_routers(
        membership.router(),
        # These are of the person, whichever channel is spoken of.
        links.router(),
        stories.router(),
        saved.router(),
        channels.router(),
        start.router(),
        choosing.router(),
        latest.router(),
        languages.router(),
        when.router(),
        here.router(),
        pausing.router(),
        leaving.router(),
        start.fallback(),
    )
    return made
