"""/start, /help, and the fallback for buttons that no other router handles."""

from datetime import datetime, timedelta

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot.i18n import Translator, speak
from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import absences, subscribers
from bot.telegram import command_menu, context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import MayCommand, on_command
from bot.telegram.keyboards.topics import topic_choice
from bot.telegram.replies import answer, answer_callback
from bot.topics import Topics

# Between two greetings of a group that has just joined.
GREETING_GAP = timedelta(minutes=1)


def router() -> Router:
    """Return the router of /start and /help."""
    routes = Router(name="start")
    on_command(routes, "start", start)
    on_command(routes, "help", help_)
    return routes


def no_message_router() -> Router:
    """Return the router for buttons whose message Telegram leaves out; it must be the first."""
    routes = Router(name="buttons without a message")
    routes.callback_query.register(answer_without_message, F.message.is_(None))
    return routes


def fallback_router() -> Router:
    """Return the router for buttons that no other router handles; it must be the last."""
    routes = Router(name="fallback")
    routes.callback_query.register(answer_stale_button, MayCommand())
    routes.callback_query.register(answer_not_admin)
    return routes


async def start(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Subscribe the chat, end its pause, and answer with the greeting and the topics."""
    is_greeted = await was_just_greeted(message, db, now=now())
    subscriber = await context.ensure_subscriber(db, message, now=now())
    async with db.transaction() as tx:
        await absences.resume(tx, subscriber.chat_id, now=now())
    if not is_greeted:
        say = speak(subscriber.language)
        keyboard = topic_choice(topics, subscriber.topics, say, is_greeting=True)
        await answer(message, db, welcome_text(say), keyboard)


async def was_just_greeted(
    event: Message | ChatMemberUpdated, db: Database, *, now: datetime
) -> bool:
    """Return whether a group has joined within `GREETING_GAP`, and was greeted then.

    A link that adds the bot to a group makes two updates: an invitation and a /start.
    """
    joined_at = await subscribers.joined_at(db.reader, ChatId(event.chat.id))
    is_private = event.chat.type == ChatType.PRIVATE
    return not is_private and joined_at is not None and now - joined_at < GREETING_GAP


def welcome_text(say: Translator) -> str:
    """Return the greeting, the first message that a chat gets."""
    return say(
        "👋 <b>Hello! I am ReadAlso.</b>\n\n"
        "I read many newspapers for you. You get each story once, in a few sentences,"
        " with links worth reading next.\n\n"
        "Which topics do you care about? Tap them, then “Show me the news”."
    )


async def help_(message: Message, db: Database) -> None:
    """List the commands that mean something in the chat, by subject."""
    say = await context.translator_for(db, message)
    is_private = message.chat.type == ChatType.PRIVATE
    lines = command_menu.help_lines(say, is_private=is_private)
    heading = say("<b>What I can do</b>")
    words = say(
        "Topics can be named in words too: <code>/topics world war</code>,"
        " <code>/latest sport</code>."
    )
    await answer(message, db, "\n\n".join([heading, *lines, words]))


async def answer_not_admin(query: CallbackQuery, db: Database) -> None:
    """Tell a member of a group that only its admins may use the buttons."""
    say = await context.translator_for(db, query)
    await answer_callback(query, say.plain("Only this chat's admins can change that."), alert=True)


async def answer_without_message(query: CallbackQuery) -> None:
    """Answer a button of which neither the chat nor the message is known."""
    say = speak(context.user_language(query))
    await answer_callback(
        query, say.plain("These buttons are out of date. /start gives you new ones.")
    )


async def answer_stale_button(query: CallbackQuery, db: Database) -> None:
    """Answer a button whose data or target is no longer valid."""
    say = await context.translator_for(db, query)
    await answer_callback(
        query, say.plain("These buttons are out of date. /start gives you new ones.")
    )
