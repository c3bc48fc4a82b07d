"""/here: thread bindings, the topics whose news comes to a thread of a forum."""

from collections.abc import Collection

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, Subscriber, ThreadId, TopicSlug
from bot.storage.database import Database
from bot.storage.subscribers import subscribers, threads
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.topics import BringTopic, thread_topics
from bot.telegram.replies import answer, answer_callback, edit, quote
from bot.topics import Topics
from bot.typed.topic_changes import choose


def router() -> Router:
    """Return the router of /here."""
    routes = Router(name="here")
    on_command(routes, "here", here)
    on_callback(routes, BringTopic, bring_topic)
    routes.message.register(on_thread_reopened, F.forum_topic_reopened)
    return routes


async def here(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Bind the named topics, if any, to this thread; answer with its topics."""
    if not message.chat.is_forum:
        say = await context.translator_for(db, message)
        await answer(
            message,
            db,
            say(
                "This works in forums, groups with topics switched on: <code>/here world "
                "war</code>, written in a thread, sends this news there."
            ),
        )
        return
    subscriber = await context.ensure_subscriber(db, message, now=now())
    thread_id = _thread_of(message)
    say = speak(subscriber.language)
    thread_of = {binding.topic: binding.thread_id for binding in subscriber.thread_bindings}
    chosen = {slug for slug in subscriber.topics if thread_of.get(slug) == thread_id}
    typed = choose(command.args or "", topics, chosen)
    if typed.removed:
        subscriber = await _bind(db, subscriber, typed.removed, None)
    if typed.added:
        subscriber = await _bind(db, subscriber, typed.added, thread_id)
    text, keyboard = _page(subscriber, thread_id, topics, say)
    if typed.unknown:
        unknown = say("I know no topic called “{words}”.", words=quote(typed.unknown))
        text = f"{unknown}\n\n{text}"
    await answer(message, db, text, keyboard)


async def bring_topic(
    query: CallbackQuery, callback_data: BringTopic, db: Database, topics: Topics
) -> None:
    """Bind the topic of the button to its thread, or unbind it, so that it goes to General."""
    subscriber = await context.find_subscriber(db, query)
    topic = topics.get(TopicSlug(callback_data.slug))
    if subscriber is None or topic is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    thread_id = _thread_of(query.message)
    target_id = thread_id if callback_data.wanted else None
    subscriber = await _bind(db, subscriber, [topic.slug], target_id)
    await answer_callback(query)
    text, keyboard = _page(subscriber, thread_id, topics, speak(subscriber.language))
    await edit(query, db, text, keyboard)


async def on_thread_reopened(message: Message, db: Database) -> None:
    """Send to a thread again that was closed."""
    if thread_id := _thread_of(message):
        async with db.transaction() as tx:
            await threads.reopen(tx, ChatId(message.chat.id), thread_id)


async def _bind(
    db: Database,
    subscriber: Subscriber,
    slugs: Collection[TopicSlug],
    thread_id: ThreadId | None,
) -> Subscriber:
    """Subscribe to the topics and bind them to the thread, or to General; return the new state."""
    chat_id = subscriber.chat_id
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, chat_id, slugs, wanted=True)
        if thread_id is None:
            await threads.unbind(tx, chat_id, slugs)
        else:
            await threads.bind(tx, chat_id, slugs, thread_id)
        return await subscribers.find(tx, chat_id) or subscriber


def _page(
    subscriber: Subscriber, thread_id: ThreadId | None, topics: Topics, say: Translator
) -> tuple[str, InlineKeyboardMarkup]:
    bindings = [
        binding for binding in subscriber.thread_bindings if binding.topic in subscriber.topics
    ]
    if thread_id is None:
        return _general_page({binding.topic for binding in bindings}, topics, say)
    bound = {binding.topic for binding in bindings if binding.thread_id == thread_id}
    keyboard = thread_topics(list(topics), bound, say)
    if not bound:
        return say("No topic comes to this thread yet. Tap those that should."), keyboard
    text = say(
        "This thread gets: <b>{topics}</b>. Tap a topic to send it here, or back to General.",
        topics=_names(bound, topics, say),
    )
    return text, keyboard


def _general_page(
    bound: Collection[TopicSlug], topics: Topics, say: Translator
) -> tuple[str, InlineKeyboardMarkup]:
    """Return the page of General; `bound` are the topics that have a thread of their own."""
    text = say("All news comes here, to General.")
    if bound:
        text = say(
            "Topics with a thread of their own: <b>{topics}</b>. Tap one to bring it "
            "back. All other news, and every digest, comes here, to General.",
            topics=_names(bound, topics, say),
        )
    hint = say(
        "To give a topic a thread of its own, write there: <code>/here {topic}</code>",
        topic=next(topic.names[say.language] for topic in topics).lower(),
    )
    offered = [topic for topic in topics if topic.slug in bound]
    return f"{text}\n\n{hint}", thread_topics(offered, (), say)


def _names(slugs: Collection[TopicSlug], topics: Topics, say: Translator) -> str:
    return ", ".join(topic.names[say.language] for topic in topics if topic.slug in slugs)


def _thread_of(message: Message) -> ThreadId | None:
    """Return the thread that the message stands in; None: General."""
    if message.is_topic_message and message.message_thread_id is not None:
        return ThreadId(message.message_thread_id)
    return None
