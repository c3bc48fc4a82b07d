"""Options of a message that Telegram may refuse: the call is retried once without them.

A message arrives without its thread, reply, preview, effect or coloured buttons rather than not
at all, and no chat counts as gone for the refusal of an option.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters

from bot.telegram.api.errors import closes_thread, concerns_text, ends_thread

log = logging.getLogger(__name__)

_OPTIONS = (
    "message_thread_id",
    "direct_messages_topic_id",
    "reply_parameters",
    "reply_to_message_id",
    "message_effect_id",
)
_BUTTON_LOOKS = ("style", "icon_custom_emoji_id")


@dataclass(frozen=True, slots=True)
class RefusedOptionsMiddleware(BaseRequestMiddleware):
    """Retries a refused call once without its options.

    With `reports_threads` a closed or deleted thread stays an error, for a caller that records it.
    """

    reports_threads: bool = False

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request."""
        try:
            return await make_request(bot, method)
        except TelegramMigrateToChat:
            raise
        except TelegramBadRequest as error:
            is_thread_error = closes_thread(error.message) or ends_thread(error.message)
            if concerns_text(error.message) or (is_thread_error and self.reports_threads):
                raise
            bare = without_quote(method, error.message) or without_options(method)
            if bare is None:
                raise
            log.debug("%s is tried without its options: %s", method.__api_method__, error.message)
            return await make_request(bot, bare)


def without_quote(
    method: TelegramMethod[TelegramType], refusal: str
) -> TelegramMethod[TelegramType] | None:
    """Return the call as a reply without its quote, if that was refused; None if it was not."""
    reply = getattr(method, "reply_parameters", None)
    if not isinstance(reply, ReplyParameters) or not reply.quote or "quote" not in refusal.lower():
        return None
    return method.model_copy(update={"reply_parameters": reply.model_copy(update={"quote": None})})


def without_options(method: TelegramMethod[TelegramType]) -> TelegramMethod[TelegramType] | None:
    """Return the call without options; None if it has none."""
    changes: dict[str, object] = {
        name: None for name in _OPTIONS if getattr(method, name, None) is not None
    }
    preview = getattr(method, "link_preview_options", None)
    if isinstance(preview, LinkPreviewOptions) and preview.is_disabled is not True:
        changes["link_preview_options"] = LinkPreviewOptions(is_disabled=True)
    keyboard = getattr(method, "reply_markup", None)
    if isinstance(keyboard, InlineKeyboardMarkup):
        plain: Mapping[str, Any] = dict.fromkeys(_BUTTON_LOOKS)
        shown = keyboard.inline_keyboard
        rows = [[button.model_copy(update=plain) for button in row] for row in shown]
        if rows != shown:
            changes["reply_markup"] = InlineKeyboardMarkup(inline_keyboard=rows)
    return method.model_copy(update=changes) if changes else None
