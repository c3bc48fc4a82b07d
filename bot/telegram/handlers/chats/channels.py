"""/channel: managed channels, whose settings an admin changes from the private chat."""

from html import escape

from aiogram import Bot, F, Router
from aiogram.enums import ChatType, MessageOriginType
from aiogram.filters import CommandObject, Filter
from aiogram.types import (
    CallbackQuery,
    Chat,
    InlineKeyboardMarkup,
    Message,
    MessageOriginChannel,
)

from bot.i18n import speak
from bot.model import ChatId, ManagedChannel
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram import chat_members, context
from bot.telegram.api.startup import username_of
from bot.telegram.context import Now
from bot.telegram.handlers.chats.post_look import is_own_line, set_own_line
from bot.telegram.handlers.routing import CommandNamed, on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards import settings as keyboards
from bot.telegram.keyboards.post_look import manage_menu
from bot.telegram.keyboards.settings import LeaveChannel, ManageChannel
from bot.telegram.keyboards.topics import topic_choice
from bot.telegram.replies import answer, answer_callback, edit, is_about, quote
from bot.topics import Topics

STOP_WORDS = ("off", "stop")


class IsAboutAnotherChat(Filter):
    """Match buttons of a message about another chat than the one that is managed now."""

    async def __call__(self, query: CallbackQuery, db: Database) -> bool:
        """Return whether the button would change another chat than it shows."""
        if context.chat_of(query).type != ChatType.PRIVATE:
            return False
        managed = await context.managed_channel(db, query)
        if not isinstance(query.message, Message):
            return managed is not None  # too old for its text to tell which chat it was about
        return not is_about(query.message.text or "", managed)


class IsManaging(Filter):
    """Match messages of a private chat that manages a channel."""

    async def __call__(self, message: Message, db: Database) -> bool:
        """Return whether it manages one."""
        return await context.managed_channel(db, message) is not None


class HasLostRights(Filter):
    """Match updates about a managed channel that their sender no longer administers."""

    async def __call__(
        self, event: Message | CallbackQuery, bot: Bot, db: Database
    ) -> bool | dict[str, ManagedChannel]:
        """Return the channel as the handler's argument `managed`, or False."""
        managed = await context.managed_channel(db, event)
        if managed is None or event.from_user is None:
            return False
        if await context.is_chat_admin(bot, managed.channel_id, event.from_user):
            return False
        return {"managed": managed}


def router() -> Router:
    """Return the router of /channel; it must precede all routers that change settings."""
    routes = Router(name="channels")
    is_private = F.chat.type == ChatType.PRIVATE
    routes.message.register(
        on_forwarded_post, is_private, F.forward_origin.type == MessageOriginType.CHANNEL
    )
    own_line = CommandNamed("channel", magic=F.args.func(is_own_line))
    for observer in (routes.message, routes.edited_message):
        observer.register(on_rights_lost, is_private, own_line, HasLostRights())
        observer.register(set_own_line, is_private, own_line, IsManaging())
        observer.register(channel, is_private, CommandNamed("channel"))
        observer.register(on_rights_lost, is_private, HasLostRights())
    on_callback(routes, ManageChannel, manage_channel)
    routes.callback_query.register(answer_stale_button, IsAboutAnotherChat())
    routes.callback_query.register(on_callback_rights_lost, HasLostRights())
    on_callback(routes, LeaveChannel, leave_channel)
    on_command(routes, "channel", answer_wrong_chat)
    return routes


async def channel(
    message: Message, command: CommandObject, bot: Bot, db: Database, topics: Topics, now: Now
) -> None:
    """Start managing the named channel, or stop; without a name, say what is managed."""
    name = (command.args or "").strip()
    if name.lower() in STOP_WORDS:
        await answer(message, db, await _stop_managing(message, db))
    elif not name:
        await _answer_state(message, bot, db)
    elif chat := await chat_members.find_chat(bot, name):
        reply = await _start_managing(message, chat, bot=bot, db=db, topics=topics, now=now)
        await answer(message, db, *reply)
    else:
        say = await context.translator_for(db, message)
        text = say(
            "I can't find a channel called “{name}”. Write its address, <code>/channel "
            "@name</code>, or forward me one of its posts.",
            name=quote([name]),
        )
        await answer(message, db, text)


async def on_forwarded_post(
    message: Message, bot: Bot, db: Database, topics: Topics, now: Now
) -> None:
    """Start managing the channel of the forwarded post."""
    assert isinstance(message.forward_origin, MessageOriginChannel)
    chat = message.forward_origin.chat
    reply = await _start_managing(message, chat, bot=bot, db=db, topics=topics, now=now)
    await answer(message, db, *reply)


async def manage_channel(
    query: CallbackQuery,
    callback_data: ManageChannel,
    bot: Bot,
    db: Database,
    topics: Topics,
    now: Now,
) -> None:
    """Start managing the channel of the button; where that fails, the button stays."""
    chat = await chat_members.get_chat(bot, callback_data.channel_id)
    if chat is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    text, keyboard = await _start_managing(query, chat, bot=bot, db=db, topics=topics, now=now)
    await answer_callback(query)
    await edit(query, db, text, keyboard or query.message.reply_markup)


async def leave_channel(query: CallbackQuery, db: Database) -> None:
    """Stop managing the channel."""
    text = await _stop_managing(query, db)
    await answer_callback(query)
    await edit(query, db, text)


async def on_rights_lost(message: Message, managed: ManagedChannel, db: Database) -> None:
    """Stop managing a channel whose admin the sender no longer is."""
    await answer(message, db, escape(await _drop_managed(message, managed, db)))


async def on_callback_rights_lost(
    query: CallbackQuery, managed: ManagedChannel, db: Database
) -> None:
    """Stop managing a channel whose admin the presser of the button no longer is."""
    await answer_callback(query, await _drop_managed(query, managed, db), alert=True)


async def answer_wrong_chat(message: Message, db: Database) -> None:
    """Say that channels are managed from the private chat."""
    say = await context.translator_for(db, message)
    await answer(message, db, say("Write that to me in our private chat."))


async def _start_managing(
    event: Message | CallbackQuery, chat: Chat, *, bot: Bot, db: Database, topics: Topics, now: Now
) -> tuple[str, InlineKeyboardMarkup | None]:
    """Start managing the channel if the person may; return the answer, topics or refusal."""
    managed = ManagedChannel(channel_id=ChatId(chat.id), name=chat_members.channel_name(chat))
    refusal = await _refusal(event, chat, managed.name, bot=bot, db=db)
    if refusal is not None:
        return refusal, None
    async with db.transaction() as tx:
        await subscribers.start_managing(tx, ChatId(context.chat_of(event).id), managed)
    subscriber = await context.ensure_subscriber(db, event, now=now())
    say = speak(subscriber.language)
    text = say(
        "From now on everything you write and tap here is about this channel: topics, "
        "times, languages. /channel leads back.\n\n"
        "What should it post? Tap topics, then “Show me the news”."
    )
    return text, topic_choice(topics, subscriber.topics, say, is_greeting=True)


async def _refusal(
    event: Message | CallbackQuery, chat: Chat, name: str, *, bot: Bot, db: Database
) -> str | None:
    """Return why the channel cannot be managed, and what to do; None: it can be."""
    say = await context.translator_for(db, event)
    if chat.type != ChatType.CHANNEL:
        return say(
            "{name} is not a channel. In a group, its admins write the commands there.", name=name
        )
    if not await chat_members.may_post(bot, chat):
        return say(
            "I can't post in {name} yet. Make me an admin there with the right to post, "
            "then try again.",
            name=name,
        )
    user = event.from_user
    if user is None or not await context.is_chat_admin(bot, ChatId(chat.id), user):
        return say(
            "Only admins of {name} can manage it. Ask one of them to make you an admin, or to"
            " write to me.",
            name=name,
        )
    return None


async def _answer_state(message: Message, bot: Bot, db: Database) -> None:
    say = await context.translator_for(db, message)
    if await context.managed_channel(db, message):
        text = say("Everything you write and tap here is about this channel.")
        await answer(message, db, text, manage_menu(keyboards.leave_channel(say), say))
        return
    text = say(
        "You can manage a channel from here. Make me an admin there with the right to post, then"
        " write <code>/channel @name</code>, or forward me one of its posts."
    )
    await answer(message, db, text, keyboards.add_to_channel(await username_of(bot), say))


async def _stop_managing(event: Message | CallbackQuery, db: Database) -> str:
    """Have the private chat manage itself again; return the answer."""
    async with db.transaction() as tx:
        await subscribers.stop_managing(tx, ChatId(context.chat_of(event).id))
    say = await context.translator_for(db, event)
    return say("Back to this chat's own settings.")


async def _drop_managed(
    event: Message | CallbackQuery, managed: ManagedChannel, db: Database
) -> str:
    """Stop managing a channel for lack of rights; return the answer as plain text."""
    async with db.transaction() as tx:
        await subscribers.stop_managing(tx, ChatId(context.chat_of(event).id))
    say = await context.translator_for(db, event)
    return say.plain(
        "You no longer seem to be an admin of {name}. Back to this chat's own settings.",
        name=managed.name,
    )
