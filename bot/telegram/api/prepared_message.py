"""A message to many chats: its body is encoded once, and for each chat the id alone is added."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Self

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.methods import SendMessage
from aiogram.types import InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from pydantic import PrivateAttr

from bot.model import ChatId, OutgoingMessage
from bot.telegram.keyboards.story import under_story

# "0-1024 characters after entities parsing", https://core.telegram.org/bots/api#replyparameters.
# Of characters that take two units each.
MAX_QUOTE_CHARS = 512


class PreparedMessage(SendMessage):
    """sendMessage with its body as JSON, which the Bot API takes as well as a form.

    Source: https://core.telegram.org/bots/api#making-requests
    """

    _tail: bytes = PrivateAttr(default=b"")

    @property
    def body(self) -> bytes:
        """The body of the request; empty if the message was changed after it was encoded."""
        return self._tail and b'{"chat_id":%d%s' % (int(self.chat_id), self._tail)

    @classmethod
    def of(cls, call: SendMessage, bot: Bot) -> Self:
        """Return the call, with all but its chat encoded under the defaults of the bot."""
        fields: dict[str, Any] = {}
        for name, value in call.model_dump(warnings=False, exclude={"chat_id"}).items():
            prepared = bot.session.prepare_value(value, bot=bot, files={}, _dumps_json=False)
            if prepared is not None:
                fields[name] = prepared
        message = cls.model_construct(**dict(call))
        # The text is among the fields, so that a comma follows the chat.
        message._tail = b"," + json.dumps(fields, ensure_ascii=False).encode()[1:]  # noqa: SLF001
        return message

    def to(self, chat_id: ChatId) -> Self:
        """Return the message to this chat."""
        message = type(self).__new__(type(self))
        object.__setattr__(message, "__dict__", {**self.__dict__, "chat_id": chat_id})
        # Nobody changes them, so that the messages to all chats share them.
        for name in ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"):
            object.__setattr__(message, name, getattr(self, name))
        return message

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return the call with other fields, and without this body."""
        changed = super().model_copy(update=update, deep=deep)
        changed._tail = b""  # noqa: SLF001
        return changed


@lru_cache(maxsize=256)
def prepare(bot: Bot, message: OutgoingMessage, *, bot_name: str) -> PreparedMessage:
    """Return the message, to no chat yet."""
    reply = message.reply_to
    call = SendMessage(
        chat_id=0,
        text=message.text,
        parse_mode=ParseMode.HTML if message.is_html else None,
        link_preview_options=preview(message.preview, is_picture=message.is_picture),
        disable_notification=message.silent or None,
        message_thread_id=message.thread_id,
        # The chat may have deleted what this replies to.
        reply_parameters=None
        if reply is None
        else ReplyParameters(
            message_id=reply.message_id,
            allow_sending_without_reply=True,
            quote=reply.quote[:MAX_QUOTE_CHARS] or None,
        ),
        reply_markup=keyboard(message, bot_name=bot_name),
    )
    return PreparedMessage.of(call, bot)


def keyboard(message: OutgoingMessage, *, bot_name: str) -> InlineKeyboardMarkup | None:
    """Return the buttons under the message; None if it has none."""
    if message.buttons is None:
        return None
    return under_story(message.buttons, bot_name=bot_name)


@lru_cache(maxsize=64)
def preview(url: str | None, *, is_picture: bool = False) -> LinkPreviewOptions:
    """Return the options for a small preview of a page, or a large picture above the text.

    Without an address they are those of no preview.
    """
    if url is None:
        return LinkPreviewOptions(is_disabled=True)
    if is_picture:
        return LinkPreviewOptions(url=url, prefer_large_media=True, show_above_text=True)
    return LinkPreviewOptions(url=url, prefer_small_media=True)
