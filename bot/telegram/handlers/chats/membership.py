"""Membership updates: the bot is blocked, invited, promoted or removed; groups change their id."""

from contextlib import suppress

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import ChatMemberUpdated, Message

from bot.i18n import speak
from bot.model import ChatId
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.feeds import channels
from bot.storage.outbox import deliveries
from bot.storage.subscribers import absences, subscribers, threads
from bot.telegram import chat_members, context
from bot.telegram.context import Now
from bot.telegram.handlers.start import was_just_greeted, welcome_text
from bot.telegram.keyboards.settings import manage_channel
from bot.telegram.keyboards.topics import topic_choice
from bot.topics import Topics


def router() -> Router:
    """Return the router of memberships."""
    routes = Router(name="membership")
    routes.my_chat_member.register(
        on_bot_blocked,
        lambda update: not chat_members.may_write(update.new_chat_member, update.chat.type),
    )
    routes.my_chat_member.register(on_channel_promotion, F.chat.type == ChatType.CHANNEL)
    routes.my_chat_member.register(
        on_group_invitation,
        F.chat.type.in_({ChatType.GROUP, ChatType.SUPERGROUP}),
        lambda update: chat_members.has_left(update.old_chat_member),
    )
    routes.my_chat_member.register(on_rights_restored)
    routes.message.register(on_group_migration, F.migrate_to_chat_id)
    return routes


async def on_bot_blocked(update: ChatMemberUpdated, db: Database, now: Now) -> None:
    """Close the deliveries of a chat that blocked, muted or removed the bot; keep its settings."""
    async with db.transaction() as tx:
        chat_id = ChatId(update.chat.id)
        await deliveries.close(tx, chat_id, reason="left by the chat", now=now())
        # An admin that may not post still gets what others post.
        if not chat_members.administers(update.new_chat_member):
            await channels.end(tx, chat_id)


async def on_channel_promotion(update: ChatMemberUpdated, bot: Bot, db: Database, now: Now) -> None:
    """Subscribe a channel where the bot may post now, and tell its admin how to set it up."""
    subscriber = await context.ensure_subscriber(db, update, now=now())
    admin_id = getattr(update.from_user, "id", None)  # Telegram may leave the admin out
    if admin_id is None or chat_members.may_write(update.old_chat_member, update.chat.type):
        return
    say = speak(subscriber.language)
    text = say(
        "I can post in {name} now. What should it post?",
        name=chat_members.channel_name(update.chat),
    )
    keyboard = manage_channel(subscriber.chat_id, say)
    # Telegram refuses messages to a person who never started the bot.
    with suppress(TelegramForbiddenError, TelegramBadRequest):
        await bot.send_message(admin_id, text, reply_markup=keyboard)


async def on_group_invitation(
    update: ChatMemberUpdated, db: Database, topics: Topics, now: Now
) -> None:
    """Greet a group that added the bot; earlier settings are kept."""
    is_greeted = await was_just_greeted(update, db, now=now())
    subscriber = await context.ensure_subscriber(db, update, now=now())
    if not is_greeted:
        say = speak(subscriber.language)
        keyboard = topic_choice(topics, subscriber.topics, say, is_greeting=True)
        await update.answer(welcome_text(say), reply_markup=keyboard)


async def on_rights_restored(update: ChatMemberUpdated, db: Database, now: Now) -> None:
    """Resume sending to a chat that changed the bot's rights; the next send shows if it may."""
    async with db.transaction() as tx:
        await absences.mark_back(tx, ChatId(update.chat.id), now=now())
        # As an admin the bot may write into closed threads too.
        await threads.reopen(tx, ChatId(update.chat.id))


async def on_group_migration(message: Message, db: Database) -> None:
    """Move all data of a group that became a supergroup to its new id."""
    assert message.migrate_to_chat_id is not None
    async with db.transaction() as tx:
        old, new = ChatId(message.chat.id), ChatId(message.migrate_to_chat_id)
        await subscribers.move(tx, old, new)
        await updates.move(tx, old, new)
