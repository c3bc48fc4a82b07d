"""Registration of commands and buttons on a router, with the filters that say who may use them.

Also holds what the admin pages share: their filter, their language, their edit.
"""

from collections.abc import Awaitable, Callable

from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject, Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.filters.command import CommandException
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.context import chat_of, is_chat_admin, user_language
from bot.telegram.replies import NO_PREVIEW, edit_message
from bot.typed.commands import read_command

Handler = Callable[..., Awaitable[None]]


class CommandNamed(Command):
    """Match a command as people type it, see `bot.typed.commands`."""

    @classmethod
    def extract_command(cls, text: str) -> CommandObject:
        """Return the command of the text.

        Raises:
            CommandException: if it begins with none.
        """
        typed = read_command(text)
        if typed is None:
            raise CommandException("no command")
        return CommandObject(
            command=typed.name, mention=typed.mention or None, args=typed.args or None
        )


def on_command(router: Router, name: str, handler: Handler, *, edited: bool = True) -> None:
    """Register the handler of a command, in groups and channels for their admins alone.

    `edited`: a message counts too that was edited to be one.
    """
    observers = [router.message, router.channel_post]
    if edited:
        observers += [router.edited_message, router.edited_channel_post]
    for observer in observers:
        observer.register(handler, CommandNamed(name), MayCommand())


def on_callback(router: Router, callback: type[CallbackData], handler: Handler) -> None:
    """Register the handler of a button, in groups and channels for their admins alone."""
    router.callback_query.register(handler, callback.filter(), MayCommand())


class MayCommand(Filter):
    """Match a person in a private chat, and the admins of a group or channel."""

    async def __call__(self, event: Message | CallbackQuery, bot: Bot) -> bool:
        """Return whether the sender may change what this chat gets."""
        chat = chat_of(event)
        if chat.type == ChatType.PRIVATE:
            return True
        # Only admins can post in a channel; an anonymous admin posts as the group itself.
        if isinstance(event, Message):
            if chat.type == ChatType.CHANNEL:
                return True
            if event.sender_chat is not None:
                return event.sender_chat.id == chat.id
        user = event.from_user
        return user is not None and await is_chat_admin(bot, ChatId(chat.id), user)


class IsBotAdmin(Filter):
    """Match an admin of the bot, by the setting ADMINS, in their private chat."""

    async def __call__(self, event: Message | CallbackQuery, admins: frozenset[ChatId]) -> bool:
        """Return whether the sender is one of them."""
        chat = chat_of(event)
        return chat.type == ChatType.PRIVATE and chat.id in admins


def on_admin_command(router: Router, name: str, handler: Handler) -> None:
    """Register the handler of a command for admins of the bot."""
    router.message.register(handler, CommandNamed(name), IsBotAdmin())


def on_admin_callback(router: Router, callback: type[CallbackData], handler: Handler) -> None:
    """Register the handler of a button on an admin page."""
    router.callback_query.register(handler, callback.filter(), IsBotAdmin())


async def admin_translator(db: Database, event: Message | CallbackQuery) -> Translator:
    """Return the translator of the admin's own language, not of the channel being managed."""
    admin = await subscribers.find(db.reader, ChatId(chat_of(event).id))
    return speak(admin.language if admin else user_language(event))


async def edit_page(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup) -> None:
    """Edit the admin page whose button was pressed, if Telegram still allows it."""
    if isinstance(query.message, Message):
        await edit_message(query.message, text, keyboard, preview=NO_PREVIEW)
