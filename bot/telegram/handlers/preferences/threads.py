"""/here: which topics' news comes to this thread of a forum."""

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


def router() -> Router:
    """Return the router of threads."""
    made = Router(name="here")
    on_command(made, "here", here)
    on_callback(made, BringTopic, bring_topic)
    made.message.register(on_thread_reopened, F.forum_topic_reopened)
    return made


async def here(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Show what comes to this thread; if topics are named, bring them here first."""
    if not message.chat.is_forum:
        say = await context.translator_for(db, message)
        await answer(
            message,
            db,
            say(
                "This is for forums, groups with topics switched on: written in a thread of one,"
                " <code>/here world war</code> brings this news to it."
            ),
        )
        return
    subscriber, thread_id = (
        await context.ensure_subscriber(db, message, now=now()),
        _thread_of(message),
    )
    say = speak(subscriber.language)
    found = topics.find(command.args or "")
    if found.slugs:
        subscriber = await _bring(db, subscriber, found.slugs, thread_id)
    text, keyboard = _page(subscriber, thread_id, topics, say)
    if found.unknown:
        unknown = say("I know no topic called “{words}”.", words=quote(found.unknown))
        text = f"{unknown}\n\n{text}"
    await answer(message, db, text, keyboard)


async def bring_topic(
    query: CallbackQuery, callback_data: BringTopic, db: Database, topics: Topics
) -> None:
    """Bring the topic of the button to its thread, or send it to General."""
    subscriber, topic = (
        await context.find_subscriber(db, query),
        topics.get(TopicSlug(callback_data.slug)),
    )
    if subscriber is None or topic is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    thread_id = _thread_of(query.message)
    goes_to = thread_id if callback_data.wanted else None
    subscriber = await _bring(db, subscriber, [topic.slug], goes_to)
    await answer_callback(query)
    text, keyboard = _page(subscriber, thread_id, topics, speak(subscriber.language))
    await edit(query, db, text, keyboard)


async def on_thread_reopened(message: Message, db: Database) -> None:
    """Use a thread again."""
    if thread_id := _thread_of(message):
        async with db.transaction() as tx:
            await threads.reopen(tx, ChatId(message.chat.id), thread_id)


async def _bring(
    db: Database,
    subscriber: Subscriber,
    slugs: Collection[TopicSlug],
    thread_id: ThreadId | None,
) -> Subscriber:
    """Have the topics come to the thread, or to General; return the subscriber as it is then."""
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
    followed = [it for it in subscriber.thread_bindings if it.topic in subscriber.topics]
    if thread_id is None:
        away = {it.topic for it in followed}
        general = [it for it in topics if it.slug in away]
        return _general_text(away, topics, say), thread_topics(general, (), say)
    bound = {it.topic for it in followed if it.thread_id == thread_id}
    return _thread_text(bound, topics, say), thread_topics(list(topics), bound, say)


def _thread_text(bound: Collection[TopicSlug], topics: Topics, say: Translator) -> str:
    if not bound:
        return say("No topic comes to this thread. Tap those that shall.")
    return say(
        "To this thread come: <b>{topics}</b>. A tap brings a topic here, or sends it to General.",
        topics=_names(bound, topics, say),
    )


def _general_text(away: Collection[TopicSlug], topics: Topics, say: Translator) -> str:
    hint = say(
        "To give a topic a thread of its own, write there: <code>/here {topic}</code>",
        topic=next(it.names[say.language] for it in topics).lower(),
    )
    if not away:
        return "\n\n".join([say("All news comes here, to General."), hint])
    text = say(
        "Threads of their own have: <b>{topics}</b>. A tap brings a topic back. All other news, and"
        " every digest, comes here, to General.",
        topics=_names(away, topics, say),
    )
    return "\n\n".join([text, hint])


def _names(slugs: Collection[TopicSlug], topics: Topics, say: Translator) -> str:
    return ", ".join(topic.names[say.language] for topic in topics if topic.slug in slugs)


def _thread_of(message: Message) -> ThreadId | None:
    """Return the thread that the message stands in; None: General."""
    if message.is_topic_message and message.message_thread_id is not None:
        return ThreadId(message.message_thread_id)
    return None
