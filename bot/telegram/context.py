"""Context of an update: its chat, the subscriber whose settings it is about, and the language."""

from collections.abc import Callable
from datetime import datetime

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message, User

from bot.i18n import Translator, closest_language, speak
from bot.model import ChatId, ChatKind, Language, ManagedChannel, Subscriber
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import chat_members

CHAT_KINDS: dict[str, ChatKind] = {
    ChatType.PRIVATE: "private",
    ChatType.GROUP: "group",
    ChatType.SUPERGROUP: "group",
    ChatType.CHANNEL: "channel",
}

Now = Callable[[], datetime]
# The kinds of updates that happen in a chat and are answered there.
Event = Message | CallbackQuery | ChatMemberUpdated


async def managed_channel(db: Database, event: Event) -> ManagedChannel | None:
    """Return the channel that a private chat manages; None if it manages none, or is no such."""
    chat = chat_of(event)
    if chat.type != ChatType.PRIVATE:
        return None
    return await subscribers.find_managed(db.reader, ChatId(chat.id))


async def target_chat_id(db: Database, event: Event) -> ChatId:
    """Return the chat whose settings the update is about: the managed channel, else its own."""
    channel = await managed_channel(db, event)
    return channel.channel_id if channel else ChatId(chat_of(event).id)


async def find_subscriber(db: Database, event: Event) -> Subscriber | None:
    """Return the subscriber whose settings the update is about; None if it is unknown."""
    return await subscribers.find(db.reader, await target_chat_id(db, event))


async def ensure_subscriber(db: Database, event: Event, *, now: datetime) -> Subscriber:
    """Return the subscriber whose settings the update is about; create or reactivate it if needed.

    A new one has the language of the person that the update is from.
    """
    chat, language = chat_of(event), user_language(event)
    chat_id = await target_chat_id(db, event)
    kind = CHAT_KINDS[chat.type] if chat_id == chat.id else "channel"
    async with db.transaction() as tx:
        await subscribers.join(tx, chat_id, kind=kind, language=language, now=now)
        subscriber = await subscribers.find(tx, chat_id)
    assert subscriber is not None
    return subscriber


async def translator_for(db: Database, event: Event) -> Translator:
    """Return the translator into the subscriber's language, else into the person's own."""
    subscriber = await find_subscriber(db, event)
    return speak(subscriber.language if subscriber else user_language(event))


def chat_of(event: Event) -> Chat:
    """Return the chat; of a button on a message too old to be seen it has an id and a type."""
    if not isinstance(event, CallbackQuery):
        return event.chat
    assert event.message is not None  # None only for messages sent by inline mode
    return event.message.chat


def user_language(event: Event) -> Language:
    """Return the language of the person's Telegram; English in a channel, which names nobody."""
    user = event.from_user
    return closest_language(user.language_code if user else None)


async def is_chat_admin(bot: Bot, chat_id: ChatId, user: User) -> bool:
    """Return whether the user administers the chat; false if Telegram does not tell."""
    try:
        member = await bot.get_chat_member(chat_id, user.id)
    # A group can hide its members from the bot; a channel does unless the bot is its admin.
    except (TelegramBadRequest, TelegramForbiddenError):
        return False
    return chat_members.administers(member)
