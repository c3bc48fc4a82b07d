"""/add and /remove: feeds of one's own, which only this chat sees."""

from collections.abc import Awaitable, Callable, Iterable

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Say, speak
from bot.model import FeedId, FoundFeed, NoFeed, OwnFeed, Subscriber
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.preferences import own_feeds_said_feeds as said_feeds
from bot.telegram.handlers.routing import on_command, on_press
from bot.telegram.handlers.start import stale
from bot.telegram.keyboards import sources
from bot.telegram.keyboards.sources import DropOwnFeed, OpenOwnFeeds
from bot.telegram.replies import NO_PREVIEW, answer, edit, quote, toast

FindFeed = Callable[[str], Awaitable[FoundFeed | NoFeed]]

# Whoever wants more is better served by a reader of feeds.
MOST = 100


def router() -> Router:
    """Return the router of feeds of one's own."""
    made = Router(name="own_feeds")
    on_command(made, "add", add)
    on_command(made, "remove", remove)
    on_press(made, OpenOwnFeeds, open_own)
    on_press(made, DropOwnFeed, drop)
    return made


async def add(
    message: Message, command: CommandObject, db: Database, find_feed: FindFeed, now: Now
) -> None:
    """Look for a feed at the address and give it to the chat; without one, show what it has."""
    reader = await context.join(db, message, now=now())
    say = speak(reader.language)
    address = (command.args or "").strip()
    if not address:
        await _answer_all(message, db, reader, say)
        return
    if len(reader.sight.own) >= MOST:
        await answer(message, db, too_many(say))
        return
    found = await find_feed(address)
    if not isinstance(found, FoundFeed):
        await answer(message, db, said_feeds.refused(found, say))
        return
    async with db.transaction() as tx:
        await own_feeds.add(tx, reader.chat_id, found, language=reader.language, now=now())
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    keyboard = sources.own_feeds([it for it in mine if it.url == found.url], 0, say)
    await answer(message, db, said_feeds.added(found, say), keyboard, preview=NO_PREVIEW)


async def remove(message: Message, command: CommandObject, db: Database, now: Now) -> None:
    """Take the feeds away that are named by address or title; show those that are left."""
    reader = await context.join(db, message, now=now())
    say = speak(reader.language)
    said = (command.args or "").strip()
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    meant = [it for it in mine if said and _is_called(it, said)]
    await _remove(db, reader, (it.id for it in meant))
    line = ""
    if meant:
        line = say("➖ No longer: {words}", words=quote([it.title for it in meant]))
    elif said:
        line = say("You have no feed called “{words}”.", words=quote([said]))
    await _answer_all(message, db, reader, say, line)


async def open_own(
    query: CallbackQuery, callback_data: OpenOwnFeeds, db: Database, now: Now
) -> None:
    """Show the chat's own feeds in place of what is shown."""
    reader = await context.join(db, query, now=now())
    await toast(query)
    await _show_all(query, db, reader, skipped=callback_data.skipped)


async def drop(query: CallbackQuery, callback_data: DropOwnFeed, db: Database) -> None:
    """Take the feed away, and show those that are left."""
    reader = await context.find(db, query)
    if reader is None:
        await stale(query, db)
        return
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    meant = [it for it in mine if it.id == callback_data.feed_id]
    await _remove(db, reader, (it.id for it in meant))
    await toast(query, "".join(f"➖ {it.title[:150]}" for it in meant))
    await _show_all(query, db, reader, skipped=callback_data.skipped)


def too_many(say: Say) -> str:
    """Return why no more feeds are taken."""
    return say("You have {most} feeds, which are the most: /remove one first.", most=str(MOST))


def _is_called(feed: OwnFeed, said: str) -> bool:
    """Tell whether a person may mean this feed: by its address, the site in it, or its title."""
    name = said.casefold().removesuffix("/")
    return name in feed.url.casefold() or name == feed.title.casefold()


async def _remove(db: Database, reader: Subscriber, feeds: Iterable[FeedId]) -> None:
    async with db.transaction() as tx:
        await own_feeds.remove(tx, reader.chat_id, feeds)


async def _answer_all(
    message: Message, db: Database, reader: Subscriber, say: Say, line: str = ""
) -> None:
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    shown = said_feeds.listed(mine[: sources.OWN_LISTED], say)
    text = "\n\n".join(filter(None, (line, shown)))
    keyboard = sources.own_feeds(mine, 0, say)
    await answer(message, db, text, keyboard, preview=NO_PREVIEW)


async def _show_all(
    query: CallbackQuery, db: Database, reader: Subscriber, *, skipped: int
) -> None:
    say = speak(reader.language)
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    skipped = skipped if skipped < len(mine) else 0
    shown = mine[skipped : skipped + sources.OWN_LISTED]
    keyboard = sources.own_feeds(mine, skipped, say)
    await edit(query, db, said_feeds.listed(shown, say), keyboard)
