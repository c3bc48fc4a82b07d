"""Bounded download of a file that a person has sent."""

from contextlib import aclosing
from http import HTTPStatus

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import GetFile
from aiogram.types import Document, Message
from aiohttp import ClientError

# The Bot API serves no larger files: https://core.telegram.org/bots/api#getfile.
MAX_FILE_BYTES = 20 << 20
_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 16


def document_of(message: Message) -> Document | None:
    """Return the document of the message, or of the one it replies to; None if there is none."""
    replied_to = message.reply_to_message
    return message.document or (replied_to.document if replied_to else None)


async def fetch(bot: Bot, document: Document, *, max_bytes: int = MAX_FILE_BYTES) -> bytes | None:
    """Return the content of the document; None if it has more than `max_bytes`.

    Raises:
        TelegramNetworkError: if it cannot be downloaded now; the update is then retried.
    """
    if document.file_size is not None and document.file_size > max_bytes:
        return None
    try:
        file = await bot.get_file(document.file_id)
    except TelegramBadRequest as error:
        if "file is too big" in error.message:
            return None
        raise
    assert file.file_path is not None  # present unless the file is too big
    content = bytearray()
    chunks = bot.session.stream_content(
        bot.session.api.file_url(bot.token, file.file_path),
        timeout=_TIMEOUT_SECONDS,
        chunk_size=_CHUNK_BYTES,
    )
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                content += chunk
                # The size that Telegram states may be wrong.
                if len(content) > max_bytes:
                    return None
    except (ClientError, TimeoutError) as error:
        # The text of the error holds the URL, which holds the bot's token.
        status = getattr(error, "status", None)
        reason = f"HTTP {HTTPStatus(status)}" if status else type(error).__name__
        raise TelegramNetworkError(
            GetFile(file_id=file.file_id), f"a file could not be fetched: {reason}"
        ) from None
    return bytes(content)
