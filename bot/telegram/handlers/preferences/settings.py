"""/settings: an overview of all settings of a chat, with a button for the page of each."""

from collections.abc import Iterator
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, Pictures, Subscriber, Timetable
from bot.storage.database import Database
from bot.storage.subscribers import subscribers, visibility
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.keyboards.common import OpenSettings
from bot.telegram.keyboards.settings import (
    ChoosePictures,
    OpenPictures,
    picture_choice,
    settings_keyboard,
)
from bot.telegram.keyboards.timetable import digest_times, format_night, limit_text
from bot.telegram.replies import answer, answer_callback, edit
from bot.timezones import zone
from bot.topics import Topics


def router() -> Router:
    """Return the router of /settings."""
    routes = Router(name="settings")
    on_command(routes, "settings", settings)
    on_callback(routes, OpenSettings, open_settings)
    on_callback(routes, OpenPictures, open_pictures)
    on_callback(routes, ChoosePictures, choose_pictures)
    return routes


async def settings(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Answer with the overview."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    text = await _text(db, subscriber, topics, now())
    await answer(message, db, text, settings_keyboard(speak(subscriber.language)))


async def open_settings(query: CallbackQuery, db: Database, topics: Topics, now: Now) -> None:
    """Show the overview in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    text = await _text(db, subscriber, topics, now())
    await edit(query, db, text, settings_keyboard(speak(subscriber.language)))


async def open_pictures(query: CallbackQuery, db: Database, now: Now) -> None:
    """Show which stories come with a picture, in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show_pictures(query, db, subscriber.pictures, speak(subscriber.language))


async def choose_pictures(
    query: CallbackQuery, callback_data: ChoosePictures, db: Database, now: Now
) -> None:
    """Set which stories come with a picture and show it."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    async with db.transaction() as tx:
        await subscribers.set_pictures(tx, subscriber.chat_id, callback_data.pictures)
    await answer_callback(query)
    await _show_pictures(query, db, callback_data.pictures, speak(subscriber.language))


async def _show_pictures(
    query: CallbackQuery, db: Database, pictures: Pictures, say: Translator
) -> None:
    text = say(
        "🖼 <b>Pictures</b>\n\nWhich stories come with their picture? Important ones have three"
        " sources or what you follow. Stories that tell of casualties never have one."
    )
    await edit(query, db, text, picture_choice(pictures, say))


async def _text(db: Database, subscriber: Subscriber, topics: Topics, now: datetime) -> str:
    off = await visibility.count_refused_sources(db.reader, subscriber.chat_id)
    return settings_text(subscriber, topics, speak(subscriber.language), off=off, now=now)


def settings_text(
    subscriber: Subscriber, topics: Topics, say: Translator, *, off: int, now: datetime
) -> str:
    """Return the overview; `off` is how many sources are switched off."""
    languages = [
        say.language_name(language)
        for language in LANGUAGES
        if language in subscriber.news_languages
    ]
    names = [topic.names[say.language] for topic in topics if topic.slug in subscriber.topics]
    muted = sum(word.muted for word in subscriber.words)
    words = say(
        "🔔 Words: {followed} followed, {muted} muted",
        followed=str(len(subscriber.words) - muted),
        muted=str(muted),
    )
    sources = []
    if off:
        sources.append(say.plural("{count} switched off", "{count} switched off", off))
    if own := len(subscriber.visibility.own):
        sources.append(say.plural("{count} of your own", "{count} of your own", own))
    return "\n".join(
        [
            say("<b>Settings</b>"),
            "",
            say("💬 Bot language: {language}", language=say.language_name(subscriber.language)),
            say("🌐 News in: {languages}", languages=", ".join(languages)),
            say("🗂 Topics: {topics}", topics=", ".join(names)) if names else say("🗂 No topics yet"),
            *timetable_lines(subscriber.timetable, say, now=now),
            words if subscriber.words else say("🔔 No words"),
            say("📰 Sources: {which}", which=", ".join(sources) or say.plain("all")),
        ]
    )


def timetable_lines(timetable: Timetable, say: Translator, *, now: datetime) -> Iterator[str]:
    """Yield the lines of the timetable: schedule, quiet hours, daily limit, time zone."""
    yield rhythm_text(timetable, say)
    if quiet := timetable.quiet:
        yield say("🌙 Quiet hours: {night}", night=format_night(quiet))
    if timetable.per_day is not None:
        yield "🔢 " + limit_text(timetable, say)
    place = say.zone_name(timetable.zone)
    yield say("🌍 {place}, {time} now", place=place, time=local_time(timetable, now))


def rhythm_text(timetable: Timetable, say: Translator) -> str:
    """Return how the news comes, in one line."""
    times = digest_times(timetable, say)
    match timetable.when:
        case "at once":
            return say("📨 Each story at once")
        case "everything":
            return say("📨 Everything at once, but many stories together")
        case "calm":
            return say("🔕 Calm: what matters at once, the rest silently once an hour")
        case "hourly":
            return say("🕐 Once an hour, all that is new")
        case "digest" if timetable.weekday is None:
            return say("🗞 One message at {times}", times=times)
        case "digest":
            return say("🗞 One message a week: {times}", times=times)


def local_time(timetable: Timetable, now: datetime) -> str:
    """Return the time of day in the time zone of the timetable."""
    return f"{now.astimezone(zone(timetable.zone)):%H:%M}"
