"""/topics: subscriptions to topics, by buttons or by words, and the first stories of them."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.model import Subscriber, TopicSlug
from bot.ready_words.marks import places_in
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.first_stories import CHOICE_TIME, FirstStories, asks_when, first_text, question
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button, welcome_text
from bot.telegram.keyboards.common import OpenTopics
from bot.telegram.keyboards.ready_words import place_button
from bot.telegram.keyboards.timetable import first_choice
from bot.telegram.keyboards.topics import ChooseTopic, ShowNews, topic_choice
from bot.telegram.replies import answer, answer_callback, edit, quote
from bot.topics import Topics
from bot.typed.topic_changes import TopicChanges, choose


def router() -> Router:
    """Return the router of /topics."""
    routes = Router(name="topics")
    on_command(routes, "topics", topics_)
    on_callback(routes, OpenTopics, open_topics)
    on_callback(routes, ChooseTopic, choose_topic)
    on_callback(routes, ShowNews, show_news)
    return routes


async def topics_(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Add and remove the named topics, if any; answer with the choice of topics."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    typed = choose(command.args or "", topics, subscriber.topics)
    await _set_topics(db, subscriber, typed.removed, wanted=False)
    chosen = await _set_topics(db, subscriber, typed.added, wanted=True)
    if command.args and chosen.topics:
        async with db.transaction() as tx:
            await subscribers.end_choice(tx, subscriber.chat_id)
    places = places_in(" ".join(typed.unknown))
    if places:
        typed = replace(typed, unknown=(), meant=())
    parts = [*change_lines(typed, topics, say)]
    if places:
        parts.append(say("A place can be followed by itself, whatever the topic. Tap it:"))
    parts.append(chosen_text(chosen, topics, say))
    offered = [place_button(place, chosen.words, say) for place in places]
    keyboard = topic_choice(topics, chosen.topics, say, meant=typed.meant, places=offered)
    is_new = not (subscriber.topics or subscriber.words or subscriber.visibility.own)
    if is_new and typed.added and asks_when(chosen):
        async with db.transaction() as tx:
            await subscribers.become_calm_at(tx, chosen.chat_id, at=now() + CHOICE_TIME)
        until = say("If you skip this, it is calm in ten minutes; /when changes it.")
        parts += [question(say), until]
        # What is asked about the text stays below the question.
        below = keyboard.inline_keyboard if places or typed.meant else []
        rows = [*first_choice(say).inline_keyboard, *below]
        keyboard = InlineKeyboardMarkup(inline_keyboard=rows)
    await answer(message, db, "\n\n".join(parts), keyboard)


def change_lines(changes: TopicChanges, topics: Topics, say: Translator) -> Iterator[str]:
    """Yield what was added, what was removed, and what is not known."""
    names = {topic.slug: topic.names[say.language] for topic in topics}
    if changes.added:
        yield say("✅ Added: {topics}", topics=", ".join(names[slug] for slug in changes.added))
    if changes.removed:
        yield say("➖ Removed: {topics}", topics=", ".join(names[slug] for slug in changes.removed))
    if changes.unknown:
        unknown = say("I know no topic called “{words}”.", words=quote(changes.unknown))
        yield f"{unknown} {say('Did you mean this?')}" if changes.meant else unknown


async def open_topics(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show the choice of topics in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    say = speak(subscriber.language)
    await answer_callback(query)
    text = chosen_text(subscriber, topics, say)
    await edit(query, db, text, topic_choice(topics, subscriber.topics, say))


async def choose_topic(
    query: CallbackQuery, callback_data: ChooseTopic, db: Database, topics: Topics, now: Now
) -> None:
    """Subscribe to the topic of the button or unsubscribe, and update the keyboard."""
    subscriber = await context.find_subscriber(db, query)
    topic = topics.get(TopicSlug(callback_data.slug))
    if subscriber is None or topic is None:
        await answer_stale_button(query, db)
        return
    if not (subscriber.topics or subscriber.words or subscriber.visibility.own):
        # Until the choice is complete no news interrupts it.
        async with db.transaction() as tx:
            await subscribers.begin_choice(tx, subscriber.chat_id, until=now() + CHOICE_TIME)
    subscriber = await _set_topics(db, subscriber, [topic.slug], wanted=callback_data.wanted)
    say = speak(subscriber.language)
    mark = "✅" if callback_data.wanted else "➖"
    await answer_callback(query, f"{mark} {topic.names[say.language]}")
    text = chosen_text(subscriber, topics, say) if subscriber.topics else welcome_text(say)
    await edit(query, db, text, topic_choice(topics, subscriber.topics, say))


async def show_news(
    query: CallbackQuery, db: Database, topics: Topics, first_stories: FirstStories
) -> None:
    """End the choice and a pause, owe the first stories, and ask how the next should come."""
    subscriber = await context.find_subscriber(db, query)
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    if not subscriber.topics:
        await answer_callback(query, say.plain("Choose at least one topic first."), alert=True)
        return
    count = await first_stories.begin(subscriber)
    await answer_callback(query)
    is_asked = asks_when(subscriber)
    parts = [
        f"✅ {chosen_text(subscriber, topics, say)}",
        first_text(count, say, is_asked=is_asked),
    ]
    if not is_asked:
        parts.append(say("/topics changes the choice, /latest looks back, /pause gives you quiet."))
    keyboard = first_choice(say) if is_asked else None
    await edit(query, db, "\n\n".join(parts), keyboard)


def chosen_text(subscriber: Subscriber, topics: Topics, say: Translator) -> str:
    """Return which topics are subscribed to, or how to choose some."""
    if not subscriber.topics:
        return say("Which topics do you care about? Tap them, then “Show me the news”.")
    names = [topic.names[say.language] for topic in topics if topic.slug in subscriber.topics]
    return say("Your topics: <b>{topics}</b>.", topics=", ".join(names))


async def _set_topics(
    db: Database, subscriber: Subscriber, slugs: Collection[TopicSlug], *, wanted: bool
) -> Subscriber:
    """Store the choice and return the subscriber's new state."""
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, subscriber.chat_id, slugs, wanted=wanted)
        return await subscribers.find(tx, subscriber.chat_id) or subscriber
