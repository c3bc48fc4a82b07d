"""/why and the 🔕 under a story: what brought it, and how to get no more of its kind."""

from collections.abc import Collection, Iterator
from html import escape

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, Story, StoryId, Subscriber, TopicSlug, Word
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.outbox import deliveries
from bot.storage.stories import stories
from bot.storage.subscribers import subscribers, visibility, words
from bot.story_filter import MatchReason, match_reason
from bot.telegram import context
from bot.telegram.handlers.preferences.words import MAX_WORDS_OF_KIND, limit_text, quote_words
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.story import AskWhy, Dismiss, dismiss, mutable_names
from bot.telegram.replies import NO_PREVIEW, answer_callback, change
from bot.text.phrases import parse_phrase
from bot.topics import Topics

# Of a digest: the rest is like them.
MAX_EXPLAINED = 8


def router() -> Router:
    """Return the router of reasons; it must come before that of channels.

    A story stands in the chat that it was sent to, whichever channel is spoken of there.
    """
    routes = Router(name="why")
    on_command(routes, "why", why)
    on_callback(routes, AskWhy, explain_story)
    on_callback(routes, Dismiss, dismiss_story)
    return routes


async def why(message: Message, db: Database, topics: Topics) -> None:
    """Explain the message of ours that this one replies to."""
    subscriber = await subscribers.find(db.reader, ChatId(message.chat.id))
    say = await context.translator_for(db, message)
    replied = message.reply_to_message
    told = await _told_in(db, subscriber, replied.message_id) if subscriber and replied else ()
    if subscriber is None or not told:
        text = say("Reply with /why to a story that I sent, and I will say what brought it.")
        await message.answer(text)
        return
    text = "\n\n".join(_explained(subscriber, it, topics, say) for it in told[:MAX_EXPLAINED])
    keyboard = None
    if len(told) == 1:
        keyboard = dismiss(told[0], match_reason(subscriber, told[0]), topics, say)
    await message.answer(text, reply_markup=keyboard, link_preview_options=NO_PREVIEW)


async def explain_story(
    query: CallbackQuery, callback_data: AskWhy, db: Database, topics: Topics
) -> None:
    """Explain the story of the button, below it."""
    subscriber, story = await _found(query, db, StoryId(callback_data.story_id))
    if subscriber is None or story is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    await answer_callback(query)
    await query.message.reply(
        _explained(subscriber, story, topics, say),
        reply_markup=dismiss(story, match_reason(subscriber, story), topics, say),
        link_preview_options=NO_PREVIEW,
    )


async def dismiss_story(
    query: CallbackQuery, callback_data: Dismiss, db: Database, topics: Topics
) -> None:
    """Do what the button says, and say so in place of the reasons."""
    subscriber, story = await _found(query, db, StoryId(callback_data.story_id))
    done = None
    if subscriber is not None and story is not None:
        done = await _turn_away(db, subscriber, story, callback_data, topics)
    if done is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    await change(query.message, done, None, preview=NO_PREVIEW)


async def _turn_away(
    db: Database, subscriber: Subscriber, story: Story, press: Dismiss, topics: Topics
) -> str | None:
    """Store the wish and return it in words; None: the button is an old one."""
    say = speak(subscriber.language)
    match press.kind:
        case "topic":
            return await _leave_topic(db, subscriber, topics, TopicSlug(press.key), say)
        case "word":
            return await _leave_word(db, subscriber, press.key, say)
        case "name":
            return await _mute_name(db, subscriber, story, press.key, say)
        case "feed":
            async with db.transaction() as tx:
                await own_feeds.remove(tx, subscriber.chat_id, [story.feed_id])
            return say(
                "➖ {source} is no longer among your feeds. /add brings it back.",
                source=story.source,
            )
        case "source":
            async with db.transaction() as tx:
                await visibility.refuse_source(tx, subscriber.chat_id, story.feed_id)
            return say(
                "🚫 Nothing more from {source}. /sources brings it back.", source=story.source
            )


async def _leave_topic(
    db: Database, subscriber: Subscriber, topics: Topics, slug: TopicSlug, say: Translator
) -> str | None:
    topic = topics.get(slug)
    if topic is None:
        return None
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, subscriber.chat_id, [slug], wanted=False)
    return say("➖ No more of “{name}”. /topics brings it back.", name=topic.names[say.language])


async def _leave_word(
    db: Database, subscriber: Subscriber, key: str, say: Translator
) -> str | None:
    word = next((it for it in subscriber.words if str(it.id) == key), None)
    if word is None:
        return None
    async with db.transaction() as tx:
        await words.drop(tx, subscriber.chat_id, word.phrase)
    return say("➖ You no longer follow “{word}”. /follow brings it back.", word=word.text)


async def _mute_name(
    db: Database, subscriber: Subscriber, story: Story, key: str, say: Translator
) -> str | None:
    named = dict(enumerate(mutable_names(story)))
    name = named.get(int(key)) if key.isdecimal() and len(key) < 3 else None
    phrase = parse_phrase(name.title()) if name else None
    if name is None or phrase is None:
        return None
    if sum(word.muted for word in subscriber.words) >= MAX_WORDS_OF_KIND:
        return limit_text(say, muted=True)
    async with db.transaction() as tx:
        await words.put(tx, subscriber.chat_id, Word(text=name.title(), phrase=phrase, muted=True))
    return say("🔕 “{word}” is muted. /unmute brings it back.", word=name.title())


async def _found(
    query: CallbackQuery, db: Database, story_id: StoryId
) -> tuple[Subscriber | None, Story | None]:
    """Return the chat that the story stands in, and the story as that sees it."""
    subscriber = await subscribers.find(db.reader, ChatId(context.chat_of(query).id))
    return subscriber, (await _told(db, subscriber, [story_id]) or (None,))[
        0
    ] if subscriber else None


async def _told_in(db: Database, subscriber: Subscriber, message_id: int) -> tuple[Story, ...]:
    ids = await deliveries.stories_shown(db.reader, subscriber.chat_id, message_id)
    return await _told(db, subscriber, ids)


async def _told(
    db: Database, subscriber: Subscriber, ids: Collection[StoryId]
) -> tuple[Story, ...]:
    return await stories.visible_stories(
        db.reader, ids, languages=subscriber.news_languages, sight=subscriber.visibility
    )


def _explained(subscriber: Subscriber, story: Story, topics: Topics, say: Translator) -> str:
    reasons = list(_reasons(match_reason(subscriber, story), topics, say))
    return "\n".join(
        [
            f"❔ <b>{escape(story.title)}</b>",
            *(reasons or [say("You asked for it yourself, or have changed your choice since.")]),
            say("📰 Told by {source}", source=story.source),
        ]
    )


def _reasons(its: MatchReason | None, topics: Topics, say: Translator) -> Iterator[str]:
    if its is None:
        return
    names = [topic.names[say.language] for topic in topics if topic.slug in its.topics]
    if names:
        yield say("🗂 You chose the topic: {topics}", topics=", ".join(names))
    if its.words:
        yield say("🔔 You follow: {words}", words=quote_words(its.words, say))
    if its.own_feed:
        yield say("➕ It is from a feed of your own.")
