"""/topics: subscriptions to topics, by buttons or by words, and the first stories of them."""

from collections.abc import Collection
from datetime import timedelta

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import Subscriber, TopicSlug
from bot.storage.database import Database
from bot.storage.outbox import fan_out
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button, welcome_text
from bot.telegram.keyboards.common import OpenTopics
from bot.telegram.keyboards.topics import ChooseTopic, ShowNews, topic_choice
from bot.telegram.replies import answer, answer_callback, edit, quote
from bot.topics import Topics

# Enough to show what was chosen, few enough not to flood the chat.
MAX_FIRST_STORIES = 3
FIRST_STORIES_MAX_AGE = timedelta(days=3)


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
    """Subscribe to the named topics, if any; answer with the choice of topics."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    match = topics.find(command.args or "")
    subscriber = await _set_topics(db, subscriber, match.slugs, wanted=True)
    text = chosen_text(subscriber, topics, say)
    if match.unknown:
        unknown = say("I know no topic called “{words}”.", words=quote(match.unknown))
        text = f"{unknown}\n\n{text}"
    await answer(message, db, text, topic_choice(topics, subscriber.topics, say))


async def open_topics(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show the choice of topics in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    say = speak(subscriber.language)
    await answer_callback(query)
    text = chosen_text(subscriber, topics, say)
    await edit(query, db, text, topic_choice(topics, subscriber.topics, say))


async def choose_topic(
    query: CallbackQuery, callback_data: ChooseTopic, db: Database, topics: Topics
) -> None:
    """Subscribe to the topic of the button or unsubscribe, and update the keyboard."""
    subscriber = await context.find_subscriber(db, query)
    topic = topics.get(TopicSlug(callback_data.slug))
    if subscriber is None or topic is None:
        await answer_stale_button(query, db)
        return
    subscriber = await _set_topics(db, subscriber, [topic.slug], wanted=callback_data.wanted)
    say = speak(subscriber.language)
    mark = "✅" if callback_data.wanted else "➖"
    await answer_callback(query, f"{mark} {topic.names[say.language]}")
    text = chosen_text(subscriber, topics, say) if subscriber.topics else welcome_text(say)
    await edit(query, db, text, topic_choice(topics, subscriber.topics, say))


async def show_news(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """End the choice and a pause, and enqueue the latest stories of the chosen topics."""
    subscriber = await context.find_subscriber(db, query)
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    if not subscriber.topics:
        await answer_callback(query, say.plain("Choose at least one topic first."), alert=True)
        return
    async with db.transaction() as tx:
        await subscribers.resume(tx, subscriber.chat_id)
        enqueued = await fan_out.enqueue_latest(
            tx,
            subscriber.chat_id,
            limit=MAX_FIRST_STORIES,
            since=now() - FIRST_STORIES_MAX_AGE,
            now=now(),
        )
    await answer_callback(query)
    first = say("I will write as soon as there is news.")
    if enqueued:
        first = say.plural(
            "Here is the newest story; more will follow.",
            "Here are the {count} newest stories; more will follow.",
            enqueued,
        )
    hint = say("/topics changes the choice, /latest looks back, /pause gives you quiet.")
    await edit(query, db, "\n\n".join([f"✅ {chosen_text(subscriber, topics, say)}", first, hint]))


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
