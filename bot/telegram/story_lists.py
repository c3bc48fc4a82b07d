"""Lists of stories: what they hold, and how they look, page by page.

A list keeps no state: what was asked for stands in its first line, how far one has turned in its
buttons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Protocol

from aiogram.types import InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.model import Story, Subscriber
from bot.storage.database import Database
from bot.storage.stories import queries, saved
from bot.telegram.context import Now
from bot.telegram.keyboards import common, story
from bot.telegram.keyboards.common import TurnPage
from bot.telegram.replies import body
from bot.topics import Topics

LISTED = 7
# A digest holds more than a page: it is read once.
IN_DIGEST = 20
TODAY = timedelta(hours=24)
_MARK = "🔎 "

# Stories that are ranked, a heading in HTML, the voice and the instant -> Telegram HTML.
RenderDigest = Callable[[Sequence[Story], str, Translator, datetime], str]
# A story, the voice and the instant -> Telegram HTML.
RenderStory = Callable[[Story, Translator, datetime], str]
# Words of a reader -> for each the terms by which stories are found.
AskedTerms = Callable[[str], Sequence[Sequence[str]]]


class RenderList(Protocol):
    """Stories and a heading in HTML -> Telegram HTML."""

    def __call__(
        self,
        stories: tuple[Story, ...],
        heading: str,
        say: Translator,
        now: datetime,
        *,
        numbered: bool = False,
    ) -> str:
        """Return the list."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page as it is sent."""

    text: str
    buttons: InlineKeyboardMarkup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLists:
    """Finds stories to look back at, and shows them; other stages know how."""

    db: Database
    topics: Topics
    render: RenderList
    render_digest: RenderDigest
    render_story: RenderStory
    asked_terms: AskedTerms
    now: Now

    async def page(self, reader: Subscriber, press: TurnPage, asked: str = "") -> ListPage | None:
        """Return the page that the press leads to; None: there is nothing on it."""
        # One more than is shown tells whether another page follows.
        found = await self._find(reader, press, asked)
        if not found:
            return None
        say, shown = speak(reader.language), found[:LISTED]
        is_saved = press.kind == "saved"
        ways = common.pages(press, by=LISTED, has_more=len(found) > LISTED, say=say)
        return ListPage(
            text=self.render(
                shown, _heading(press, asked, say), say, self.now(), numbered=is_saved
            ),
            buttons=story.removing(shown, press, ways) if is_saved else ways,
        )

    async def offer(
        self, reader: Subscriber, asked: str, *, limit: int, skipped: int
    ) -> tuple[Story, ...]:
        """Return stories that hold the words; without words, what most have told since yesterday.

        The best of the day end with the first page.
        """
        if asked:
            return await queries.search(
                self.db.reader,
                self.asked_terms(asked),
                languages=reader.news_languages,
                sight=reader.sight,
                limit=limit,
                skipped=skipped,
            )
        return () if skipped else (await self._most_told(reader, limit=limit - 1))

    async def best(self, reader: Subscriber) -> str | None:
        """Return a digest of what most have told since yesterday; None: there is nothing."""
        found = await self._most_told(reader, limit=IN_DIGEST)
        say = speak(reader.language)
        heading = say("🗞 <b>The best since yesterday</b>")
        return self.render_digest(found, heading, say, self.now()) if found else None

    async def _find(self, reader: Subscriber, press: TurnPage, asked: str) -> tuple[Story, ...]:
        db, limit, skipped = self.db.reader, LISTED + 1, press.skipped
        languages, sight = reader.news_languages, reader.sight
        topics = self.topics.find(asked).slugs or reader.topics or [it.slug for it in self.topics]
        match press.kind:
            case "search":
                return await queries.search(
                    db,
                    self.asked_terms(asked),
                    languages=languages,
                    sight=sight,
                    limit=limit,
                    skipped=skipped,
                )
            case "latest":
                return await queries.newest(
                    db,
                    topics=topics,
                    languages=languages,
                    sight=sight,
                    limit=limit,
                    skipped=skipped,
                )
            case "saved":
                return await saved.newest(
                    db,
                    reader.chat_id,
                    languages=languages,
                    sight=sight,
                    limit=limit,
                    skipped=skipped,
                )
            case "top":
                return await self._most_told(reader, limit=LISTED)

    async def _most_told(self, reader: Subscriber, *, limit: int) -> tuple[Story, ...]:
        return await queries.most_covered(
            self.db.reader,
            topics=reader.topics or [it.slug for it in self.topics],
            languages=reader.news_languages,
            sight=reader.sight,
            since=self.now() - TODAY,
            limit=limit,
        )


def query_in(message: Message) -> str:
    """Return what the list in the message was asked for, nothing if it was not in words."""
    first_line = body(message.text or "").partition("\n")[0]
    return first_line.removeprefix(_MARK) if first_line.startswith(_MARK) else ""


def _heading(press: TurnPage, asked: str, say: Translator) -> str:
    if asked:
        return f"{_MARK}<b>{escape(asked)}</b>"
    match press.kind:
        case "top":
            return say("<b>Most told since yesterday</b>")
        case "saved":
            return say("🔖 <b>Saved</b>")
        case _:
            return say("<b>The newest</b>")
