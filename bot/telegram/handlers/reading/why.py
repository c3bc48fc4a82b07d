"""/why, and two pages of a story's menu: what brought it, and buttons to get less of its kind."""

from collections.abc import Collection
from datetime import datetime, timedelta
from html import escape

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, Story, StoryId, Subscriber, TopicSlug, Word
from bot.ready_words.marks import marked_text
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.outbox import deliveries
from bot.storage.stories import queries
from bot.storage.subscribers import subscribers, visibility, words
from bot.story_filter import MatchReason, match_reason
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.words import MAX_WORDS_OF_KIND, limit_text, quote_words
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.story import (
    AskWhy,
    Dismiss,
    Hidden,
    Kind,
    LessOfThis,
    back_to_story,
    dismiss,
    mutable_names,
    why_page,
)
from bot.telegram.replies import NO_PREVIEW, answer_callback, edit_message
from bot.text.phrases import contains, parse_phrase
from bot.topics import Topics

# A digest has more stories than fit into one explanation.
MAX_EXPLAINED = 8
# Dismissals are counted over the newest of the stories that a chat got in a week.
PERIOD = timedelta(days=7)
MAX_COUNTED = 300


def router() -> Router:
    """Return the router of /why; it must precede that of /channel.

    A story was sent to the chat itself, not to a channel that is managed from it.
    """
    routes = Router(name="why")
    on_command(routes, "why", why)
    on_callback(routes, AskWhy, explain_story)
    on_callback(routes, LessOfThis, offer_less)
    on_callback(routes, Dismiss, dismiss_story)
    return routes


async def why(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Explain the stories of the message that the command replies to."""
    subscriber = await subscribers.find(db.reader, ChatId(message.chat.id))
    say = await context.translator_for(db, message)
    sent = message.reply_to_message
    shown: tuple[Story, ...] = ()
    if subscriber and sent:
        ids = await deliveries.stories_of_message(db.reader, subscriber.chat_id, sent.message_id)
        shown = await _visible(ids, subscriber, db)
    if subscriber is None or not shown:
        text = say("Reply with /why to a story from me to see why it came.")
        await message.answer(text)
        return
    text = "\n\n".join(
        _explanation(subscriber, story, topics, say) for story in shown[:MAX_EXPLAINED]
    )
    keyboard = None
    if len(shown) == 1:
        keyboard = await _dismissals(db, subscriber, shown[0], topics, now=now())
    await message.answer(text, reply_markup=keyboard, link_preview_options=NO_PREVIEW)


async def explain_story(
    query: CallbackQuery, callback_data: AskWhy, db: Database, topics: Topics
) -> None:
    """Explain the story of the button in place of it."""
    found = await _open(query, db, StoryId(callback_data.story_id))
    if found is None:
        return
    message, subscriber, story = found
    say = speak(subscriber.language)
    text = _explanation(subscriber, story, topics, say)
    options = message.link_preview_options or NO_PREVIEW
    await edit_message(message, text, why_page(story.id, say), preview=options)


async def offer_less(
    query: CallbackQuery, callback_data: LessOfThis, db: Database, topics: Topics, now: Now
) -> None:
    """Show what can be dismissed, and what each would have hidden, in place of the story."""
    found = await _open(query, db, StoryId(callback_data.story_id))
    if found is None:
        return
    message, subscriber, story = found
    say = speak(subscriber.language)
    keyboard = await _dismissals(db, subscriber, story, topics, now=now())
    keyboard.inline_keyboard.append([back_to_story(story.id, say)])
    heading = say("🔕 <b>Less of this</b>")
    counts = say("Beside each: how many stories of the last week would not have come.")
    text = f"{heading}\n{escape(story.title)}\n\n{counts}"
    await edit_message(message, text, keyboard, preview=message.link_preview_options or NO_PREVIEW)


async def dismiss_story(
    query: CallbackQuery, callback_data: Dismiss, db: Database, topics: Topics
) -> None:
    """End the reason that the button names, and confirm it in place of the explanation."""
    subscriber, story = await _find(query, db, StoryId(callback_data.story_id))
    text = None
    if subscriber is not None and story is not None:
        text = await _dismiss(db, subscriber, story, callback_data, topics)
    if text is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    await edit_message(query.message, text, None, preview=NO_PREVIEW)


async def _dismiss(
    db: Database, subscriber: Subscriber, story: Story, callback: Dismiss, topics: Topics
) -> str | None:
    """Change the settings as the button says and return the answer; None: it is outdated."""
    say = speak(subscriber.language)
    match callback.kind:
        case "topic":
            return await _unsubscribe(db, subscriber, topics, TopicSlug(callback.key), say)
        case "word":
            return await _unfollow(db, subscriber, callback.key, say)
        case "name":
            return await _mute_name(db, subscriber, story, callback.key, say)
        case "feed":
            async with db.transaction() as tx:
                await own_feeds.remove(tx, subscriber.chat_id, [story.feed_id])
            return say(
                "➖ {source} is no longer one of your feeds. /add brings it back.",
                source=story.source,
            )
        case "source":
            async with db.transaction() as tx:
                await visibility.refuse_source(tx, subscriber.chat_id, story.feed_id)
            return say("🚫 {source} is off. /sources turns it back on.", source=story.source)


async def _unsubscribe(
    db: Database, subscriber: Subscriber, topics: Topics, slug: TopicSlug, say: Translator
) -> str | None:
    topic = topics.get(slug)
    if topic is None:
        return None
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, subscriber.chat_id, [slug], wanted=False)
    return say(
        "➖ The topic “{name}” is removed. /topics brings it back.", name=topic.names[say.language]
    )


async def _unfollow(db: Database, subscriber: Subscriber, key: str, say: Translator) -> str | None:
    word = next((word for word in subscriber.words if str(word.id) == key), None)
    if word is None:
        return None
    async with db.transaction() as tx:
        await words.drop(tx, subscriber.chat_id, word.phrase)
    return say("➖ You no longer follow “{word}”. /follow brings it back.", word=word.text)


async def _mute_name(
    db: Database, subscriber: Subscriber, story: Story, key: str, say: Translator
) -> str | None:
    names = dict(enumerate(mutable_names(story)))
    name = names.get(int(key)) if key.isdecimal() and len(key) < 3 else None
    phrase = parse_phrase(name) if name else None
    if name is None or phrase is None:
        return None
    if sum(word.muted for word in subscriber.words) >= MAX_WORDS_OF_KIND:
        return limit_text(say, muted=True)
    async with db.transaction() as tx:
        await words.put(tx, subscriber.chat_id, Word(text=name, phrase=phrase, muted=True))
    return say("🔕 “{word}” is muted. /unmute brings it back.", word=name)


async def _open(
    query: CallbackQuery, db: Database, story_id: StoryId
) -> tuple[Message, Subscriber, Story] | None:
    """Answer the press, and return its message, its chat and the story; None: it is outdated."""
    subscriber, story = await _find(query, db, story_id)
    if subscriber is None or story is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return None
    await answer_callback(query)
    return query.message, subscriber, story


async def _find(
    query: CallbackQuery, db: Database, story_id: StoryId
) -> tuple[Subscriber | None, Story | None]:
    """Return the chat of the button, and the story if that chat can see it."""
    subscriber = await subscribers.find(db.reader, ChatId(context.chat_of(query).id))
    if subscriber is None:
        return None, None
    visible = await _visible([story_id], subscriber, db)
    return subscriber, visible[0] if visible else None


async def _visible(
    ids: Collection[StoryId], subscriber: Subscriber, db: Database
) -> tuple[Story, ...]:
    return await queries.visible_stories(
        db.reader, ids, languages=subscriber.news_languages, visibility=subscriber.visibility
    )


async def _dismissals(
    db: Database, subscriber: Subscriber, story: Story, topics: Topics, *, now: datetime
) -> InlineKeyboardMarkup:
    ids = await deliveries.stories_since(
        db.reader, subscriber.chat_id, since=now - PERIOD, limit=MAX_COUNTED
    )
    got = await _visible(ids, subscriber, db)
    reason = match_reason(subscriber, story)
    hidden = hidden_by_each(story, reason, got)
    return dismiss(story, reason, topics, speak(subscriber.language), hidden=hidden)


def hidden_by_each(story: Story, reason: MatchReason | None, got: Collection[Story]) -> Hidden:
    """Return how many of the stories that the reader got each dismissal would have hidden."""
    hidden: dict[tuple[Kind, str], int] = {
        ("source", ""): sum(each.source == story.source and not each.other_sources for each in got),
        ("feed", ""): sum(each.feed_id == story.feed_id for each in got),
    }
    for slug in reason.topics if reason else ():
        hidden["topic", slug] = sum(slug in (each.topic, *each.other_topics) for each in got)
    texts = [marked_text(each.title, each.summary) for each in got]
    for word in reason.words if reason else ():
        hidden["word", str(word.id)] = sum(contains(text, word.phrase) for text in texts)
    for position, name in enumerate(mutable_names(story)):
        if phrase := parse_phrase(name):
            hidden["name", str(position)] = sum(contains(text, phrase) for text in texts)
    return hidden


def _explanation(subscriber: Subscriber, story: Story, topics: Topics, say: Translator) -> str:
    reasons = []
    if reason := match_reason(subscriber, story):
        names = [topic.names[say.language] for topic in topics if topic.slug in reason.topics]
        if names:
            reasons.append(say("🗂 You chose the topic: {topics}", topics=", ".join(names)))
        if reason.words:
            reasons.append(say("🔔 You follow: {words}", words=quote_words(reason.words, say)))
        if reason.storyline:
            reasons.append(say("🔔 You follow this story."))
        if reason.own_feed:
            reasons.append(say("➕ From a feed of your own."))
    if not reasons:
        reasons = [say("You asked for it yourself, or have changed your choice since.")]
    source = say("📰 Source: {source}", source=story.source)
    return "\n".join([f"❔ <b>{escape(story.title)}</b>", *reasons, source])
