"""Feed search: the worker that finds the feeds of `/add`, and edits each answer in.

It has lanes of its own, so that a server which drips holds up no chat; each person has one lane.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import InlineKeyboardMarkup

from bot.i18n import speak
from bot.model import ChatId, DiscoveryFailure, FoundFeed, Subscriber
from bot.storage.database import Database
from bot.storage.feeds import own_feeds, searches
from bot.storage.feeds.searches import FeedSearch
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.preferences.own_feeds import (
    MAX_OWN_FEEDS,
    FindFeed,
    added_text,
    failure_text,
    limit_text,
)
from bot.telegram.keyboards import sources
from bot.telegram.replies import NO_PREVIEW, late_edits_ignored, with_heading
from bot.telegram.updates.failures import GiveUp, Retry, classify_failure, log_text, retry_pause

log = logging.getLogger(__name__)

# A person has one of them: a tenth.
SEARCH_LANES = 10
# A search that was cut off so often is not begun again; innocent ones run beside it.
MAX_ATTEMPTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSearcher:
    """Searches for one feed at a time and chat; `step` is one lane."""

    db: Database
    bot: Bot
    find_feed: FindFeed
    now: Callable[[], datetime]
    _busy_chats: set[ChatId] = field(default_factory=set, init=False)

    async def step(self) -> bool:
        """Answer the oldest search; return whether there was one."""
        async with self._claim() as search:
            if search is None:
                return False
            try:
                await self._answer(search, await self._find(search))
            except TelegramAPIError as error:
                failure = classify_failure(error)
                log.warning("the search %d cannot be answered: %s", search.id, log_text(failure))
                if isinstance(failure, Retry):
                    until = self.now() + retry_pause(search.attempts, failure.after)
                    async with self.db.transaction() as tx:
                        await searches.postpone(tx, search.id, until=until)
                    return True
            async with self.db.transaction() as tx:
                await searches.delete(tx, search.id)
        return True

    @asynccontextmanager
    async def _claim(self) -> AsyncIterator[FeedSearch | None]:
        """Claim a search, and its chat with it."""
        search, now = None, self.now()
        if await searches.is_any_due(self.db.reader, now=now, except_chats=self._busy_chats):
            async with self.db.transaction() as tx:
                search = await searches.begin_next(tx, now=now, except_chats=self._busy_chats)
                if search is not None:
                    self._busy_chats.add(search.asked_in)
        try:
            yield search
        finally:
            if search is not None:
                self._busy_chats.discard(search.asked_in)

    async def _find(self, search: FeedSearch) -> FoundFeed | DiscoveryFailure:
        if search.attempts > MAX_ATTEMPTS:
            return "unreadable"
        try:
            return await self.find_feed(search.address)
        # One address must not stop the other searches.
        except Exception as error:
            log.error("the search %d failed: %s", search.id, log_text(GiveUp("bug", error)))
            return "unreadable"

    async def _answer(self, search: FeedSearch, found: FoundFeed | DiscoveryFailure) -> None:
        """Add the feed that was found, and edit the answer."""
        subscriber = await subscribers.find(self.db.reader, search.chat_id)
        if subscriber is None:  # deleted meanwhile
            return
        say, keyboard = speak(subscriber.language), None
        if not isinstance(found, FoundFeed):
            text = failure_text(found, say, address=search.address)
        elif len(subscriber.visibility.own) >= MAX_OWN_FEEDS:
            text = limit_text(say)
        else:
            text, keyboard = added_text(found, say), await self._add(subscriber, found)
        managed = await subscribers.find_managed(self.db.reader, search.asked_in)
        with late_edits_ignored():
            await self.bot.edit_message_text(
                with_heading(text, managed),
                chat_id=search.asked_in,
                message_id=search.message_id,
                reply_markup=keyboard,
                link_preview_options=NO_PREVIEW,
            )

    async def _add(self, subscriber: Subscriber, found: FoundFeed) -> InlineKeyboardMarkup:
        chat_id, language = subscriber.chat_id, subscriber.language
        async with self.db.transaction() as tx:
            await own_feeds.add(tx, chat_id, found, language=language, now=self.now())
            await subscribers.end_choice(tx, chat_id)
        own = await own_feeds.of_chat(self.db.reader, chat_id)
        added = [feed for feed in own if feed.url == found.url]
        return sources.own_feeds(added, 0, speak(language))
