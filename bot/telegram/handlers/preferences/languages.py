"""/language: the language of the bot's own texts, and the languages of the news."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import Subscriber
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.keyboards.common import OpenLanguages
from bot.telegram.keyboards.settings import ChooseLanguage, ChooseNewsLanguage, language_choice
from bot.telegram.replies import answer, answer_callback, edit
from bot.typed.subjects import language_of


def router() -> Router:
    """Return the router of /language."""
    routes = Router(name="languages")
    on_command(routes, "language", language)
    on_callback(routes, OpenLanguages, open_languages)
    on_callback(routes, ChooseLanguage, choose_language)
    on_callback(routes, ChooseNewsLanguage, choose_news_language)
    return routes


async def language(message: Message, command: CommandObject, db: Database, now: Now) -> None:
    """Speak the language that is named, if one is; answer with the choice of languages."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    if named := language_of(command.args or ""):
        async with db.transaction() as tx:
            await subscribers.set_language(tx, subscriber.chat_id, named)
        subscriber = await context.find_subscriber(db, message) or subscriber
    say = speak(subscriber.language)
    await answer(message, db, _text(say), language_choice(subscriber, say))


async def open_languages(query: CallbackQuery, db: Database, now: Now) -> None:
    """Show the choice of languages in place of another page."""
    await _show(query, db, await context.ensure_subscriber(db, query, now=now()))


async def choose_language(
    query: CallbackQuery, callback_data: ChooseLanguage, db: Database, now: Now
) -> None:
    """Set the language of the bot's own texts; the news stays as it is."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    async with db.transaction() as tx:
        await subscribers.set_language(tx, subscriber.chat_id, callback_data.language)
    await _show(query, db, await context.find_subscriber(db, query) or subscriber)


async def choose_news_language(
    query: CallbackQuery, callback_data: ChooseNewsLanguage, db: Database, now: Now
) -> None:
    """Add or remove a language of the news; the last one cannot be removed."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    chosen, wanted = callback_data.language, callback_data.wanted
    if not wanted and subscriber.news_languages <= {chosen}:
        say = speak(subscriber.language)
        await answer_callback(query, say.plain("Keep at least one news language."), alert=True)
        return
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, subscriber.chat_id, chosen, wanted=wanted)
    await _show(query, db, await context.find_subscriber(db, query) or subscriber)


async def _show(query: CallbackQuery, db: Database, subscriber: Subscriber) -> None:
    say = speak(subscriber.language)
    await answer_callback(query)
    await edit(query, db, _text(say), language_choice(subscriber, say))


def _text(say: Translator) -> str:
    return say(
        "<b>Languages</b>\n\n💬 The language of the bot's own texts.\n"
        "📰 The languages of the news you get: one or several."
    )
