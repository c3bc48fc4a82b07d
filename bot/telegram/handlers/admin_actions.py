"""Buttons of /admin that act on the whole bot: retry what was set aside, read the files again."""

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import SetupError
from bot.storage.database import Database
from bot.storage.queues import attempts
from bot.telegram.context import Now
from bot.telegram.handlers.routing import admin_translator, on_admin_callback
from bot.telegram.keyboards.admin import Reload, RetryDeadLetters
from bot.telegram.replies import answer_callback

# Returns what has changed, empty where nothing has; raises a SetupError that names a broken file.
RequestReload = Callable[[], Awaitable[str]]

# Telegram shows no more in answer to a button.
MAX_TOAST_CHARS = 200


async def no_reload() -> str:
    """Change nothing: the playground has no files of an operator's."""
    return ""


def router() -> Router:
    """Return the router of the buttons."""
    routes = Router(name="admin_actions")
    on_admin_callback(routes, RetryDeadLetters, retry_dead_letters)
    on_admin_callback(routes, Reload, reload)
    return routes


async def retry_dead_letters(query: CallbackQuery, db: Database, now: Now) -> None:
    """Put all that was set aside back into its queues."""
    say = await admin_translator(db, query)
    letters = await attempts.dead_letters(db.reader)
    async with db.transaction() as tx:
        await attempts.retry(tx, [letter.row for letter in letters], now=now())
    count = say.number(len(letters))
    await answer_callback(query, say.plain("Tried again: {count}.", count=count))


async def reload(query: CallbackQuery, db: Database, request_reload: RequestReload) -> None:
    """Read settings, topics and feeds again, and begin anew with them if they have changed."""
    say = await admin_translator(db, query)
    try:
        changes = await request_reload()
    except SetupError as error:
        text = say.plain("Nothing is changed: {problem}", problem=str(error))
    else:
        text = say.plain("Nothing has changed since the start.")
        if changes:
            text = say.plain("Changed: {changes}. The bot begins anew.", changes=changes)
    await answer_callback(query, text[:MAX_TOAST_CHARS], alert=True)
