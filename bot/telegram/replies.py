"""Answer people, and presses on buttons; what comes late or twice is forgiven.

What is said of a channel names it in its first line.
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

# Of many links none is the one to show a page of.
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# Enough to see which words were meant.
QUOTED_CHARS = 100


_MARK = "📢 "


async def answer(
    message: Message,
    db: Database,
    text: str,
    keyboard: InlineKeyboardMarkup | None = None,
    *,
    preview: LinkPreviewOptions | None = None,
) -> None:
    """Answer a message; in a forum, where it stands."""
    managed = await context.managed(db, message)
    await message.answer(headed(text, managed), reply_markup=keyboard, link_preview_options=preview)


async def answer_with_file(
    message: Message, db: Database, *, name: str, content: bytes, caption: str
) -> None:
    """Answer a message with a file of that name, and a short caption in HTML."""
    managed = await context.managed(db, message)
    file = BufferedInputFile(content, filename=name)
    await message.answer_document(file, caption=headed(caption, managed))


async def answer_callback(query: CallbackQuery, text: str = "", *, alert: bool = False) -> None:
    """Answer the press with a short plain text, or silently; `alert`: it must be tapped away."""
    await _answer(query.answer(text, show_alert=alert))


async def open_link(query: CallbackQuery, url: str) -> None:
    """Answer the press by opening a link to the bot itself; Telegram takes no other."""
    await _answer(query.answer(url=url))


async def edit(
    query: CallbackQuery, db: Database, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """Change the message under which the button was pressed, if it can still be changed."""
    if not isinstance(query.message, Message):
        return  # too old for Telegram to show it to us
    managed = await context.managed(db, query)
    text = headed(text, managed)
    with _forgiven():
        await query.message.edit_text(text, reply_markup=keyboard, link_preview_options=NO_PREVIEW)


async def change(
    shown: Message,
    text: str,
    keyboard: InlineKeyboardMarkup | None,
    *,
    preview: LinkPreviewOptions,
) -> None:
    """Change a message of ours that is about no chat's settings."""
    with _forgiven():
        await shown.edit_text(text, reply_markup=keyboard, link_preview_options=preview)


async def change_buttons(shown: Message, keyboard: InlineKeyboardMarkup) -> None:
    """Change the buttons alone."""
    with _forgiven():
        await shown.edit_reply_markup(reply_markup=keyboard)


def quote(words: Sequence[str]) -> str:
    """Return a person's words to be said back, cut where they would fill the message."""
    text = " ".join(words)
    return text if len(text) <= QUOTED_CHARS else text[: QUOTED_CHARS - 1].rstrip() + "…"


async def _answer(call: Awaitable[bool]) -> None:
    try:
        await call
    except TelegramBadRequest as error:
        # Pressed while the bot was away: there is nobody waiting for this answer any more.
        if "query is too old" not in error.message:
            raise


@contextmanager
def _forgiven() -> Iterator[None]:
    """Pass over that a message cannot be changed.

    It was pressed twice, or its reader has deleted it: what was asked is done.
    """
    try:
        yield
    except TelegramBadRequest as error:
        if not _is_harmless(error):
            raise


def _is_harmless(error: TelegramBadRequest) -> bool:
    return any(
        words in error.message
        for words in ("message is not modified", "message to edit not found", "can't be edited")
    )


def headed(text: str, managed: ManagedChannel | None) -> str:
    """Return the HTML with the channel, if one is managed, in its first line."""
    if managed is None:
        return text
    return f"{_MARK}<b>{escape(managed.name)}</b>\n\n{text}"


def speaks_of(shown: str, managed: ManagedChannel | None) -> bool:
    """Tell whether a message, as it is shown, speaks of that channel; None: of its own chat."""
    first_line = shown.partition("\n")[0]
    if managed is None:
        return not first_line.startswith(_MARK)
    return first_line == f"{_MARK}{managed.name}"


def body(shown: str) -> str:
    """Return what is shown without the line that names a channel."""
    return shown.partition("\n\n")[2] if shown.startswith(_MARK) else shown
