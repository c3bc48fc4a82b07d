"""Fetch a file that a person has sent, up to a size."""

from contextlib import aclosing
from http import HTTPStatus

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import GetFile
from aiogram.types import Document, Message
from aiohttp import ClientError

# Telegram itself gives out no more: https://core.telegram.org/bots/api#getfile.
MOST_BYTES = 20 << 20
_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 16


def document_of(message: Message) -> Document | None:
    """Return the file that a message brings, or that it answers to; None: there is none."""
    answered = message.reply_to_message
    return message.document or (answered.document if answered else None)


async def fetch(bot: Bot, document: Document, *, max_bytes: int = MOST_BYTES) -> bytes | None:
    """Return what the document holds; None: it is larger than that.

    Raises:
        TelegramNetworkError: if it cannot be had just now; the update is then tried again.
    """
    if document.file_size is not None and document.file_size > max_bytes:
        return None
    try:
        found = await bot.get_file(document.file_id)
    except TelegramBadRequest as error:
        if "file is too big" in error.message:
            return None
        raise
    assert found.file_path is not None  # only of what is too big
    return await _read(bot, found.file_id, found.file_path, max_bytes=max_bytes)


async def _read(bot: Bot, file_id: str, path: str, *, max_bytes: int) -> bytes | None:
    content = bytearray()
    chunks = bot.session.stream_content(
        bot.session.api.file_url(bot.token, path),
        timeout=_TIMEOUT_SECONDS,
        chunk_size=_CHUNK_BYTES,
    )
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                content += chunk
                # What Telegram said of its size need not be so.
                if len(content) > max_bytes:
                    return None
    except (ClientError, TimeoutError) as error:
        # Its own words hold the address, and that holds our token.
        status = getattr(error, "status", None)
        said = f"HTTP {HTTPStatus(status)}" if status else type(error).__name__
        raise TelegramNetworkError(
            GetFile(file_id=file_id), f"a file could not be fetched: {said}"
        ) from None
    return bytes(content)
