"""/start, /help, and the fallback for buttons that no other router handles."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import command_menu, context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import MayCommand, on_command
from bot.telegram.keyboards.topics import topic_choice
from bot.telegram.replies import answer, answer_callback
from bot.topics import Topics


def router() -> Router:
    """Return the router of /start and /help."""
    routes = Router(name="start")
    on_command(routes, "start", start)
    on_command(routes, "help", help_)
    return routes


def fallback_router() -> Router:
    """Return the router for buttons that no other router handles; it must be the last."""
    routes = Router(name="fallback")
    routes.callback_query.register(answer_stale_button, MayCommand())
    routes.callback_query.register(answer_not_admin)
    return routes


async def start(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Subscribe the chat, end its pause, and answer with the greeting and the topics."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    async with db.transaction() as tx:
        await subscribers.resume(tx, subscriber.chat_id)
    say = speak(subscriber.language)
    await answer(message, db, welcome_text(say), topic_choice(topics, subscriber.topics, say))


def welcome_text(say: Translator) -> str:
    """Return the greeting, the first message that a chat gets."""
    return say(
        "👋 <b>Hello! I am ReadAlso.</b>\n\n"
        "I read many newspapers for you. You get each story once, in a few sentences,"
        " with links worth reading next.\n\n"
        "Which topics do you care about? Tap them, then “Show me the news”."
    )


async def help_(message: Message, db: Database) -> None:
    """List the commands."""
    say = await context.translator_for(db, message)
    lines = [f"/{name} — {what}" for name, what in command_menu.commands(say)]
    heading = say("<b>What you can tell me</b>")
    words = say(
        "Topics can be named in words too: <code>/topics world war</code>,"
        " <code>/latest sport</code>."
    )
    await answer(message, db, "\n\n".join([heading, "\n".join(lines), words]))


async def answer_not_admin(query: CallbackQuery, db: Database) -> None:
    """Tell a member of a group that only its admins may use the buttons."""
    say = await context.translator_for(db, query)
    await answer_callback(query, say.plain("Only this chat's admins can change that."), alert=True)


async def answer_stale_button(query: CallbackQuery, db: Database) -> None:
    """Answer a button whose data or target is no longer valid."""
    say = await context.translator_for(db, query)
    await answer_callback(
        query, say.plain("This keyboard is an old one. /start gives you a new one.")
    )
