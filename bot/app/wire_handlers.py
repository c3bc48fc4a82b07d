"""What answers people, put together: stages that do not know each other meet here."""

from collections.abc import Sequence
from datetime import timedelta

from aiogram import Dispatcher

from bot.errors import ParseError
from bot.model import ChatId, EditorLink, FoundFeed, OwnFeed, Story, Subscriber
from bot.rendering.digest import digest_of
from bot.rendering.feed_status import status_text
from bot.rendering.story import render, render_coverage, render_list, renderer
from bot.storage.database import Database
from bot.stories.read_also import read_also
from bot.telegram.context import Now
from bot.telegram.dispatcher import build_dispatcher
from bot.telegram.handlers.preferences.own_feeds import FindFeed
from bot.telegram.handlers.routing import Office
from bot.telegram.story_lists import StoryLists
from bot.telegram.story_views import ReadAlso, StoryViews
from bot.text.search_terms import asked_terms
from bot.topics import Topics
from bot.web import opml
from bot.web.domains import domain_of
from bot.web.opml import Outline


def open_handlers(
    db: Database,
    topics: Topics,
    find_feed: FindFeed,
    *,
    admins: frozenset[ChatId],
    poll_floor: timedelta,
    now: Now,
) -> Dispatcher:
    """Return what handles every update."""
    lists = StoryLists(
        db=db,
        topics=topics,
        render=render_list,
        render_digest=digest_of(topics),
        render_story=renderer(topics),
        asked_terms=asked_terms,
        now=now,
    )
    views = StoryViews(
        db=db,
        topics=topics,
        read_also=related_in(db),
        render=render,
        render_tellings=render_coverage,
        now=now,
    )
    return build_dispatcher(
        db=db,
        topics=topics,
        lists=lists,
        views=views,
        find_feed=find_feed,
        read_list=read_list,
        write_list=write_list,
        office=Office(
            admins=admins,
            in_words=lambda health, now: status_text(health, now=now),
            poll_floor=poll_floor,
        ),
        now=now,
    )


def read_list(document: bytes) -> Sequence[FoundFeed] | None:
    """Return the feeds of an OPML file; None: it is none."""
    try:
        outlines = opml.parse(document)
    except ParseError:
        return None
    return [
        FoundFeed(url=it.url, domain=domain_of(it.url), title=it.title, newest=())
        for it in outlines
    ]


def write_list(found: Sequence[OwnFeed]) -> bytes:
    """Return an OPML file of the feeds."""
    outlines = (Outline(url=it.url, title=it.title) for it in found)
    return opml.write(outlines, title="ReadAlso")


def related_in(db: Database) -> ReadAlso:
    """Return what finds the links under a story, for its reader."""

    async def related(story: Story, reader: Subscriber) -> tuple[Story | EditorLink, ...]:
        return await read_also(
            db.reader,
            story,
            topics=reader.topics,
            languages=reader.news_languages,
            sight=reader.sight,
        )

    return related
