"""/settings: all that a chat has chosen, in one message that leads to each of its pages."""

from collections.abc import Iterator
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, Subscriber, Timetable
from bot.storage.database import Database
from bot.storage.subscribers import visibility
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.keyboards.common import LANGUAGE_NAMES, OpenSettings
from bot.telegram.keyboards.settings import settings_keyboard
from bot.telegram.keyboards.timetable import format_minute, limit, night
from bot.telegram.replies import answer, answer_callback, edit
from bot.timezones import zone
from bot.topics import Topics


def router() -> Router:
    """Return the router of the overview."""
    made = Router(name="settings")
    on_command(made, "settings", settings)
    on_callback(made, OpenSettings, open_settings)
    return made


async def settings(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Show everything that is chosen."""
    reader = await context.ensure_subscriber(db, message, now=now())
    text = await _text(db, reader, topics, now())
    await answer(message, db, text, settings_keyboard(speak(reader.language)))


async def open_settings(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show everything in place of one of its pages."""
    reader = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    text = await _text(db, reader, topics, now())
    await edit(query, db, text, settings_keyboard(speak(reader.language)))


async def _text(db: Database, reader: Subscriber, topics: Topics, now: datetime) -> str:
    off = await visibility.refused_sources(db.reader, reader.chat_id)
    return settings_text(reader, topics, speak(reader.language), off=off, now=now)


def settings_text(
    reader: Subscriber, topics: Topics, say: Translator, *, off: int, now: datetime
) -> str:
    """Return the text of /settings; so many sources are switched `off`."""
    return "\n".join(
        [
            say("<b>Settings</b>"),
            "",
            *_language_lines(reader, say),
            _topics_line(reader, topics, say),
            *timetable_lines(reader.timetable, say, now=now),
            _words_line(reader, say),
            _sources_line(reader, say, off=off),
        ]
    )


def timetable_lines(timetable: Timetable, say: Translator, *, now: datetime) -> Iterator[str]:
    """Return when news comes, and by which clock, a line each."""
    yield _rhythm(timetable, say)
    if quiet := timetable.quiet:
        yield say("🌙 Quiet hours: {night}", night=night(quiet))
    if timetable.per_day is not None:
        yield "🔢 " + limit(timetable, say)
    place = say.place(timetable.zone)
    yield say("🌍 {place}, {time} now", place=place, time=local_time(timetable, now))


def local_time(timetable: Timetable, now: datetime) -> str:
    """Return what the reader's clock shows."""
    return f"{now.astimezone(zone(timetable.zone)):%H:%M}"


def _rhythm(timetable: Timetable, say: Translator) -> str:
    match timetable.when:
        case "at once":
            return say("📨 Each story at once")
        case "hourly":
            return say("🕐 Once an hour, all that is new")
        case "digest":
            times = ", ".join(map(format_minute, timetable.digest_at))
            return say("🗞 One message at {times}", times=times)


def _language_lines(reader: Subscriber, say: Translator) -> Iterator[str]:
    read = [LANGUAGE_NAMES[it] for it in LANGUAGES if it in reader.news_languages]
    yield say("💬 I speak: {language}", language=LANGUAGE_NAMES[reader.language])
    yield say("🌐 News in: {languages}", languages=", ".join(read))


def _topics_line(reader: Subscriber, topics: Topics, say: Translator) -> str:
    names = [it.names[say.language] for it in topics if it.slug in reader.topics]
    if not names:
        return say("🗂 No topics yet")
    return say("🗂 Topics: {topics}", topics=", ".join(names))


def _words_line(reader: Subscriber, say: Translator) -> str:
    muted = sum(word.muted for word in reader.words)
    followed = len(reader.words) - muted
    if not reader.words:
        return say("🔔 No words")
    return say(
        "🔔 Words: {followed} followed, {muted} muted", followed=str(followed), muted=str(muted)
    )


def _sources_line(reader: Subscriber, say: Translator, *, off: int) -> str:
    parts = []
    if off:
        parts.append(say.plural("{count} switched off", "{count} switched off", off))
    if own := len(reader.visibility.own):
        parts.append(say.plural("{count} of your own", "{count} of your own", own))
    return say("📰 Sources: {which}", which=", ".join(parts) or say.plain("all"))
