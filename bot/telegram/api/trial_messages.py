"""Trial of each kind of message that the bot sends; nothing of it stays in the chat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.model import (
    ChatGone,
    ChatId,
    OutgoingMessage,
    ReplyTo,
    SendOutcome,
    Sent,
    StoryButtons,
    StoryId,
)
from bot.telegram.api.client import open_delivery_bot
from bot.telegram.api.send import edit, send

# To one chat a bot may send a message a second: https://core.telegram.org/bots/faq
GAP_SECONDS = 1.1

_URL = "https://telegram.org/"
_HEADLINE = "ReadAlso tries its messages"
_STORY = OutgoingMessage(
    text=f'<b><a href="{_URL}">{_HEADLINE}</a></b>\n\nIt is deleted at once. <i>ReadAlso</i>',
    preview=None,
    silent=True,
)
_BUTTONS = StoryButtons(
    story_id=StoryId(1), title=_HEADLINE, url=_URL, source_count=2, link_count=1, kind="private"
)
_LINES = "\n".join(f'• <a href="{_URL}?{n}">{_HEADLINE} {n}</a>, ReadAlso' for n in range(1, 21))
_KINDS = {
    "plain text": OutgoingMessage(text=_HEADLINE, preview=None, is_html=False, silent=True),
    "a story": _STORY,
    "a story with a preview": replace(_STORY, preview=_URL),
    "a story with buttons": replace(_STORY, buttons=_BUTTONS),
    "a bundle of 20 stories": replace(_STORY, text=_LINES),
}


async def try_messages(
    token: str, api: str, chat_id: ChatId, *, gap_seconds: float = GAP_SECONDS
) -> list[tuple[str, SendOutcome]]:
    """Send each kind of message without a sound, and delete them; return what became of each.

    Raises:
        SetupError: if the token is wrong, or used by another process.
    """
    outcomes: list[tuple[str, SendOutcome]] = []
    async with open_delivery_bot(token, api) as bot:
        try:
            async for name, outcome in _outcomes(bot, chat_id):
                outcomes.append((name, outcome))
                await asyncio.sleep(gap_seconds)
        finally:
            for message_id in {each.message_id for _, each in outcomes if isinstance(each, Sent)}:
                with suppress(AiogramError):
                    await bot.delete_message(chat_id, message_id)
    return outcomes


async def _outcomes(bot: Bot, chat_id: ChatId) -> AsyncIterator[tuple[str, SendOutcome]]:
    """Yield what became of each kind of message; none is tried where the chat takes none."""
    last = None
    for name, message in _KINDS.items():
        outcome = await send(bot, chat_id, message)
        yield name, outcome
        if isinstance(outcome, ChatGone):
            return
        last = outcome.message_id if isinstance(outcome, Sent) else last
    if last is not None:
        answer = replace(_STORY, reply_to=ReplyTo(last, quote=_HEADLINE))
        yield "a reply with a quote", await send(bot, chat_id, answer)
        yield "an edit", await edit(bot, chat_id, last, replace(_STORY, text="changed"))
