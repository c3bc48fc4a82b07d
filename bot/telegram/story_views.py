"""Views of one story: as it was sent, with more "Read also" links, or its coverage by source."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.i18n import speak
from bot.model import (
    FIRST_LINKS,
    LANGUAGES,
    EditorLink,
    Story,
    StoryButtons,
    StoryId,
    Subscriber,
    Visibility,
)
from bot.rendering.story import render_coverage, render_story
from bot.storage.database import Database
from bot.storage.stories import queries, saved, storylines
from bot.story_filter import followed_words, shown_topic, story_preview
from bot.telegram.context import Now
from bot.telegram.deep_links import View
from bot.topics import Topics

# Far more than fit into a message; the rendering counts the rest.
MAX_COVERAGE = 200
# Of the chapters before a story.
MAX_EARLIER = 5

ReadAlso = Callable[[Story, Subscriber], Awaitable[tuple[Story | EditorLink, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A view as it is sent; `preview` is the page or picture to preview, if any."""

    text: str
    preview: str | None
    is_picture: bool = False
    buttons: StoryButtons
    view: View


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryViews:
    """Loads a story and renders its views."""

    db: Database
    topics: Topics
    read_also: ReadAlso
    now: Now

    async def show(self, reader: Subscriber, story_id: StoryId, view: View) -> StoryView | None:
        """Return the view, preferably in one of the reader's languages; None if it was deleted."""
        db = self.db.reader
        story = await queries.get(
            db, story_id, languages=reader.news_languages, visibility=reader.visibility
        )
        # A link leads to a story in any language, of any source.
        own_only = Visibility(own=reader.visibility.own)
        story = story or await queries.get(db, story_id, languages=LANGUAGES, visibility=own_only)
        if story is None:
            return None
        # A reader without topics, who follows a link, may see links of all of them.
        topics = reader.topics or frozenset(topic.slug for topic in self.topics)
        links = await self.read_also(story, replace(reader, topics=topics))
        buttons = StoryButtons(
            story_id=story.id,
            title=story.title,
            url=story.url,
            source_count=1 + len(story.other_sources),
            link_count=len(links),
            kind=reader.kind,
            language=reader.language,
            is_saved=await saved.is_saved(db, reader.chat_id, story.id),
            is_chapter=story.continues is not None,
            is_followed=story.storyline in reader.followed_storylines,
            is_private=story.is_private,
        )
        say, now = speak(reader.language), self.now()
        if view == "sources":
            coverage = await queries.coverage(
                db, story.id, visibility=reader.visibility, limit=MAX_COVERAGE
            )
            text = render_coverage(story, coverage, say, now)
            return StoryView(text=text, preview=None, buttons=buttons, view=view)
        earlier = await storylines.earlier_chapters(
            db,
            story,
            languages=reader.news_languages,
            visibility=reader.visibility,
            limit=MAX_EARLIER,
        )
        newest = await storylines.newest_chapters(
            db,
            [story.storyline],
            languages=reader.news_languages,
            visibility=reader.visibility,
        )
        text = render_story(
            story,
            topic=self.topics.get(shown_topic(reader, story)),
            related=links if view == "more" else links[:FIRST_LINKS],
            followed=followed_words(reader, story),
            earlier=earlier,
            newest=next((chapter for chapter in newest if chapter.id > story.id), None),
            say=say,
            now=now,
            zone_name=reader.timetable.zone,
            look=reader.look,
        )
        preview = story_preview(reader, story)
        return StoryView(
            text=text,
            preview=preview.url,
            is_picture=preview.is_picture,
            buttons=buttons,
            view=view,
        )
