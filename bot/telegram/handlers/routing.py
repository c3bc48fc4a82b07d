"""Connect commands and buttons to their handlers, for people, groups and channels alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import Command, Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, FeedHealth
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.context import MayCommand, chat_of, own_language
from bot.telegram.replies import NO_PREVIEW, change

Handler = Callable[..., Awaitable[None]]


def on_command(router: Router, name: str, handler: Handler) -> None:
    """Have `handler` answer the command; a stranger's command in a group is not answered."""
    router.message.register(handler, Command(name), MayCommand())
    router.channel_post.register(handler, Command(name), MayCommand())


def on_callback(router: Router, press: type[CallbackData], handler: Handler) -> None:
    """Have `handler` answer presses of this kind by those who may command."""
    router.callback_query.register(handler, press.filter(), MayCommand())


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who the admins are; how a feed is, in words; the shortest time between two of its polls."""

    admins: frozenset[ChatId]
    in_words: Callable[[FeedHealth, datetime], str]
    poll_floor: timedelta


class IsAdmin(Filter):
    """Lets pass an admin in the private chat; for all others there is no such command."""

    async def __call__(self, event: Message | CallbackQuery, office: Office) -> bool:
        """Return whether the sender runs this bot."""
        chat = chat_of(event)
        return chat.type == ChatType.PRIVATE and chat.id in office.admins


def on_admin_command(router: Router, name: str, handler: Handler) -> None:
    """Have `handler` answer the command of an admin."""
    router.message.register(handler, Command(name), IsAdmin())


def on_admin_callback(router: Router, press: type[CallbackData], handler: Handler) -> None:
    """Have `handler` answer presses of this kind by an admin."""
    router.callback_query.register(handler, press.filter(), IsAdmin())


async def admin_translator(db: Database, event: Message | CallbackQuery) -> Translator:
    """Return the admin's own language, whichever channel he speaks of elsewhere."""
    admin = await subscribers.find(db.reader, ChatId(chat_of(event).id))
    return speak(admin.language if admin else own_language(event))


async def edit_page(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup) -> None:
    """Change the message under which an admin pressed, if it can still be changed."""
    if isinstance(query.message, Message):
        await change(query.message, text, keyboard, preview=NO_PREVIEW)
