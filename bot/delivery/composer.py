"""A portion -> the message that tells it, made as late as it can be and for many at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar, assert_never

from bot.delivery.planning import still_wanted
from bot.delivery.thread_routing import binding_of, route_to_thread
from bot.i18n import Translator, speak
from bot.model import (
    FIRST_LINKS,
    ChatKind,
    EditorLink,
    Language,
    MessageForm,
    MessagePlan,
    OutgoingMessage,
    Story,
    StoryButtons,
    StoryId,
    Subscriber,
    ThreadId,
    TopicSlug,
    Visibility,
    Word,
)
from bot.rendering.digest import render_digest
from bot.rendering.story import MAX_MISSED, content_hash, render_missed, render_story
from bot.storage.database import Database
from bot.storage.stories import queries
from bot.story_filter import followed_words, matching_words
from bot.topics import Topics

# All there are; the first of them are shown.
ReadAlso = Callable[[Story, Subscriber], Awaitable[tuple[Story | EditorLink, ...]]]

_K = TypeVar("_K")
_V = TypeVar("_V")

# Readers of the same choices get the same message; so long it is as good as new.
KEPT = timedelta(seconds=30)
MOST_KEPT = 1000

# Who sees the same, chose the same topics, and whose words it holds alike, gets the same message.
_Seen = tuple[tuple[StoryId, ...], frozenset[Language], Visibility]
_Key = tuple[
    MessageForm, _Seen, ChatKind, Language, frozenset[TopicSlug], tuple[tuple[Word, ...], ...]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The stories that the reader still wants, and their message; None: there are none.

    `topics` are those that decide to which thread of a forum it goes, the first above all;
    `tells_of` is a closed thread that it speaks of.
    """

    message: OutgoingMessage | None
    wanted: frozenset[StoryId]
    topics: tuple[TopicSlug, ...] = ()
    closed_thread_id: ThreadId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Reads the stories and makes their message, or gives out the one made just before."""

    db: Database
    read_also: ReadAlso
    topics: Topics
    now: Callable[[], datetime]
    _told: dict[_Seen, tuple[datetime, tuple[Story, ...]]] = field(default_factory=dict, init=False)
    _kept: dict[_Key, tuple[datetime, Composed]] = field(default_factory=dict, init=False)

    async def compose(self, reader: Subscriber, portion: MessagePlan) -> Composed:
        """Return the message of the portion, in the reader's languages."""
        ids = tuple(it.story_id for it in portion.deliveries)
        seen = (ids, reader.news_languages, reader.visibility)
        told = await self._fresh(self._told, seen, partial(self._tell, *seen))
        words = tuple(matching_words(reader, story) for story in told)
        key = (portion.form, seen, reader.kind, reader.language, reader.topics, words)
        composed = await self._fresh(
            self._kept, key, partial(self._make, reader, portion.form, told)
        )
        return self._in_place(reader, composed) if reader.thread_bindings else composed

    async def _fresh(
        self,
        kept: dict[_K, tuple[datetime, _V]],
        key: _K,
        make: Callable[[], Awaitable[_V]],
    ) -> _V:
        """Return what was made just before, or make it anew."""
        if (found := kept.get(key)) and timedelta(0) <= self.now() - found[0] < KEPT:
            return found[1]
        made = await make()
        kept.pop(key, None)
        if len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[key] = self.now(), made
        return made

    def _in_place(self, reader: Subscriber, composed: Composed) -> Composed:
        binding = binding_of(reader, composed.topics)
        if composed.message is None or binding is None:
            return composed
        say = speak(reader.language)
        message = route_to_thread(composed.message, binding, topics=self.topics, say=say)
        is_told = message.text != composed.message.text
        return replace(
            composed, message=message, closed_thread_id=binding.thread_id if is_told else None
        )

    async def _tell(
        self, ids: tuple[StoryId, ...], languages: frozenset[Language], visibility: Visibility
    ) -> tuple[Story, ...]:
        return await queries.visible_stories(
            self.db.reader, ids, languages=languages, visibility=visibility
        )

    async def _make(
        self, reader: Subscriber, form: MessageForm, told: tuple[Story, ...]
    ) -> Composed:
        wanted = tuple(story for story in told if still_wanted(reader, story))
        message = await self._message(reader, form, wanted) if wanted else None
        # What tells of several stories goes to General.
        topics = (wanted[0].topic, *wanted[0].other_topics) if form == "story" and wanted else ()
        ids_wanted = frozenset(story.id for story in wanted)
        return Composed(message=message, wanted=ids_wanted, topics=topics)

    async def _message(
        self, reader: Subscriber, form: MessageForm, wanted: tuple[Story, ...]
    ) -> OutgoingMessage:
        say, now = speak(reader.language), self.now()
        followed = {story.id: followed_words(reader, story) for story in wanted}
        match form:
            case "story":
                return await self._alone(reader, wanted[0], say)
            case "digest":
                found = (await self.read_also(wanted[0], reader))[:FIRST_LINKS]
                links = tuple(link for link in found if not _is_among(link, wanted))
                text = render_digest(
                    wanted,
                    topics=self.topics,
                    related=links,
                    followed=followed,
                    say=say,
                    now=now,
                )
                return OutgoingMessage(text=text, preview=None)
            case "missed":
                best = wanted[:MAX_MISSED]
                text = render_missed(best, count=len(wanted), followed=followed, say=say, now=now)
                return OutgoingMessage(text=text, preview=None)
            case _:
                assert_never(form)

    async def _alone(self, reader: Subscriber, story: Story, say: Translator) -> OutgoingMessage:
        related = await self.read_also(story, reader)
        text = render_story(
            story,
            topic=self.topics.get(story.topic),
            related=related[:FIRST_LINKS],
            followed=followed_words(reader, story),
            say=say,
            now=self.now(),
        )
        buttons = StoryButtons(
            story_id=story.id,
            title=story.title,
            source_count=1 + len(story.other_sources),
            link_count=len(related),
            kind=reader.kind,
        )
        return OutgoingMessage(
            text=text, preview=story.url, content_hash=content_hash(story), buttons=buttons
        )


def _is_among(link: Story | EditorLink, shown: tuple[Story, ...]) -> bool:
    """Tell whether the reader is shown this already, in the same message."""
    if isinstance(link, Story):
        return link.id in {story.id for story in shown}
    return link.url in {story.url for story in shown}
