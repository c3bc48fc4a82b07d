"""Who is speaking to us, in which language, and whether they may command."""

from collections.abc import Callable
from datetime import datetime

from aiogram import Bot
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message, User

from bot.model import ChatId, ChatKind, Language, Subscriber
from bot.storage import subscribers
from bot.storage.database import Database
from bot.texts import Say, closest_language, speak

KINDS: dict[str, ChatKind] = {
    ChatType.PRIVATE: "private",
    ChatType.GROUP: "group",
    ChatType.SUPERGROUP: "group",
    ChatType.CHANNEL: "channel",
}

Now = Callable[[], datetime]
# What people do in a chat that we answer to.
Event = Message | CallbackQuery | ChatMemberUpdated


class MayCommand(Filter):
    """Lets pass a person in a private chat, and the admins of a group or channel."""

    async def __call__(self, event: Message | CallbackQuery, bot: Bot) -> bool:
        """Return whether the sender may change what this chat gets."""
        chat = chat_of(event)
        if chat.type == ChatType.PRIVATE:
            return True
        # Only admins can post in a channel; an anonymous admin posts as the group itself.
        if isinstance(event, Message):
            if chat.type == ChatType.CHANNEL:
                return True
            if event.sender_chat is not None:
                return event.sender_chat.id == chat.id
        return event.from_user is not None and await _is_admin(bot, chat, event.from_user)


async def find(db: Database, event: Event) -> Subscriber | None:
    """Return the subscriber that the chat is; None: we know nothing of it."""
    return await subscribers.find(db.reader, ChatId(chat_of(event).id))


async def join(db: Database, event: Event, *, now: datetime) -> Subscriber:
    """Return the subscriber that the chat is, new or back again if need be.

    A new one speaks the language of the person who is talking to us.
    """
    chat, language = chat_of(event), _own_language(event)
    chat_id, kind = ChatId(chat.id), KINDS[chat.type]
    async with db.transaction() as tx:
        await subscribers.join(tx, chat_id, kind=kind, language=language, now=now)
        subscriber = await subscribers.find(tx, chat_id)
    assert subscriber is not None
    return subscriber


async def voice(db: Database, event: Event) -> Say:
    """Return the language to answer in: the one chosen, else the person's own."""
    subscriber = await find(db, event)
    return speak(subscriber.language if subscriber else _own_language(event))


def chat_of(event: Event) -> Chat:
    """Return the chat; a press on a button of a message too old to see has none but its id."""
    if not isinstance(event, CallbackQuery):
        return event.chat
    assert event.message is not None  # only inline mode's messages have none
    return event.message.chat


def _own_language(event: Event) -> Language:
    """Return the language of whoever did it; in a channel nobody is named."""
    user = event.from_user
    return closest_language(user.language_code if user else None)


async def _is_admin(bot: Bot, chat: Chat, user: User) -> bool:
    try:
        member = await bot.get_chat_member(chat.id, user.id)
    except TelegramBadRequest:
        return False  # a group can hide its members from us
    return member.status in (ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR)
