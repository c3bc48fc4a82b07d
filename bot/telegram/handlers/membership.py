"""What becomes of chats: we are blocked, invited, thrown out, or a group gets a new id."""

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import ChatMemberUpdated, Message

from bot.model import ChatId
from bot.storage import deliveries, subscribers, threads, updates
from bot.storage.database import Database
from bot.telegram import audience, keyboards
from bot.telegram.audience import Now
from bot.telegram.handlers.start import welcome
from bot.texts import speak
from bot.topics import Topics

_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)


def router() -> Router:
    """Return the router of memberships."""
    made = Router(name="membership")
    made.my_chat_member.register(gone, F.new_chat_member.status.in_(_OUT))
    made.my_chat_member.register(arrived, F.old_chat_member.status.in_(_OUT))
    made.my_chat_member.register(back)
    made.message.register(moved, F.migrate_to_chat_id)
    return made


async def gone(update: ChatMemberUpdated, db: Database, now: Now) -> None:
    """Owe nothing to a chat that blocked us or threw us out; keep its settings."""
    async with db.transaction() as tx:
        chat_id = ChatId(update.chat.id)
        await subscribers.mark_gone(tx, chat_id, now=now())
        await deliveries.record_gone(tx, chat_id, reason="left by the chat", now=now())


async def arrived(update: ChatMemberUpdated, db: Database, topics: Topics, now: Now) -> None:
    """Come back to a chat with its old settings; greet a group that has just invited us."""
    if update.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        await back(update, db)
        return
    subscriber = await audience.join(db, update, now=now())
    say = speak(subscriber.language)
    await update.answer(welcome(say), reply_markup=keyboards.topics(topics, subscriber.topics, say))


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
