"""What the bot does when people command or press: one module per subject, each a router."""

from aiogram import Dispatcher

from bot.storage.database import Database
from bot.telegram.audience import Now
from bot.telegram.handlers import (
    channels,
    digest,
    export,
    here,
    inline,
    languages,
    latest,
    leaving,
    membership,
    pausing,
    start,
    when,
)
from bot.telegram.handlers import topics as choosing
from bot.telegram.lists import Lists
from bot.topics import Topics


def dispatcher(*, db: Database, topics: Topics, lists: Lists, now: Now) -> Dispatcher:
    """Return what handles every update; handlers get these four as arguments of these names."""
    made = Dispatcher(db=db, topics=topics, lists=lists, now=now, disable_fsm=True)
    made.include_routers(
        membership.router(),
        channels.router(),
        start.router(),
        choosing.router(),
        latest.router(),
        digest.router(),
        languages.router(),
        when.router(),
        here.router(),
        pausing.router(),
        inline.router(),
        export.router(),
        leaving.router(),
        start.fallback(),
    )
    return made
