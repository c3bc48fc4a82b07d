"""Story lists: /latest, /search, /best, /saved as pages, the digest, and inline results.

A list keeps no state: its query stands in the first line of the message, its offset in the
callback data of its buttons, and its end in time is the date of the message.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from aiogram.types import InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.model import Story, StoryId, Subscriber, TopicSlug
from bot.rendering.digest import render_digest
from bot.rendering.story import render_list
from bot.storage.database import Database
from bot.storage.stories import queries
from bot.story_filter import shown_topic
from bot.telegram.context import Now
from bot.telegram.keyboards.common import TurnPage, search_choices, story_paging
from bot.telegram.keyboards.story import saved_list
from bot.telegram.replies import without_heading
from bot.text.vocabulary import query_terms
from bot.topics import Topics
from bot.typed.choices import split_query

PAGE_SIZE = 7
# A digest is read once, so it holds more than a page.
DIGEST_SIZE = 20
TOP_PERIOD = timedelta(hours=24)
_QUERY_MARK = "🔎 "


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page as it is sent."""

    text: str
    buttons: InlineKeyboardMarkup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLists:
    """Finds stories for a reader and renders them as lists."""

    db: Database
    topics: Topics
    now: Now

    async def page(
        self, reader: Subscriber, page: TurnPage, query: str = "", *, until: datetime | None = None
    ) -> ListPage | None:
        """Return the page, of stories that match the query if there is one; None if it is empty.

        `until` is when the list was sent: what is newer does not move its pages.
        """
        # One more than is shown tells whether another page follows.
        found = await self._find(reader, page, query, limit=PAGE_SIZE + 1, until=until)
        if not found:
            return None
        say, shown, is_saved = speak(reader.language), found[:PAGE_SIZE], page.kind == "saved"
        if page.kind in ("latest", "search"):
            # Found by when they began, shown by when each was last told.
            shown = tuple(sorted(shown, key=lambda story: story.published_at, reverse=True))
        headings = {
            "top": say("<b>Most covered since yesterday</b>"),
            "saved": say("🔖 <b>Saved</b>"),
        }
        heading = headings.get(page.kind, say("<b>The newest</b>"))
        if query:
            heading = f"{_QUERY_MARK}<b>{escape(query)}</b>"
        has_more = len(found) > PAGE_SIZE
        choices = search_choices(query) if page.kind == "search" else []
        if choices:
            heading = f"{heading}\n\n{readings_question(query, say)}"
        paging = story_paging(
            page, page_size=PAGE_SIZE, has_more=has_more, say=say, choices=choices
        )
        return ListPage(
            text=render_list(shown, heading, say, self.now(), numbered=is_saved),
            buttons=saved_list(shown, page, paging) if is_saved else paging,
        )

    async def inline_results(
        self, reader: Subscriber, query: str, *, limit: int, skipped: int
    ) -> tuple[Story, ...]:
        """Return stories that match the query; without one, the day's most covered stories.

        The most covered stories are `limit` - 1 at the most: there is no second page of them.
        """
        if query:
            return await self._search(reader, query, limit=limit, skipped=skipped)
        return () if skipped else await self._most_covered(reader, limit=limit - 1)

    async def newest_id(self, reader: Subscriber) -> StoryId | None:
        """Return the newest story for the reader; None: there is none."""
        newest = await self._find(reader, TurnPage(kind="latest"), "", limit=1)
        return newest[0].id if newest else None

    async def digest(self, reader: Subscriber) -> str | None:
        """Return a digest of the day's most covered stories; None if there are none."""
        ranked = await self._most_covered(reader, limit=DIGEST_SIZE)
        if not ranked:
            return None
        say = speak(reader.language)
        heading = say("🗞 <b>The best since yesterday</b>")
        return render_digest(
            ranked,
            topics=self.topics,
            related=(),
            say=say,
            now=self.now(),
            heading=heading,
            shown_topics={story.id: shown_topic(reader, story) for story in ranked},
        )

    async def _find(
        self,
        reader: Subscriber,
        page: TurnPage,
        query: str,
        *,
        limit: int,
        until: datetime | None = None,
    ) -> tuple[Story, ...]:
        match page.kind:
            case "search":
                return await self._search(
                    reader, query, limit=limit, skipped=page.skipped, until=until
                )
            case "latest":
                return await queries.newest(
                    self.db.reader,
                    topics=self.topics.find(query).slugs or self._topics_of(reader),
                    languages=reader.news_languages,
                    visibility=reader.visibility,
                    limit=limit,
                    skipped=page.skipped,
                    until=until,
                )
            case "saved":
                return await queries.newest_saved(
                    self.db.reader,
                    reader.chat_id,
                    languages=reader.news_languages,
                    visibility=reader.visibility,
                    limit=limit,
                    skipped=page.skipped,
                )
            case "top":
                return await self._most_covered(reader, limit=PAGE_SIZE)

    async def _search(
        self,
        reader: Subscriber,
        query: str,
        *,
        limit: int,
        skipped: int,
        until: datetime | None = None,
    ) -> tuple[Story, ...]:
        wanted, unwanted = split_query(query)
        return await queries.search(
            self.db.reader,
            query_terms(wanted),
            without=query_terms(unwanted),
            languages=reader.news_languages,
            visibility=reader.visibility,
            limit=limit,
            skipped=skipped,
            until=until,
        )

    async def _most_covered(self, reader: Subscriber, *, limit: int) -> tuple[Story, ...]:
        return await queries.most_covered(
            self.db.reader,
            topics=self._topics_of(reader),
            languages=reader.news_languages,
            visibility=reader.visibility,
            since=self.now() - TOP_PERIOD,
            limit=limit,
        )

    def _topics_of(self, reader: Subscriber) -> Collection[TopicSlug]:
        return reader.topics or [topic.slug for topic in self.topics]


def query_in(message: Message) -> str:
    """Return the query in the first line of a list; empty if it has none."""
    first_line = without_heading(message.text or "").partition("\n")[0]
    return first_line.removeprefix(_QUERY_MARK) if first_line.startswith(_QUERY_MARK) else ""


def readings_question(word: str, say: Translator) -> str:
    """Return the question which of different words is meant."""
    return say("“{word}” may be a form of different words. Which one do you mean?", word=word)
