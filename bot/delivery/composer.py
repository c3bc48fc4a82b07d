"""Composer: a planned message rendered as late as possible, and once for all equal readers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, TypeVar, assert_never

from bot.delivery.planning import still_wanted
from bot.delivery.thread_routing import find_binding, route_to_thread
from bot.i18n import speak
from bot.model import (
    FIRST_LINKS,
    ChatKind,
    EditorLink,
    Language,
    MessageForm,
    MessagePlan,
    OutgoingMessage,
    PostLook,
    ReplyTo,
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
from bot.storage.outbox import deliveries
from bot.storage.stories import queries, storylines
from bot.story_filter import (
    followed_words,
    matching_words,
    newest_chapter,
    one_a_storyline,
    shown_topic,
    story_preview,
)
from bot.topics import Topics

# All "Read also" links of a story for a subscriber, the best first.
FindLinks = Callable[[Story, Subscriber], Awaitable[tuple[Story | EditorLink, ...]]]

_K = TypeVar("_K")
_V = TypeVar("_V")

CACHE_TTL = timedelta(seconds=30)
MAX_CACHED = 1000

# Subscribers of equal keys see the same stories, and get the same message.
_StoriesKey = tuple[tuple[StoryId, ...], frozenset[Language], Visibility]
_MessageKey = tuple[
    MessageForm,
    _StoriesKey,
    ChatKind,
    Language,
    str,
    frozenset[TopicSlug],
    tuple[tuple[Word, ...], ...],
    bool,
    bool,
    bool,
    datetime | None,
    PostLook,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The stories that the subscriber still wants, and their message; None: there are none.

    The first of `topics` that is bound to a thread of a forum decides where it goes;
    `closed_thread_id` is the thread that the message says is closed.
    """

    message: OutgoingMessage | None
    wanted: frozenset[StoryId]
    topics: tuple[TopicSlug, ...] = ()
    closed_thread_id: ThreadId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What the message of equal readers depends on.

    `is_reply`: it answers a chapter; `is_again`: a bundle has told the story.
    """

    form: MessageForm
    stories: tuple[Story, ...]
    is_reply: bool
    is_again: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Reads stories and renders their message; both are cached for `CACHE_TTL`."""

    db: Database
    read_also: FindLinks
    topics: Topics
    now: Callable[[], datetime]
    _stories: dict[_StoriesKey, tuple[datetime, tuple[Story, ...]]] = field(
        default_factory=dict, init=False
    )
    _messages: dict[_MessageKey, tuple[datetime, Composed]] = field(
        default_factory=dict, init=False
    )

    async def compose(self, subscriber: Subscriber, plan: MessagePlan) -> Composed:
        """Return the planned message in the subscriber's language."""
        ids = tuple(delivery.story_id for delivery in plan.deliveries)
        languages, visibility = subscriber.news_languages, subscriber.visibility
        load = partial(
            queries.visible_stories,
            self.db.reader,
            ids,
            languages=languages,
            visibility=visibility,
        )
        stories_key = (ids, languages, visibility)
        stories = await self._cached(self._stories, stories_key, load)
        words = tuple(matching_words(subscriber, story) for story in stories)
        newest = newest_chapter(stories)
        bundle_id = plan.deliveries[0].bundle_id
        reply = None
        if newest and bundle_id:
            reply = ReplyTo(bundle_id)
        elif newest and plan.form == "story":
            reply = await self._reply(subscriber, newest)
        is_followed = newest is not None and newest.storyline in subscriber.followed_storylines
        draft = _Draft(
            form=plan.form,
            stories=stories,
            is_reply=reply is not None,
            is_again=bundle_id is not None,
            updated_at=plan.updated_at,
        )
        composed = await self._cached(
            self._messages,
            (
                plan.form,
                stories_key,
                subscriber.kind,
                subscriber.language,
                subscriber.timetable.zone,
                subscriber.topics,
                words,
                draft.is_reply,
                draft.is_again,
                is_followed,
                draft.updated_at,
                subscriber.look,
            ),
            partial(self._compose, subscriber, draft),
        )
        if composed.message is not None and reply is not None:
            composed = replace(composed, message=replace(composed.message, reply_to=reply))
        binding = find_binding(subscriber, composed.topics)
        if composed.message is None or binding is None:
            return composed
        say = speak(subscriber.language)
        message = route_to_thread(composed.message, binding, topics=self.topics, say=say)
        says_closed = message.text != composed.message.text
        closed_thread_id = binding.thread_id if says_closed else None
        return replace(composed, message=message, closed_thread_id=closed_thread_id)

    async def _cached(
        self,
        cache: dict[_K, tuple[datetime, _V]],
        key: _K,
        load: Callable[[], Awaitable[_V]],
    ) -> _V:
        """Return the cached value, or load and cache it."""
        if (entry := cache.get(key)) and timedelta(0) <= self.now() - entry[0] < CACHE_TTL:
            return entry[1]
        value = await load()
        cache.pop(key, None)
        if len(cache) >= MAX_CACHED:
            del cache[next(iter(cache))]
        cache[key] = self.now(), value
        return value

    async def _reply(self, subscriber: Subscriber, story: Story) -> ReplyTo | None:
        """Return what the message of a chapter replies to: how the chat got an earlier one."""
        if story.continues is None:
            return None
        db, chat_id = self.db.reader, subscriber.chat_id
        sent = await deliveries.earlier_message(db, chat_id, story.id)
        if sent is None:
            return None
        if not sent.is_shared:
            return ReplyTo(sent.message_id)
        # A digest is not in the thread of a forum that the chapter goes to.
        if subscriber.thread_bindings:
            return None
        earlier = await queries.get(
            db,
            sent.story_id,
            languages=subscriber.news_languages,
            visibility=subscriber.visibility,
        )
        # Of a digest, its own line is quoted.
        return ReplyTo(sent.message_id, earlier.title if earlier else "")

    async def _compose(self, subscriber: Subscriber, draft: _Draft) -> Composed:
        wanted = tuple(story for story in draft.stories if still_wanted(subscriber, story))
        newest = newest_chapter(wanted)
        if newest is None:
            return Composed(message=None, wanted=frozenset())
        if draft.form == "story":
            message = await self._story_message(subscriber, newest, wanted, draft)
        else:
            message = await self._message(subscriber, draft.form, wanted)
        # A message of several stories goes to General.
        topics = (newest.topic, *newest.other_topics) if draft.form == "story" else ()
        wanted_ids = frozenset(story.id for story in wanted)
        return Composed(message=message, wanted=wanted_ids, topics=topics)

    async def _message(
        self,
        subscriber: Subscriber,
        form: Literal["digest", "missed"],
        wanted: tuple[Story, ...],
    ) -> OutgoingMessage:
        say, now, stories = speak(subscriber.language), self.now(), one_a_storyline(wanted)
        followed = {story.id: followed_words(subscriber, story) for story in stories}
        match form:
            case "digest":
                links = await self.read_also(stories[0], subscriber)
                related = links[:FIRST_LINKS] if subscriber.look.read_also else ()
                shown = {key for story in stories for key in (story.id, story.url)}
                text = render_digest(
                    stories,
                    topics=self.topics,
                    related=[
                        link
                        for link in related
                        if (link.id if isinstance(link, Story) else link.url) not in shown
                    ],
                    followed=followed,
                    shown_topics={story.id: shown_topic(subscriber, story) for story in stories},
                    say=say,
                    now=now,
                    look=subscriber.look,
                )
                return OutgoingMessage(text=text, preview=None)
            case "missed":
                best, count = stories[:MAX_MISSED], len(stories)
                text = render_missed(best, count=count, followed=followed, say=say, now=now)
                return OutgoingMessage(text=text, preview=None)
            case _:
                assert_never(form)

    async def _story_message(
        self,
        subscriber: Subscriber,
        story: Story,
        wanted: tuple[Story, ...],
        draft: _Draft,
    ) -> OutgoingMessage:
        """Return the message of a story, with earlier chapters that the chat does not have."""
        related = await self.read_also(story, subscriber)
        earlier = sorted(set(wanted) - {story}, key=lambda chapter: chapter.id, reverse=True)
        if story.continues is not None and not draft.is_reply and not earlier:
            earlier = list(
                await storylines.earlier_chapters(
                    self.db.reader,
                    story,
                    languages=subscriber.news_languages,
                    visibility=subscriber.visibility,
                    limit=1,
                )
            )
        text = render_story(
            story,
            topic=self.topics.get(shown_topic(subscriber, story)),
            related=related[:FIRST_LINKS],
            followed=followed_words(subscriber, story),
            earlier=earlier,
            updated_at=draft.updated_at,
            is_again=draft.is_again,
            say=speak(subscriber.language),
            now=self.now(),
            zone_name=subscriber.timetable.zone,
            look=subscriber.look,
        )
        buttons = StoryButtons(
            story_id=story.id,
            title=story.title,
            url=story.url,
            source_count=1 + len(story.other_sources),
            link_count=len(related),
            kind=subscriber.kind,
            language=subscriber.language,
            is_chapter=story.continues is not None,
            is_followed=story.storyline in subscriber.followed_storylines,
            is_private=story.is_private,
        )
        preview = story_preview(subscriber, story)
        return OutgoingMessage(
            text=text,
            preview=preview.url,
            is_picture=preview.is_picture,
            content_hash=content_hash(story),
            buttons=buttons if subscriber.look.buttons else None,
        )
