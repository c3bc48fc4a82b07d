"""What becomes of chats: we are blocked, invited, thrown out, or a group gets a new id."""

from contextlib import suppress

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import ChatMemberUpdated, Message

from bot.i18n import speak
from bot.model import ChatId
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.outbox import deliveries
from bot.storage.subscribers import subscribers, threads
from bot.telegram import chat_members, context
from bot.telegram.context import Now
from bot.telegram.handlers.start import welcome
from bot.telegram.keyboards import common
from bot.topics import Topics


def router() -> Router:
    """Return the router of memberships."""
    made = Router(name="membership")
    made.my_chat_member.register(gone, _is_shut)
    made.my_chat_member.register(promoted, F.chat.type == ChatType.CHANNEL)
    made.my_chat_member.register(invited, _is_invitation)
    made.my_chat_member.register(back)
    made.message.register(moved, F.migrate_to_chat_id)
    return made


async def gone(update: ChatMemberUpdated, db: Database, now: Now) -> None:
    """Owe nothing to a chat that blocked us, muted us or threw us out; keep its settings."""
    async with db.transaction() as tx:
        chat_id = ChatId(update.chat.id)
        await deliveries.close(tx, chat_id, reason="left by the chat", now=now())


async def promoted(update: ChatMemberUpdated, bot: Bot, db: Database, now: Now) -> None:
    """Make a channel where we may post ready to be set up, and tell its admin alone how."""
    subscriber = await context.ensure_subscriber(db, update, now=now())
    if chat_members.may_write(update.old_chat_member, update.chat.type):
        return
    say = speak(subscriber.language)
    text = say(
        "I may post in {name} now. Which news shall it bring?",
        name=chat_members.name_of(update.chat),
    )
    keyboard = common.manage_channel(subscriber.chat_id, say)
    # Who has never written to us cannot be written to.
    with suppress(TelegramForbiddenError, TelegramBadRequest):
        await bot.send_message(update.from_user.id, text, reply_markup=keyboard)


async def invited(update: ChatMemberUpdated, db: Database, topics: Topics, now: Now) -> None:
    """Greet a group that has just invited us; its old settings hold."""
    subscriber = await context.ensure_subscriber(db, update, now=now())
    say = speak(subscriber.language)
    await update.answer(welcome(say), reply_markup=common.topics(topics, subscriber.topics, say))


async def back(update: ChatMemberUpdated, db: Database) -> None:
    """Write again to a chat that has changed what we may do there; its answer will tell."""
    async with db.transaction() as tx:
        await subscribers.mark_back(tx, ChatId(update.chat.id))
        # An admin writes into closed threads too.
        await threads.reopen(tx, ChatId(update.chat.id))


async def moved(message: Message, db: Database) -> None:
    """Follow a group that became a supergroup to its new id."""
    assert message.migrate_to_chat_id is not None
    async with db.transaction() as tx:
        old, new = ChatId(message.chat.id), ChatId(message.migrate_to_chat_id)
        await subscribers.move(tx, old, new)
        await updates.move(tx, old, new)


def _is_shut(update: ChatMemberUpdated) -> bool:
    return not chat_members.may_write(update.new_chat_member, update.chat.type)


def _is_invitation(update: ChatMemberUpdated) -> bool:
    is_group = update.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)
    return is_group and chat_members.is_out(update.old_chat_member)
