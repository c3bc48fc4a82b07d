"""Connect commands and buttons to their handlers, for people, groups and channels alike."""

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData

from bot.telegram.context import MayCommand

Handler = Callable[..., Awaitable[None]]


def on_command(router: Router, name: str, handler: Handler) -> None:
    """Have `handler` answer the command; a stranger's command in a group is not answered."""
    router.message.register(handler, Command(name), MayCommand())
    router.channel_post.register(handler, Command(name), MayCommand())


def on_press(router: Router, press: type[CallbackData], handler: Handler) -> None:
    """Have `handler` answer presses of this kind by those who may command."""
    router.callback_query.register(handler, press.filter(), MayCommand())
