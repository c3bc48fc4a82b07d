"""A managed channel as a source: its posts come to those who add it, or to all readers."""

from contextlib import suppress

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from bot.i18n import Translator, speak
from bot.model import ChannelSource, ChatId, FeedId, ManagedChannel
from bot.storage.database import Database
from bot.storage.feeds import channels
from bot.storage.subscribers import subscribers
from bot.telegram import chat_members, context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import (
    admin_translator,
    edit_page,
    on_admin_callback,
    on_callback,
)
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.channel_source import (
    AgreePublic,
    BringPosts,
    OpenChannelSource,
    agree_public,
    channel_source,
)
from bot.telegram.replies import answer_callback, edit
from bot.web.channel_posts import channel_address

NO_BUTTONS = InlineKeyboardMarkup(inline_keyboard=[])


def router() -> Router:
    """Return the router of channels as sources; it must follow that of /channel."""
    routes = Router(name="channel_source")
    on_callback(routes, OpenChannelSource, open_source)
    on_callback(routes, BringPosts, bring_posts)
    return routes


def admin_router() -> Router:
    """Return the router of the admins' answers; it must precede that of /channel."""
    routes = Router(name="public_channels")
    on_admin_callback(routes, AgreePublic, agree)
    return routes


async def open_source(query: CallbackQuery, db: Database) -> None:
    """Show whether the posts of the channel are news, and for whom."""
    managed = await context.managed_channel(db, query)
    if managed is None:
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    await _show(query, db, managed)


async def bring_posts(
    query: CallbackQuery,
    callback_data: BringPosts,
    bot: Bot,
    db: Database,
    admins: frozenset[ChatId],
    now: Now,
) -> None:
    """Bring the posts of the channel to those readers; to all once an admin of the bot agrees."""
    managed = await context.managed_channel(db, query)
    chat = await chat_members.get_chat(bot, managed.channel_id) if managed else None
    if managed is None or chat is None:
        await answer_stale_button(query, db)
        return
    say = await context.translator_for(db, query)
    owner_id = ChatId(context.chat_of(query).id)
    source = None
    async with db.transaction() as tx:
        if callback_data.audience == "none":
            await channels.withdraw(tx, managed.channel_id)
        elif not await channels.is_written_to(tx, managed.channel_id):
            # Their posts and buttons are in the language of the person, not of the channel.
            await subscribers.join(
                tx, owner_id, kind="private", language=context.user_language(query), now=now()
            )
            feed_id = await channels.bring(
                tx,
                managed,
                owner_id=owner_id,
                username=chat.username,
                language=say.language,
                now=now(),
            )
            if callback_data.audience == "all":
                await channels.ask_public(tx, feed_id, now=now())
            source = await channels.of_feed(tx, feed_id)
    await answer_callback(query)
    if source is not None and source.is_asked:
        await ask_admins(bot, db, admins, source, managed.name)
    await _show(query, db, managed)


async def agree(query: CallbackQuery, callback_data: AgreePublic, bot: Bot, db: Database) -> None:
    """Make the channel public, or leave it private; say so to the admin and to its owner."""
    feed_id, agreed = FeedId(callback_data.feed_id), callback_data.agreed
    async with db.transaction() as tx:
        was_asked = await channels.answer_public(tx, feed_id, agreed=agreed)
        source = await channels.of_feed(tx, feed_id)
    if not was_asked or source is None:
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    url = channel_address(source.channel_id, source.username)
    say = await admin_translator(db, query)
    await edit_page(query, answer_text(url, say, agreed=agreed), NO_BUTTONS)
    owner = await subscribers.find(db.reader, source.owner_id)
    if owner is not None:
        text = answer_text(url, speak(owner.language), agreed=agreed)
        with suppress(TelegramForbiddenError, TelegramBadRequest):
            await bot.send_message(source.owner_id, text)


async def ask_admins(
    bot: Bot, db: Database, admins: frozenset[ChatId], source: ChannelSource, name: str
) -> None:
    """Ask the admins of the bot whether the channel may be public; the first answer counts."""
    languages = await subscribers.languages_of(db.reader, admins)
    for admin_id in sorted(admins):
        say = speak(languages.get(admin_id, "en"))
        text = say(
            "📥 The owner of {name} wants its posts to be news for all readers. Its address: {url}",
            name=name,
            url=channel_address(source.channel_id, source.username),
        )
        with suppress(TelegramForbiddenError, TelegramBadRequest):
            await bot.send_message(admin_id, text, reply_markup=agree_public(source, say))


def answer_text(url: str, say: Translator, *, agreed: bool) -> str:
    """Return what an admin of the bot has answered about a channel."""
    if agreed:
        return say("✅ The posts of {url} are news for all readers now.", url=url)
    return say("The posts of {url} come only to those who add it.", url=url)


def source_text(source: ChannelSource | None, say: Translator, *, is_written_to: bool) -> str:
    """Return whether the posts of the channel are news, and for whom."""
    if is_written_to:
        return say(
            "I post news in this channel, so that its posts would come back to it: it cannot be a"
            " source. Remove its topics, words and feeds first."
        )
    if source is None or not source.is_active:
        return say(
            "📥 <b>The channel as a source</b>\n\nShall its posts be news? Then they come like"
            " those of a newspaper: once, with their address. To those who add it with"
            " <code>/add @name</code>, you first of all; or to all readers of its topics, if an"
            " admin of this bot agrees."
        )
    if source.is_public:
        return say("📥 The posts of this channel are news for all readers.")
    text = say("📥 The posts of this channel come to those who add it, you first of all.")
    if source.is_asked:
        asked = say("For all readers an admin of this bot must agree: they are asked.")
        return f"{text} {asked}"
    return text


async def _show(query: CallbackQuery, db: Database, managed: ManagedChannel) -> None:
    say = await context.translator_for(db, query)
    source = await channels.find(db.reader, managed.channel_id)
    is_written_to = await channels.is_written_to(db.reader, managed.channel_id)
    keyboard = None if is_written_to else channel_source(source, say)
    await edit(query, db, source_text(source, say, is_written_to=is_written_to), keyboard)
