"""Find the channel that is meant, its name, and whether we may post in it."""

import re

from aiogram import Bot
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import Chat, ChatMemberAdministrator, ChatMemberRestricted, ChatMemberUnion

# https://core.telegram.org/method/account.checkUsername
_NAME = re.compile(r"(?:(?:https?://)?t\.me/|@)?([A-Za-z]\w{3,31})/?", re.ASCII)
# With the words around it, it fits into a toast.
_MOST_NAME_CHARS = 60


_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)


async def find(bot: Bot, name: str) -> Chat | None:
    """Return the chat of that address; None: there is none."""
    address = _NAME.fullmatch(name)
    if address is None:
        return None
    username = address[1]
    try:
        return await bot.get_chat(f"@{username}")
    except TelegramBadRequest:
        return None
    except TelegramForbiddenError:
        # It is there, and has thrown us out: without an id we may not post in it either.
        return Chat(id=0, type=ChatType.CHANNEL, username=username)


async def seen(bot: Bot, channel_id: int) -> Chat | None:
    """Return the chat of that id; None: it shows itself to us no more."""
    try:
        return await bot.get_chat(channel_id)
    except (TelegramBadRequest, TelegramForbiddenError):
        return None


async def may_post(bot: Bot, chat: Chat) -> bool:
    """Return whether we may post in the channel, for all that we can see."""
    try:
        own = await bot.get_chat_member(chat.id, bot.id)
    except (TelegramBadRequest, TelegramForbiddenError):
        return False
    return may_write(own, chat.type)


def name_of(chat: Chat) -> str:
    """Return how people know the channel: by its @name, else by its title."""
    if chat.username:
        return f"@{chat.username}"
    title = " ".join((chat.title or "").split())
    return title if len(title) <= _MOST_NAME_CHARS else f"{title[:_MOST_NAME_CHARS].rstrip()}…"


def is_out(member: ChatMemberUnion) -> bool:
    """Tell whether the member has left the chat, or was thrown out."""
    return member.status in _OUT


def is_admin(member: ChatMemberUnion) -> bool:
    """Tell whether the member owns or administers the chat."""
    return member.status in (ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR)


def may_write(member: ChatMemberUnion, chat_type: str) -> bool:
    """Tell whether a bot that stands so may write to such a chat."""
    if chat_type == ChatType.CHANNEL:
        return isinstance(member, ChatMemberAdministrator) and bool(member.can_post_messages)
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return not is_out(member)
