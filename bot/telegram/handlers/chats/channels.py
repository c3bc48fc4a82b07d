"""/channel: manage a channel from the private chat, as if one spoke there."""

from html import escape

from aiogram import Bot, F, Router
from aiogram.enums import ChatType, MessageOriginType
from aiogram.filters import Command, CommandObject, Filter
from aiogram.types import (
    CallbackQuery,
    Chat,
    InlineKeyboardMarkup,
    Message,
    MessageOriginChannel,
)

from bot.i18n import Translator, speak
from bot.model import ChatId, ManagedChannel
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import chat_members, context
from bot.telegram.api.startup import name_of
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards import settings as keyboards
from bot.telegram.keyboards.settings import LeaveChannel, ManageChannel
from bot.telegram.keyboards.topics import topic_choice
from bot.telegram.replies import answer, answer_callback, edit, quote, speaks_of
from bot.topics import Topics

STOP_WORDS = ("off", "stop")


class IsAboutAnotherChat(Filter):
    """Lets pass presses under what spoke of another chat than the one that is spoken of now."""

    async def __call__(self, query: CallbackQuery, db: Database) -> bool:
        if context.chat_of(query).type != ChatType.PRIVATE:
            return False
        managed = await context.managed(db, query)
        if not isinstance(query.message, Message):
            return managed is not None  # too old to be seen: nobody knows of what it spoke
        return not speaks_of(query.message.text or "", managed)


class HasLostRights(Filter):
    """Lets pass what is meant for a channel that its sender does not administer any more."""

    async def __call__(
        self, event: Message | CallbackQuery, bot: Bot, db: Database
    ) -> bool | dict[str, ManagedChannel]:
        managed = await context.managed(db, event)
        if managed is None or event.from_user is None:
            return False
        if await context.is_admin(bot, managed.channel_id, event.from_user):
            return False
        return {"managed": managed}


def router() -> Router:
    """Return the router of managed channels; it must come before all that changes settings."""
    made = Router(name="channels")
    is_private = F.chat.type == ChatType.PRIVATE
    made.message.register(
        on_forwarded_post, is_private, F.forward_origin.type == MessageOriginType.CHANNEL
    )
    made.message.register(channel, is_private, Command("channel"))
    made.message.register(on_rights_lost, is_private, HasLostRights())
    on_callback(made, ManageChannel, manage_channel)
    made.callback_query.register(answer_stale_button, IsAboutAnotherChat())
    made.callback_query.register(on_callback_rights_lost, HasLostRights())
    on_callback(made, LeaveChannel, leave_channel)
    on_command(made, "channel", answer_wrong_chat)
    return made


async def channel(
    message: Message, command: CommandObject, bot: Bot, db: Database, topics: Topics, now: Now
) -> None:
    """Manage the named channel from now on, or none; without a name, say which it is."""
    name = (command.args or "").strip()
    if name.lower() in STOP_WORDS:
        await _end(db, message)
        say = await context.translator_for(db, message)
        await answer(message, db, _ended(say))
    elif not name:
        await _show(message, bot, db)
    elif found := await chat_members.find(bot, name):
        answered = await _begin(message, found, bot=bot, db=db, topics=topics, now=now)
        await answer(message, db, *answered)
    else:
        say = await context.translator_for(db, message)
        text = say(
            "I find no channel called “{name}”. Write its address, <code>/channel @name</code>, or"
            " forward me one of its posts.",
            name=quote([name]),
        )
        await answer(message, db, text)


async def on_forwarded_post(
    message: Message, bot: Bot, db: Database, topics: Topics, now: Now
) -> None:
    """Manage the channel that the post is from."""
    assert isinstance(message.forward_origin, MessageOriginChannel)
    chat = message.forward_origin.chat
    answered = await _begin(message, chat, bot=bot, db=db, topics=topics, now=now)
    await answer(message, db, *answered)


async def manage_channel(
    query: CallbackQuery,
    callback_data: ManageChannel,
    bot: Bot,
    db: Database,
    topics: Topics,
    now: Now,
) -> None:
    """Manage the channel of the button; where that may not be, the button stays for later."""
    chat = await chat_members.seen(bot, callback_data.channel_id)
    if chat is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    text, keyboard = await _begin(query, chat, bot=bot, db=db, topics=topics, now=now)
    await answer_callback(query)
    await edit(query, db, text, keyboard or query.message.reply_markup)


async def leave_channel(query: CallbackQuery, db: Database) -> None:
    """Speak of the private chat again, asked by the button."""
    await _end(db, query)
    say = await context.translator_for(db, query)
    await answer_callback(query)
    await edit(query, db, _ended(say))


async def on_rights_lost(message: Message, managed: ManagedChannel, db: Database) -> None:
    """End what its sender may do no more, and say so."""
    await _end(db, message)
    say = await context.translator_for(db, message)
    await answer(message, db, escape(_lost_words(managed, say)))


async def on_callback_rights_lost(
    query: CallbackQuery, managed: ManagedChannel, db: Database
) -> None:
    """The same for a press."""
    await _end(db, query)
    say = await context.translator_for(db, query)
    await answer_callback(query, _lost_words(managed, say), alert=True)


async def answer_wrong_chat(message: Message, db: Database) -> None:
    """Say where a channel is managed."""
    say = await context.translator_for(db, message)
    await answer(message, db, say("Write that to me in our private chat."))


async def _begin(
    event: Message | CallbackQuery, chat: Chat, *, bot: Bot, db: Database, topics: Topics, now: Now
) -> tuple[str, InlineKeyboardMarkup | None]:
    """Manage the channel, if that may be; return what to say: its topics, or why it may not."""
    managed = ManagedChannel(channel_id=ChatId(chat.id), name=chat_members.name_of(chat))
    refusal = await _refusal(event, chat, managed.name, bot=bot, db=db)
    if refusal is not None:
        return refusal, None
    async with db.transaction() as tx:
        await subscribers.start_managing(tx, ChatId(context.chat_of(event).id), managed)
    subscriber = await context.ensure_subscriber(db, event, now=now())
    say = speak(subscriber.language)
    text = say(
        "From now on all you say and tap here is about this channel: topics, times, languages."
        " /channel leads back.\n\n"
        "Which topics shall it bring? Tap them, then “Show me the news”."
    )
    return text, topic_choice(topics, subscriber.topics, say)


async def _refusal(
    event: Message | CallbackQuery, chat: Chat, name: str, *, bot: Bot, db: Database
) -> str | None:
    """Say why this channel cannot be managed, and what to do; None: it can."""
    say = await context.translator_for(db, event)
    if chat.type != ChatType.CHANNEL:
        return say("{name} is no channel. In a group its admins write the commands.", name=name)
    if not await chat_members.may_post(bot, chat):
        return say(
            "I may not post in {name} yet. Make me an admin there with the right to post, then"
            " try again.",
            name=name,
        )
    user = event.from_user
    if user is None or not await context.is_admin(bot, ChatId(chat.id), user):
        return say(
            "Only admins of {name} can manage it. Ask one of them to make you an admin, or to"
            " write to me.",
            name=name,
        )
    return None


async def _show(message: Message, bot: Bot, db: Database) -> None:
    say = await context.translator_for(db, message)
    if await context.managed(db, message):
        text = say("All you say and tap here is about this channel.")
        await answer(message, db, text, keyboards.leave_channel(say))
        return
    text = say(
        "You can manage a channel from here. Make me an admin there with the right to post, then"
        " write <code>/channel @name</code>, or forward me one of its posts."
    )
    await answer(message, db, text, keyboards.add_to_channel(await name_of(bot), say))


async def _end(db: Database, event: Message | CallbackQuery) -> None:
    async with db.transaction() as tx:
        await subscribers.stop_managing(tx, ChatId(context.chat_of(event).id))


def _ended(say: Translator) -> str:
    return say("From now on we speak of this chat again.")


def _lost_words(managed: ManagedChannel, say: Translator) -> str:
    return say.plain(
        "I cannot see any more that you are an admin of {name}: from now on we speak of this chat"
        " again.",
        name=managed.name,
    )
