"""First stories: what a chat gets as soon as its choice of topics has ended, and the question how.

The choice ends with a button, or by itself after `CHOICE_TIME`. Who read news before there was the
question is asked once too, and keeps what they have until they choose.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError

from bot.i18n import Translator, speak
from bot.model import FIRST_LINKS, Story, StoryId, Subscriber, TopicSlug
from bot.storage.database import Database
from bot.storage.outbox import fan_out
from bot.storage.stories import queries
from bot.storage.subscribers import absences, subscribers
from bot.telegram.keyboards.timetable import first_choice
from bot.telegram.story_views import ReadAlso
from bot.timezones import zone
from bot.topics import Topics

# Enough to show what was chosen, few enough not to flood the chat.
MAX_FIRST_STORIES = 5
# The best of the last day; where there are none, of longer ago.
MAX_AGES = (timedelta(days=1), timedelta(days=3))
# How long the topics may be chosen before the news begins by itself.
CHOICE_TIME = timedelta(minutes=10)
# A reader of so long ago is asked how news should come, at these hours of their day.
ASKED_AFTER = timedelta(days=1)
DAY_BEGINS, DAY_ENDS = 9, 20
MAX_UNASKED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStories:
    """Chooses the first stories of a chat and owes them; a person's news is calm from then on."""

    db: Database
    topics: Topics
    read_also: ReadAlso
    now: Callable[[], datetime]

    async def begin(self, reader: Subscriber) -> int:
        """End the choice of topics, and a pause; return how many stories are owed now."""
        chosen = await self._choose(reader)
        oldest_first = sorted(chosen, key=lambda story: (story.published_at, story.id))
        async with self.db.transaction() as tx:
            await absences.resume(tx, reader.chat_id, now=self.now())
            await subscribers.end_choice(tx, reader.chat_id)
            if asks_when(reader):
                calm = replace(reader.timetable, when="calm")
                await subscribers.set_timetable(tx, reader.chat_id, calm)
                await subscribers.mark_asked_when(tx, reader.chat_id)
            ids = [story.id for story in oldest_first]
            return await fan_out.enqueue_first(tx, reader.chat_id, ids, now=self.now())

    async def _choose(self, reader: Subscriber) -> Sequence[Story]:
        """Return the best stories of the topics, each topic first served.

        None that the "Read also" of another one shows.
        """
        chosen: list[Story] = []
        taken: set[StoryId] = set()
        best = [
            await self._best(reader, topic.slug)
            for topic in self.topics
            if topic.slug in reader.topics
        ]
        of_each_rank = (story for rank in zip_longest(*best) for story in rank if story)
        for story in of_each_rank:
            if len(chosen) == MAX_FIRST_STORIES:
                break
            if taken & {story.id, story.storyline}:
                continue
            links = (await self.read_also(story, reader))[:FIRST_LINKS]
            linked = {link.id for link in links if isinstance(link, Story)}
            if linked.isdisjoint(each.id for each in chosen):
                chosen.append(story)
                taken |= {story.id, story.storyline, *linked}
        return chosen

    async def _best(self, reader: Subscriber, topic: TopicSlug) -> Sequence[Story]:
        for age in MAX_AGES:
            found = await queries.most_covered(
                self.db.reader,
                topics=[topic],
                languages=reader.news_languages,
                visibility=reader.visibility,
                since=self.now() - age,
                limit=MAX_FIRST_STORIES,
            )
            if found:
                return found
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceTimer:
    """Worker that ends choices of topics which took too long, and asks how news should come."""

    bot: Bot
    first_stories: FirstStories

    async def step(self) -> bool:
        """End one choice; return whether there was one."""
        db, now = self.first_stories.db, self.first_stories.now()
        if await subscribers.is_any_to_become_calm(db.reader, now=now):
            async with db.transaction() as tx:
                await subscribers.become_calm(tx, now=now)
        reader = await subscribers.overdue_choice(db.reader, now=now)
        if reader is None:
            return False
        count = await self.first_stories.begin(reader)
        # What is said to a channel, all its readers would see.
        if reader.kind == "channel":
            return True
        say = speak(reader.language)
        # That a chat cannot be written to is found by the next message.
        with suppress(TelegramBadRequest, TelegramForbiddenError):
            await self.bot.send_message(
                reader.chat_id,
                first_text(count, say, is_asked=asks_when(reader)),
                reply_markup=first_choice(say) if asks_when(reader) else None,
            )
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class RhythmAsker:
    """Worker that asks present readers once how news should come, in the daytime of each.

    `pause` is between two of them, `rest` after the last one.
    """

    db: Database
    bot: Bot
    now: Callable[[], datetime]
    pause: timedelta = timedelta(seconds=5)
    rest: timedelta = timedelta(minutes=10)

    async def step(self) -> bool:
        """Ask one reader, and rest."""
        now = self.now()
        unasked = await subscribers.never_asked_when(
            self.db.reader, joined_before=now - ASKED_AFTER, limit=MAX_UNASKED
        )
        hours = ((each, now.astimezone(zone(each.timetable.zone)).hour) for each in unasked)
        reader = next((each for each, hour in hours if DAY_BEGINS <= hour < DAY_ENDS), None)
        if reader is None:
            await asyncio.sleep(self.rest.total_seconds())
            return True
        say = speak(reader.language)
        text = "\n\n".join(
            [
                question(say),
                say(
                    "I ask this only once: until you choose, everything stays as it is."
                    " /when changes it at any time."
                ),
            ]
        )
        with suppress(TelegramBadRequest, TelegramForbiddenError):
            await self.bot.send_message(reader.chat_id, text, reply_markup=first_choice(say))
        async with self.db.transaction() as tx:
            await subscribers.mark_asked_when(tx, reader.chat_id)
        await asyncio.sleep(self.pause.total_seconds())
        return True


def asks_when(reader: Subscriber) -> bool:
    """Return whether to ask how news should come: a person who has not chosen yet."""
    return reader.kind == "private" and not reader.has_chosen_when


def first_text(count: int, say: Translator, *, is_asked: bool) -> str:
    """Return how many stories come now, and the question how the next ones should."""
    text = say("I will write as soon as there is news.")
    if count:
        text = say.plural(
            "Here is {count} story to begin with.",
            "Here are {count} stories to begin with.",
            count,
        )
    if not is_asked:
        return text
    until = say("It is calm until you choose; /when changes it.")
    return f"{text}\n\n{question(say)}\n\n{until}"


def question(say: Translator) -> str:
    """Return the question how the news should come."""
    return say(
        "<b>How should the news come?</b>\n\n"
        "🔕 Calm: what matters at once, the rest silently once an hour.\n"
        "🗞 Twice a day: one message at 8:00 and 19:00.\n"
        "⚡ Everything at once: each story as it comes, many of them together."
    )
