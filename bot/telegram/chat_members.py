"""Chats and membership: look up a channel, its name, and the rights of a member."""

import re

from aiogram import Bot
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import Chat, ChatMember, ChatMemberUnion

# https://core.telegram.org/method/account.checkUsername
_USERNAME = re.compile(r"(?:(?:https?://)?t\.me/|@)?([A-Za-z]\w{3,31})/?", re.ASCII)
# A toast, with the words around the name, has 200 characters at the most.
MAX_NAME_CHARS = 60


async def find_chat(bot: Bot, name: str) -> Chat | None:
    """Return the chat of a username or t.me address; None if there is none."""
    match = _USERNAME.fullmatch(name)
    if match is None:
        return None
    username = match[1]
    try:
        return await bot.get_chat(f"@{username}")
    except TelegramBadRequest:
        return None
    except TelegramForbiddenError:
        # The chat exists and has banned the bot; without an id `may_post` is false for it.
        return Chat(id=0, type=ChatType.CHANNEL, username=username)


async def get_chat(bot: Bot, chat_id: int) -> Chat | None:
    """Return the chat of that id; None if the bot cannot see it any more."""
    try:
        return await bot.get_chat(chat_id)
    except (TelegramBadRequest, TelegramForbiddenError):
        return None


async def may_post(bot: Bot, chat: Chat) -> bool:
    """Return whether the bot may post in the chat; false if Telegram does not tell."""
    try:
        member = await bot.get_chat_member(chat.id, bot.id)
    except (TelegramBadRequest, TelegramForbiddenError):
        return False
    return may_write(member, chat.type)


def channel_name(chat: Chat) -> str:
    """Return the @username of the channel, else its title."""
    if chat.username:
        return f"@{chat.username}"
    title = " ".join((chat.title or "").split())
    return title if len(title) <= MAX_NAME_CHARS else f"{title[:MAX_NAME_CHARS].rstrip()}…"


# Of a membership no more than its status and the rights to write are read: Telegram adds and leaves
# out the others, and a lenient parse keeps those that came on a plain `ChatMember`.
Member = ChatMemberUnion | ChatMember | None


def has_left(member: Member) -> bool:
    """Return whether the member has left the chat or is banned from it."""
    return _status(member) in (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)


def administers(member: Member) -> bool:
    """Return whether the member owns or administers the chat."""
    return _status(member) in (ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR)


def may_write(member: Member, chat_type: str) -> bool:
    """Return whether a bot with that membership may write to a chat of that type.

    Where Telegram does not tell, it may: the next message shows.
    """
    if has_left(member):
        return False
    if chat_type == ChatType.CHANNEL:
        return administers(member) and bool(getattr(member, "can_post_messages", False))
    if _status(member) == ChatMemberStatus.RESTRICTED:
        rights = ("is_member", "can_send_messages")
        return all(getattr(member, right, None) is not False for right in rights)
    return True


def _status(member: Member) -> str:
    return str(getattr(member, "status", ""))
