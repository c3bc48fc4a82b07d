"""`readalso check --live`: each kind of message that the bot sends, tried on the real Telegram."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.cli.check import Finding
from bot.delivery.outcomes import outcome_text
from bot.errors import SetupError
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
from bot.settings import Settings
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


async def check_live(settings: Settings, *, gap_seconds: float = GAP_SECONDS) -> list[Finding]:
    """Send each kind of message to the first of ADMINS, without a sound, and delete them all.

    The findings name what Telegram refused, in its words.
    """
    if settings.bot_token is None or not settings.admins:
        words = "needs BOT_TOKEN, and your number in ADMINS: nothing was sent"
        return [Finding("messages", False, words, is_configuration=True)]
    findings, sent = [], set()
    token = settings.bot_token.get_secret_value()
    chat_id = ChatId(min(settings.admins))
    async with open_delivery_bot(token, str(settings.telegram_api)) as bot:
        try:
            async for name, outcome in _outcomes(bot, chat_id):
                if isinstance(outcome, Sent):
                    sent.add(outcome.message_id)
                    findings.append(Finding("messages", True, f"{name}: accepted"))
                else:
                    is_gone = isinstance(outcome, ChatGone)
                    remedy = "; write /start to the bot first" if is_gone else ""
                    words = f"{name}: {outcome_text(outcome)}{remedy}"
                    findings.append(Finding("messages", False, words))
                await asyncio.sleep(gap_seconds)
        except SetupError as error:
            findings.append(Finding("messages", False, str(error), is_configuration=True))
        finally:
            for message_id in sent:
                with suppress(AiogramError):
                    await bot.delete_message(chat_id, message_id)
    return findings


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
