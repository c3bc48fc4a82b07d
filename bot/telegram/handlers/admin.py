"""/admin: how the bot is doing, and its feeds in trouble, in one message edited in place."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator
from bot.model import LANGUAGES, FeedHealth, FeedId, TableCounts, TopicSlug
from bot.storage import statistics
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from bot.storage.statistics import Audience, LastDay, table_counts
from bot.telegram.context import Now
from bot.telegram.handlers.routing import (
    Office,
    admin_translator,
    edit_page,
    on_admin_callback,
    on_admin_command,
)
from bot.telegram.keyboards import admin as admin_keyboards
from bot.telegram.keyboards.admin import LISTED, DisableFeed, OpenOffice, OpenTroubled, PollFeed
from bot.telegram.replies import NO_PREVIEW, answer_callback
from bot.topics import Topics

DAY = timedelta(hours=24)


# A reason of a server's may be as long as it likes.
MAX_STATUS_CHARS = 120


def router() -> Router:
    """Return the router of the admins."""
    made = Router(name="admin")
    on_admin_command(made, "admin", admin)
    on_admin_callback(made, OpenOffice, open_numbers)
    on_admin_callback(made, OpenTroubled, open_troubled)
    on_admin_callback(made, PollFeed, poll_feed)
    on_admin_callback(made, DisableFeed, disable_feed)
    return made


async def admin(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Show the numbers."""
    say = await admin_translator(db, message)
    text = await _numbers(db, topics, say, now)
    await message.answer(
        text, reply_markup=admin_keyboards.office(say), link_preview_options=NO_PREVIEW
    )


async def open_numbers(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show the numbers in place of another page."""
    say = await admin_translator(db, query)
    await answer_callback(query)
    await edit_page(query, await _numbers(db, topics, say, now), admin_keyboards.office(say))


async def open_troubled(
    query: CallbackQuery, callback_data: OpenTroubled, db: Database, office: Office, now: Now
) -> None:
    """Show feeds in trouble."""
    say = await admin_translator(db, query)
    await answer_callback(query)
    await _show_troubled(query, callback_data.skipped, db, office, say, now)


async def poll_feed(
    query: CallbackQuery, callback_data: PollFeed, db: Database, office: Office, now: Now
) -> None:
    """Have a feed polled, also one that is stopped."""
    say = await admin_translator(db, query)
    url = await feeds.address(db.reader, FeedId(callback_data.feed_id))
    due_at = None
    if url is not None:
        async with db.transaction() as tx:
            due_at = await feeds.poll_soon(tx, url, now=now(), floor=office.poll_floor)
    text = say.plain("That feed is no longer in the list.")
    if due_at is not None:
        wait = say.duration(max(due_at - now(), timedelta(0)))
        text = say.plain("It is polled in {wait}, if somebody reads it.", wait=wait)
    await answer_callback(query, text)
    await _show_troubled(query, callback_data.skipped, db, office, say, now)


async def disable_feed(
    query: CallbackQuery, callback_data: DisableFeed, db: Database, office: Office, now: Now
) -> None:
    """Have a feed polled no more, until an admin wants it again."""
    say = await admin_translator(db, query)
    async with db.transaction() as tx:
        found = await feeds.disable(tx, FeedId(callback_data.feed_id), now=now())
    off, no_such = say.plain("Switched off."), say.plain("That feed is no longer in the list.")
    await answer_callback(query, off if found else no_such)
    await _show_troubled(query, callback_data.skipped, db, office, say, now)


async def _numbers(db: Database, topics: Topics, say: Translator, now: Now) -> str:
    return numbers_text(
        await statistics.audience(db.reader),
        await table_counts(db.reader),
        await statistics.last_day(db.reader, since=now() - DAY),
        topics,
        say,
        now=now(),
    )


async def _show_troubled(
    query: CallbackQuery, skipped: int, db: Database, office: Office, say: Translator, now: Now
) -> None:
    count = await polls.count_troubled(db.reader)
    # Those of the last page may have come right meanwhile.
    skipped = skipped if skipped < count else 0
    found = await polls.troubled(db.reader, limit=LISTED, skipped=skipped)
    text = troubled_text(found, office.in_words, say, skipped=skipped, count=count, now=now())
    keyboard = admin_keyboards.troubled(found, skipped, say, has_more=skipped + len(found) < count)
    await edit_page(query, text, keyboard)


def numbers_text(
    audience: Audience,
    levels: TableCounts,
    lately: LastDay,
    topics: Topics,
    say: Translator,
    *,
    now: datetime,
) -> str:
    """Return who reads, what went out since yesterday, and what is owed."""
    kinds = {
        "private": say.plain("people"),
        "group": say.plain("groups"),
        "channel": say.plain("channels"),
    }
    slugs = {it.slug: it.names[say.language] for it in topics}
    topic_names = {name: slugs.get(TopicSlug(name), name) for name in audience.by_topic}
    languages: dict[str, str] = {it: say.language_name(it) for it in LANGUAGES}
    since = levels.due_since
    late = now - since if since is not None and since < now else timedelta(0)
    return "\n".join(
        [
            say("<b>Numbers</b>"),
            "",
            say(
                "👥 Subscribers: {count}",
                count=_with_parts(audience.by_kind, kinds, say),
            ),
            say(
                "Paused: {paused}; cannot be written to: {gone}",
                paused=say.number(audience.paused),
                gone=say.number(audience.gone),
            ),
            say("🗂 Topics: {each}", each=_each(audience.by_topic, topic_names, say)),
            say("🌐 News in: {each}", each=_each(audience.by_language, languages, say)),
            "",
            say(
                "📰 Feeds: {fine} fine, {failing} failing, {stopped} stopped",
                **{name: say.number(count) for name, count in levels.feeds.items()},
            ),
            "",
            say(
                "📨 Of what fell due in the last 24 hours: sent {sent}, lost {lost}, possible"
                " repeats {repeats}",
                sent=say.number(lately.sent),
                lost=say.number(lately.lost),
                repeats=say.number(lately.possible_repeats),
            ),
            say(
                "⏳ Owed now: {owed}; late by {late}",
                owed=say.number(levels.owed),
                late=say.duration(late),
            ),
        ]
    )


def troubled_text(
    found: Sequence[FeedHealth],
    in_words: Callable[[FeedHealth, datetime], str],
    say: Translator,
    *,
    skipped: int,
    count: int,
    now: datetime,
) -> str:
    """Return the feeds in trouble, numbered as their buttons are."""
    if not found:
        return say("All feeds are fine.")
    heading = say("<b>Feeds in trouble</b>: {count}", count=say.number(count))
    lines = [
        f'{number}. <a href="{escape(it.url)}">{escape(it.source)}</a> — '
        f"{escape(in_words(it, now)[:MAX_STATUS_CHARS])}"
        for number, it in enumerate(found, skipped + 1)
    ]
    return "\n\n".join([heading, "\n".join(lines)])


def _with_parts(counts: Mapping[str, int], names: Mapping[str, str], say: Translator) -> str:
    every = say.number(sum(counts.values()))
    return f"{every} ({_each(counts, names, say)})" if counts else every


def _each(counts: Mapping[str, int], names: Mapping[str, str], say: Translator) -> str:
    return ", ".join(f"{names[it]} {say.number(count)}" for it, count in counts.items()) or "—"
