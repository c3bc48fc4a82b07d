"""/admin: how the bot is doing, and its feeds in trouble, in one message edited in place."""

from datetime import timedelta

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Say
from bot.model import FeedId
from bot.storage import statistics
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from bot.storage.feeds import feeds_disabled as disabled
from bot.storage.statistics_levels import levels
from bot.telegram.context import Now
from bot.telegram.handlers import admin_said_admin as said_admin
from bot.telegram.handlers.routing_office import (
    Office,
    admins_voice,
    on_admins_command,
    on_admins_press,
    show,
)
from bot.telegram.keyboards import admin as admin_keyboards
from bot.telegram.keyboards.admin import LISTED, DisableFeed, OpenOffice, OpenTroubled, PollFeed
from bot.telegram.replies import NO_PREVIEW, toast
from bot.topics import Topics

DAY = timedelta(hours=24)


def router() -> Router:
    """Return the router of the admins."""
    made = Router(name="admin")
    on_admins_command(made, "admin", admin)
    on_admins_press(made, OpenOffice, open_office)
    on_admins_press(made, OpenTroubled, open_troubled)
    on_admins_press(made, PollFeed, poll)
    on_admins_press(made, DisableFeed, disable)
    return made


async def admin(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Show the numbers."""
    say = await admins_voice(db, message)
    text = await _numbers(db, topics, say, now)
    await message.answer(
        text, reply_markup=admin_keyboards.office(say), link_preview_options=NO_PREVIEW
    )


async def open_office(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show the numbers in place of another page."""
    say = await admins_voice(db, query)
    await toast(query)
    await show(query, await _numbers(db, topics, say, now), admin_keyboards.office(say))


async def open_troubled(
    query: CallbackQuery, callback_data: OpenTroubled, db: Database, office: Office, now: Now
) -> None:
    """Show feeds in trouble."""
    say = await admins_voice(db, query)
    await toast(query)
    await _show_troubled(query, callback_data.skipped, db, office, say, now)


async def poll(
    query: CallbackQuery, callback_data: PollFeed, db: Database, office: Office, now: Now
) -> None:
    """Have a feed polled, also one that is stopped."""
    say = await admins_voice(db, query)
    url = await disabled.address(db.reader, FeedId(callback_data.feed_id))
    due_at = None
    if url is not None:
        async with db.transaction() as tx:
            due_at = await feeds.hasten(tx, url, now=now(), floor=office.poll_floor)
    text = say.plain("That feed is no longer in the list.")
    if due_at is not None:
        wait = said_admin.span(max(due_at - now(), timedelta(0)), say)
        text = say.plain("It is polled in {wait}, if somebody reads it.", wait=wait)
    await toast(query, text)
    await _show_troubled(query, callback_data.skipped, db, office, say, now)


async def disable(
    query: CallbackQuery, callback_data: DisableFeed, db: Database, office: Office, now: Now
) -> None:
    """Have a feed polled no more, until an admin wants it again."""
    say = await admins_voice(db, query)
    async with db.transaction() as tx:
        found = await disabled.disable(tx, FeedId(callback_data.feed_id), now=now())
    off, no_such = say.plain("Switched off."), say.plain("That feed is no longer in the list.")
    await toast(query, off if found else no_such)
    await _show_troubled(query, callback_data.skipped, db, office, say, now)


async def _numbers(db: Database, topics: Topics, say: Say, now: Now) -> str:
    return said_admin.numbers(
        await statistics.audience(db.reader),
        await levels(db.reader),
        await statistics.lately(db.reader, since=now() - DAY),
        topics,
        say,
        now=now(),
    )


async def _show_troubled(
    query: CallbackQuery, skipped: int, db: Database, office: Office, say: Say, now: Now
) -> None:
    count = await polls.count_troubled(db.reader)
    # Those of the last page may have come right meanwhile.
    skipped = skipped if skipped < count else 0
    found = await polls.troubled(db.reader, limit=LISTED, skipped=skipped)
    text = said_admin.troubled(found, office.in_words, say, skipped=skipped, count=count, now=now())
    keyboard = admin_keyboards.troubled(found, skipped, say, has_more=skipped + len(found) < count)
    await show(query, text, keyboard)
