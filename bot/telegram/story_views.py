"""One story, as it comes and in the views that its buttons open."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.i18n import Translator, speak
from bot.model import (
    FIRST_LINKS,
    LANGUAGES,
    Coverage,
    EditorLink,
    Story,
    StoryButtons,
    StoryId,
    Subscriber,
    Visibility,
)
from bot.storage.database import Database
from bot.storage.stories import queries, saved, stories
from bot.story_filter import followed_in
from bot.telegram.context import Now
from bot.telegram.deep_links import View
from bot.topics import Topic, Topics

# Far more than fit into a message; the rest is counted.
_MOST_TELLINGS = 200

ReadAlso = Callable[[Story, Subscriber], Awaitable[tuple[Story | EditorLink, ...]]]
RenderTellings = Callable[[Story, Sequence[Coverage], Translator, datetime], str]


class RenderStory(Protocol):
    """A story and links -> Telegram HTML."""

    def __call__(
        self,
        story: Story,
        *,
        topic: Topic | None,
        related: tuple[Story | EditorLink, ...],
        say: Translator,
        now: datetime,
        because: Sequence[str],
    ) -> str:
        """Return the message."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A view as it is sent, with the page whose preview it has, if any."""

    text: str
    preview: str | None
    buttons: StoryButtons
    view: View


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryViews:
    """Shows stories as the sender does, and further; other stages know how."""

    db: Database
    topics: Topics
    read_also: ReadAlso
    render: RenderStory
    render_tellings: RenderTellings
    now: Now

    async def show(self, reader: Subscriber, story_id: StoryId, view: View) -> StoryView | None:
        """Return the view, in the reader's languages if it is told in one; None: it is gone."""
        db = self.db.reader
        languages, sight = reader.news_languages, reader.sight
        story = await stories.get(db, story_id, languages=languages, sight=sight)
        # What a link leads to is shown in any language, of whatever source.
        own = Visibility(own=sight.own)
        story = story or await stories.get(db, story_id, languages=LANGUAGES, sight=own)
        if story is None:
            return None
        links = await self._links(story, reader)
        buttons = StoryButtons(
            story_id=story.id,
            title=story.title,
            sources=1 + len(story.also_told_by),
            links=len(links),
            kind=reader.kind,
            is_saved=await saved.holds(db, reader.chat_id, story.id),
        )
        if view == "sources":
            text, preview = await self._sources(story, reader), None
        else:
            text = self._story(story, reader, links if view == "more" else links[:FIRST_LINKS])
            preview = story.url
        return StoryView(text=text, preview=preview, buttons=buttons, view=view)

    async def _links(self, story: Story, reader: Subscriber) -> tuple[Story | EditorLink, ...]:
        # Who follows nothing yet, and was sent a link, may look at anything.
        topics = reader.topics or frozenset(topic.slug for topic in self.topics)
        return await self.read_also(story, replace(reader, topics=topics))

    async def _sources(self, story: Story, reader: Subscriber) -> str:
        tellings = await queries.coverage(
            self.db.reader, story.id, sight=reader.sight, limit=_MOST_TELLINGS
        )
        return self.render_tellings(story, tellings, speak(reader.language), self.now())

    def _story(
        self, story: Story, reader: Subscriber, links: tuple[Story | EditorLink, ...]
    ) -> str:
        return self.render(
            story,
            topic=self.topics.get(story.topic),
            related=links,
            because=followed_in(reader, story),
            say=speak(reader.language),
            now=self.now(),
        )
