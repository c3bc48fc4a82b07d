"""Replies to messages and callback queries; those about a managed channel name it in a heading.

An answer that comes too late, and an edit that changes nothing, are no errors.
"""

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from html import escape

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
)

from bot.model import ManagedChannel
from bot.storage.database import Database
from bot.telegram import context

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
MAX_QUOTED_CHARS = 100
_CHANNEL_MARK = "📢 "
# Errors of an edit of a message that was deleted, is too old, or reads so already.
_HARMLESS = ("message is not modified", "message to edit not found", "can't be edited")


async def answer(
    message: Message,
    db: Database,
    text: str,
    keyboard: InlineKeyboardMarkup | None = None,
    *,
    preview: LinkPreviewOptions | None = None,
) -> Message:
    """Answer a message in its chat, and in its thread of a forum; return the answer."""
    managed = await context.managed_channel(db, message)
    text = with_heading(text, managed)
    return await message.answer(text, reply_markup=keyboard, link_preview_options=preview)


async def answer_with_file(
    message: Message, db: Database, *, name: str, content: bytes, caption: str
) -> None:
    """Answer a message with a file of that name, and a short caption in HTML."""
    managed = await context.managed_channel(db, message)
    file = BufferedInputFile(content, filename=name)
    await message.answer_document(file, caption=with_heading(caption, managed))


async def answer_callback(query: CallbackQuery, text: str = "", *, alert: bool = False) -> None:
    """Answer a callback query with a toast of plain text, or silently; an `alert` is a dialog."""
    await _answer_query(query.answer(text, show_alert=alert))


async def open_link(query: CallbackQuery, url: str) -> None:
    """Answer a callback query by opening a deep link of the bot; Telegram opens no other URL."""
    await _answer_query(query.answer(url=url))


async def edit(
    query: CallbackQuery, db: Database, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """Edit the message of the button that was pressed, unless it is too old."""
    if not isinstance(query.message, Message):
        return
    text = with_heading(text, await context.managed_channel(db, query))
    await edit_message(query.message, text, keyboard, preview=NO_PREVIEW)


async def edit_message(
    message: Message,
    text: str,
    keyboard: InlineKeyboardMarkup | None,
    *,
    preview: LinkPreviewOptions,
) -> None:
    """Edit a message of the bot, without a heading."""
    with late_edits_ignored():
        await message.edit_text(text, reply_markup=keyboard, link_preview_options=preview)


async def edit_buttons(message: Message, keyboard: InlineKeyboardMarkup) -> None:
    """Edit the buttons of a message alone."""
    with late_edits_ignored():
        await message.edit_reply_markup(reply_markup=keyboard)


@contextmanager
def late_edits_ignored() -> Iterator[None]:
    """Ignore that a message cannot be edited, or reads so already."""
    try:
        yield
    except TelegramBadRequest as error:
        if not any(text in error.message for text in _HARMLESS):
            raise


def quote(words: Sequence[str]) -> str:
    """Return a person's words to quote, cut off at `MAX_QUOTED_CHARS`."""
    text = " ".join(words)
    return text if len(text) <= MAX_QUOTED_CHARS else text[: MAX_QUOTED_CHARS - 1].rstrip() + "…"


def with_heading(text: str, managed: ManagedChannel | None) -> str:
    """Return the HTML below a heading that names the managed channel, if there is one."""
    if managed is None:
        return text
    return f"{_CHANNEL_MARK}<b>{escape(managed.name)}</b>\n\n{text}"


def without_heading(shown: str) -> str:
    """Return the text of a message without the heading that names a channel."""
    return shown.partition("\n\n")[2] if shown.startswith(_CHANNEL_MARK) else shown


def is_about(shown: str, managed: ManagedChannel | None) -> bool:
    """Return whether the text of a message is about that channel; None for its own chat."""
    first_line = shown.partition("\n")[0]
    if managed is None:
        return not first_line.startswith(_CHANNEL_MARK)
    return first_line == f"{_CHANNEL_MARK}{managed.name}"


async def _answer_query(call: Awaitable[bool]) -> None:
    try:
        await call
    except TelegramBadRequest as error:
        # The button was pressed while the bot was down; the client shows no answer any more.
        if "query is too old" not in error.message:
            raise
