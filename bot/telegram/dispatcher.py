"""Dispatcher: the routers of all handlers, in the order in which updates are offered to them."""

from datetime import timedelta

from aiogram import Dispatcher as Dispatcher

from bot.model import ChatId
from bot.storage.backups.departures import DepartureList
from bot.storage.database import Database
from bot.telegram.context import Now
from bot.telegram.first_stories import FirstStories
from bot.telegram.handlers import admin, admin_actions, admin_load, broadcast, free_text, start
from bot.telegram.handlers.admin_actions import RequestReload, no_reload
from bot.telegram.handlers.chats import (
    channel_posts,
    channel_source,
    channels,
    membership,
    moving,
    post_look,
    privacy,
)
from bot.telegram.handlers.chats.moving import ReadExport
from bot.telegram.handlers.open_questions import OpenQuestions
from bot.telegram.handlers.preferences import (
    languages,
    own_feeds,
    pause,
    ready_words,
    settings,
    sources,
    threads,
    timetable,
    words,
)
from bot.telegram.handlers.preferences import topics as topic_handlers
from bot.telegram.handlers.preferences.own_feeds import ReadOpml
from bot.telegram.handlers.reading import (
    deep_links,
    digest,
    inline,
    lists,
    saved,
    story_buttons,
    storylines,
    why,
)
from bot.telegram.story_lists import StoryLists
from bot.telegram.story_views import ReadAlso, StoryViews
from bot.telegram.updates.person_load import PersonLoad
from bot.topics import Topics


def build_dispatcher(  # noqa: PLR0913
    *,
    db: Database,
    topics: Topics,
    read_opml: ReadOpml,
    read_export: ReadExport,
    read_also: ReadAlso,
    admins: frozenset[ChatId],
    poll_floor: timedelta,
    departures: DepartureList,
    copy_lifetime: timedelta,
    load: PersonLoad,
    channel_previews: bool = False,
    request_reload: RequestReload = no_reload,
    now: Now,
) -> Dispatcher:
    """Return the dispatcher; handlers receive its data as arguments of the same names.

    `poll_floor` is the shortest time between two polls of a feed, `copy_lifetime` how long what was
    deleted may live on in backups.
    """
    questions = OpenQuestions(now=now)
    dispatcher = Dispatcher(
        db=db,
        topics=topics,
        lists=StoryLists(db=db, topics=topics, now=now),
        first_stories=FirstStories(db=db, topics=topics, read_also=read_also, now=now),
        views=StoryViews(db=db, topics=topics, read_also=read_also, now=now),
        read_opml=read_opml,
        read_export=read_export,
        admins=admins,
        poll_floor=poll_floor,
        departures=departures,
        copy_lifetime=copy_lifetime,
        load=load,
        channel_previews=channel_previews,
        request_reload=request_reload,
        questions=questions,
        now=now,
        disable_fsm=True,
    )
    dispatcher.include_routers(
        start.no_message_router(),
        membership.router(),
        admin.router(),
        admin_actions.router(),
        admin_load.router(),
        broadcast.router(),
        channel_source.admin_router(),
        # The next four act for the person who presses, whichever channel is managed.
        deep_links.router(),
        story_buttons.router(),
        saved.router(),
        why.router(),
        storylines.router(),
        # Before everything that changes settings.
        channels.router(),
        post_look.router(),
        channel_source.router(),
        start.router(),
        topic_handlers.router(),
        lists.router(),
        digest.router(),
        languages.router(),
        settings.router(),
        words.router(),
        ready_words.router(),
        sources.router(),
        moving.router(),
        own_feeds.router(),
        timetable.router(),
        threads.router(),
        pause.router(),
        inline.router(),
        privacy.router(),
        free_text.router(),
        channel_posts.router(),
        start.fallback_router(),
    )
    for observer in (dispatcher.message, dispatcher.edited_message, dispatcher.callback_query):
        observer.middleware(questions)
    dispatcher["dispatcher"] = dispatcher
    return dispatcher
