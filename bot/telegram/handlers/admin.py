"""/admin: statistics of the bot, and its failing feeds, in one message that is edited in place."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator
from bot.model import LANGUAGES, FeedHealth, FeedId, TableCounts, TopicSlug
from bot.rendering.feed_status import status_text
from bot.storage import statistics
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from bot.storage.statistics import LastDay, SubscriberCounts
from bot.telegram.context import Now
from bot.telegram.handlers.routing import (
    admin_translator,
    edit_page,
    on_admin_callback,
    on_admin_command,
)
from bot.telegram.keyboards import admin as admin_keyboards
from bot.telegram.keyboards.admin import (
    PAGE_SIZE,
    DisableFeed,
    DisableNeverRead,
    OpenNumbers,
    OpenTroubled,
    PollFeed,
)
from bot.telegram.replies import NO_PREVIEW, answer_callback
from bot.topics import Topics
from bot.version import version_text

DAY = timedelta(hours=24)
# So long after its first poll a feed that was never read is shown with the statistics.
TRIAL = timedelta(hours=1)
MAX_NEVER_READ = 12
# A server's error message has no limit of its own.
MAX_STATUS_CHARS = 120
# Bars of an hour, from none to full; the longest bar of a line.
_BARS = " ▁▂▃▄▅▆▇█"
MAX_BAR = 12


def router() -> Router:
    """Return the router of /admin."""
    routes = Router(name="admin")
    on_admin_command(routes, "admin", admin)
    on_admin_callback(routes, OpenNumbers, open_numbers)
    on_admin_callback(routes, OpenTroubled, open_troubled)
    on_admin_callback(routes, PollFeed, poll_feed)
    on_admin_callback(routes, DisableFeed, disable_feed)
    on_admin_callback(routes, DisableNeverRead, disable_never_read)
    return routes


async def admin(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Answer with the statistics."""
    say = await admin_translator(db, message)
    text, keyboard = await _numbers(db, topics, say, now)
    await message.answer(text, reply_markup=keyboard, link_preview_options=NO_PREVIEW)


async def open_numbers(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show the statistics in place of another page."""
    say = await admin_translator(db, query)
    await answer_callback(query)
    await edit_page(query, *await _numbers(db, topics, say, now))


async def disable_never_read(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Stop the polls of the feeds that were never read, and show the statistics again."""
    say = await admin_translator(db, query)
    async with db.transaction() as tx:
        count = await polls.disable_never_read(tx, since=now() - TRIAL, now=now())
    text = say.plain(
        "Switched off: {count}. They are under “Feeds in trouble”.", count=say.number(count)
    )
    await answer_callback(query, text)
    await edit_page(query, *await _numbers(db, topics, say, now))


async def open_troubled(
    query: CallbackQuery, callback_data: OpenTroubled, db: Database, now: Now
) -> None:
    """Show a page of the failing feeds."""
    say = await admin_translator(db, query)
    await answer_callback(query)
    await _show_troubled(query, callback_data.skipped, db, say, now)


async def poll_feed(
    query: CallbackQuery, callback_data: PollFeed, db: Database, poll_floor: timedelta, now: Now
) -> None:
    """Schedule the next poll of a feed as early as its host allows, also of a stopped one."""
    say = await admin_translator(db, query)
    url = await feeds.listed_url(db.reader, FeedId(callback_data.feed_id))
    due_at = None
    if url is not None:
        async with db.transaction() as tx:
            due_at = await feeds.poll_soon(tx, url, now=now(), floor=poll_floor)
    text = say.plain("That feed is no longer in the list.")
    if due_at is not None:
        wait = say.duration(max(due_at - now(), timedelta(0)))
        text = say.plain("It is polled in {wait}, if somebody reads it.", wait=wait)
    await answer_callback(query, text)
    await _show_troubled(query, callback_data.skipped, db, say, now)


async def disable_feed(
    query: CallbackQuery, callback_data: DisableFeed, db: Database, now: Now
) -> None:
    """Stop the polls of a feed until an admin starts them again."""
    say = await admin_translator(db, query)
    async with db.transaction() as tx:
        is_listed = await feeds.disable(tx, FeedId(callback_data.feed_id), now=now())
    text = say.plain("That feed is no longer in the list.")
    if is_listed:
        text = say.plain("Switched off.")
    await answer_callback(query, text)
    await _show_troubled(query, callback_data.skipped, db, say, now)


async def _numbers(
    db: Database, topics: Topics, say: Translator, now: Now
) -> tuple[str, InlineKeyboardMarkup]:
    never_read = await polls.never_read(db.reader, since=now() - TRIAL)
    tables = await statistics.table_counts(db.reader)
    numbers = numbers_text(
        await statistics.subscriber_counts(db.reader),
        tables,
        await statistics.last_day(db.reader, since=now() - DAY),
        topics,
        say,
        now=now(),
    )
    text = "\n".join([numbers, *_never_read_lines(never_read, say, now=now())])
    keyboard = admin_keyboards.numbers(
        say, never_read=len(never_read), dead_letters=sum(tables.dead_letters.values())
    )
    return text, keyboard


async def _show_troubled(
    query: CallbackQuery, skipped: int, db: Database, say: Translator, now: Now
) -> None:
    count = await polls.count_unhealthy(db.reader)
    # Feeds may have recovered since the button was shown, and the page may be gone.
    skipped = skipped if skipped < count else 0
    failing = await polls.unhealthy(db.reader, limit=PAGE_SIZE, skipped=skipped)
    text = troubled_text(failing, say, skipped=skipped, count=count, now=now())
    keyboard = admin_keyboards.troubled(
        failing, skipped, say, has_more=skipped + len(failing) < count
    )
    await edit_page(query, text, keyboard)


def numbers_text(
    subscribers: SubscriberCounts,
    tables: TableCounts,
    last_day: LastDay,
    topics: Topics,
    say: Translator,
    *,
    now: datetime,
) -> str:
    """Return the statistics: subscribers, feeds, deliveries of the last day and pending ones."""
    kinds = {
        "private": say.plain("people"),
        "group": say.plain("groups"),
        "channel": say.plain("channels"),
    }
    names = {topic.slug: topic.names[say.language] for topic in topics}
    topic_names = {slug: names.get(TopicSlug(slug), slug) for slug in subscribers.by_topic}
    languages: dict[str, str] = {language: say.language_name(language) for language in LANGUAGES}
    total = say.number(sum(subscribers.by_kind.values()))
    if subscribers.by_kind:
        total += f" ({_counts(subscribers.by_kind, kinds, say)})"
    delay = max(now - (tables.oldest_due_at or now), timedelta(0))
    return "\n".join(
        [
            say("<b>Numbers</b>"),
            "",
            say("👥 Subscribers: {count}", count=total),
            say(
                "Paused: {paused}; cannot be written to: {gone}",
                paused=say.number(subscribers.paused),
                gone=say.number(subscribers.gone),
            ),
            say("🗂 Topics: {each}", each=_counts(subscribers.by_topic, topic_names, say)),
            say("🌐 News in: {each}", each=_counts(subscribers.by_language, languages, say)),
            *bars(subscribers.by_language, languages, say),
            "",
            say(
                "📰 Feeds: {fine} fine, {failing} failing, {stopped} stopped",
                **{name: say.number(count) for name, count in tables.feeds.items()},
            ),
            f"<code>{stacked_bar(tables.feeds)}</code>",
            "",
            say(
                "📨 Of what fell due in the last 24 hours: sent {sent}, lost {lost}, possible"
                " repeats {repeats}",
                sent=say.number(last_day.sent),
                lost=say.number(last_day.lost),
                repeats=say.number(last_day.possible_repeats),
            ),
            f"<code>{hour_bars(last_day.sent_by_hour)}</code>",
            *_delay_lines(last_day, say),
            say(
                "⏳ Owed now: {owed}; late by {late}",
                owed=say.number(tables.pending),
                late=say.duration(delay),
            ),
            *_silent_join_lines(last_day, say),
            *_dead_letter_lines(tables, say),
            "",
            f"ReadAlso {version_text()}",
        ]
    )


def hour_bars(counts: Sequence[int]) -> str:
    """Return a bar for each count, the largest of them full; a small one is not quite empty."""
    full = max(*counts, 1)
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // full)] for count in counts)


def bars(counts: Mapping[str, int], names: Mapping[str, str], say: Translator) -> list[str]:
    """Return a line with a bar for each count, as long as its share of the largest."""
    full = max(counts.values(), default=1)
    return [
        f"<code>{'█' * max(1, count * MAX_BAR // full):{MAX_BAR}}</code>"
        f" {escape(names.get(key, key))} {say.number(count)}"
        for key, count in counts.items()
    ]


def stacked_bar(counts: Mapping[str, int]) -> str:
    """Return one bar of the shares of the counts; none that is not 0 is without its piece."""
    total = max(sum(counts.values()), 1)
    pieces = zip("█▒░", counts.values(), strict=True)
    return "".join(mark * -(-count * MAX_BAR // total) for mark, count in pieces)


def _delay_lines(last_day: LastDay, say: Translator) -> list[str]:
    """Return the line on the delays; none where nothing was sent."""
    half, most = last_day.delay(0.5), last_day.delay(0.9)
    if half is None or most is None:
        return []
    return [
        say(
            "⏱ From publication to reader: half within {half}, nine of ten within {most}",
            half=say.duration(half),
            most=say.duration(most),
        )
    ]


def troubled_text(
    failing: Sequence[FeedHealth],
    say: Translator,
    *,
    skipped: int,
    count: int,
    now: datetime,
) -> str:
    """Return a page of the failing feeds, numbered as their buttons are."""
    if not failing:
        return say("All feeds are fine.")
    heading = say("<b>Feeds in trouble</b>: {count}", count=say.number(count))
    lines = [
        f"{number}. {_feed_line(feed, now=now)}" for number, feed in enumerate(failing, skipped + 1)
    ]
    return "\n\n".join([heading, "\n".join(lines)])


def _silent_join_lines(last_day: LastDay, say: Translator) -> list[str]:
    """Return the line on articles that nobody was told of; none where there are none."""
    names = {
        "1h": say.plain("up to an hour"),
        "6h": say.plain("up to 6 hours"),
        "24h": say.plain("up to a day"),
        "older": say.plain("older"),
    }
    if not last_day.silent_joins:
        return []
    each = _counts(last_day.silent_joins, names, say)
    return [say("🤫 Joined a story and owed to nobody, by its age: {each}", each=each)]


def _feed_line(feed: FeedHealth, *, now: datetime) -> str:
    status = status_text(feed, now=now)[:MAX_STATUS_CHARS]
    return f'<a href="{escape(feed.url)}">{escape(feed.source)}</a> — {escape(status)}'


def _never_read_lines(
    never_read: Sequence[FeedHealth], say: Translator, *, now: datetime
) -> list[str]:
    """Return the lines on feeds that no poll could read, the first of them by name."""
    if not never_read:
        return []
    heading = say("🚫 Never read so far: {count}", count=say.number(len(never_read)))
    shown = [f"• {_feed_line(feed, now=now)}" for feed in never_read[:MAX_NEVER_READ]]
    more = ["…"] if len(never_read) > MAX_NEVER_READ else []
    return ["", heading, *shown, *more]


def _dead_letter_lines(tables: TableCounts, say: Translator) -> list[str]:
    """Return the line on what is set aside; none where nothing is."""
    counts = {queue: count for queue, count in tables.dead_letters.items() if count}
    if not counts:
        return []
    names = {
        "polls": say.plain("feeds"),
        "pages": say.plain("pages"),
        "articles": say.plain("articles"),
        "chats": say.plain("chats"),
        "deliveries": say.plain("deliveries"),
        "notices": say.plain("notices"),
        "edits": say.plain("edits"),
        "updates": say.plain("messages to the bot"),
    }
    each = _counts(counts, names, say)
    return [say("⚠️ Set aside after repeated failures: {each}", each=each)]


def _counts(counts: Mapping[str, int], names: Mapping[str, str], say: Translator) -> str:
    return ", ".join(f"{names[key]} {say.number(count)}" for key, count in counts.items()) or "—"
