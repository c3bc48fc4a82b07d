"""Who is speaking to us, in which language, and whether they may command."""

from collections.abc import Callable
from datetime import datetime

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message, User

from bot.i18n import Translator, closest_language, speak
from bot.model import ChatId, ChatKind, Language, ManagedChannel, Subscriber
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import chat_members

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
        user = event.from_user
        return user is not None and await is_admin(bot, ChatId(chat.id), user)


async def managed(db: Database, event: Event) -> ManagedChannel | None:
    """Return the channel that a private chat speaks of; None: each chat speaks of itself."""
    chat = chat_of(event)
    if chat.type != ChatType.PRIVATE:
        return None
    return await subscribers.find_managed(db.reader, ChatId(chat.id))


async def target_chat_id(db: Database, event: Event) -> ChatId:
    """Return the chat whose settings are spoken of: this one, or a channel managed from here."""
    channel = await managed(db, event)
    return channel.channel_id if channel else ChatId(chat_of(event).id)


async def find_subscriber(db: Database, event: Event) -> Subscriber | None:
    """Return the subscriber that is spoken of; None: we know nothing of it."""
    return await subscribers.find(db.reader, await target_chat_id(db, event))


async def ensure_subscriber(db: Database, event: Event, *, now: datetime) -> Subscriber:
    """Return the subscriber that is spoken of, new or back again if need be.

    A new one speaks the language of the person who is talking to us.
    """
    chat, language = chat_of(event), own_language(event)
    chat_id = await target_chat_id(db, event)
    kind = KINDS[chat.type] if chat_id == chat.id else "channel"
    async with db.transaction() as tx:
        await subscribers.join(tx, chat_id, kind=kind, language=language, now=now)
        subscriber = await subscribers.find(tx, chat_id)
    assert subscriber is not None
    return subscriber


async def translator_for(db: Database, event: Event) -> Translator:
    """Return the language to answer in: the one chosen, else the person's own."""
    subscriber = await find_subscriber(db, event)
    return speak(subscriber.language if subscriber else own_language(event))


def chat_of(event: Event) -> Chat:
    """Return the chat; a press on a button of a message too old to see has none but its id."""
    if not isinstance(event, CallbackQuery):
        return event.chat
    assert event.message is not None  # only inline mode's messages have none
    return event.message.chat


def own_language(event: Event) -> Language:
    """Return the language of whoever did it; in a channel nobody is named."""
    user = event.from_user
    return closest_language(user.language_code if user else None)


async def is_admin(bot: Bot, chat_id: ChatId, user: User) -> bool:
    """Return whether the user administers the chat, for all that we can see."""
    try:
        member = await bot.get_chat_member(chat_id, user.id)
    # A group can hide its members from us; a channel does, where we are no admin ourselves.
    except (TelegramBadRequest, TelegramForbiddenError):
        return False
    return chat_members.is_admin(member)
