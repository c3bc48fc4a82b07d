"""/when: the timetable of a chat: schedule, digest times, quiet hours, time zone, daily limit."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import get_args

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, Quiet, Subscriber, Timetable, When
from bot.model.subscribers import DEFAULT_TIMETABLE
from bot.storage.database import Database
from bot.storage.outbox import due
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.pause import end_text
from bot.telegram.handlers.preferences.settings import local_time, rhythm_text, timetable_lines
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.common import button
from bot.telegram.keyboards.settings import pause_button
from bot.telegram.keyboards.timetable import (
    MAX_TAKEN_BYTES,
    TIMETABLE_CHANGES,
    ChooseDigest,
    ChooseLimit,
    ChooseNight,
    ChooseSilence,
    ChooseUrgent,
    ChooseWeekday,
    ChooseWhen,
    ChooseZone,
    OpenWhen,
    Page,
    TakeOther,
    TimetableChange,
    change_by_label,
    format_hours,
    format_night,
    keyboard,
    limit_text,
)
from bot.telegram.replies import answer, answer_callback, edit, quote
from bot.text.stemming import words
from bot.timezones import zone
from bot.typed.questions import TypedQuestion, question_about
from bot.typed.timetable import (
    MAX_DIGESTS,
    PAUSE,
    WEEKLY_AT,
    Setting,
    TypedTimetable,
    read_timetable,
)

_HOUR_MINUTES = 60


def router() -> Router:
    """Return the router of /when."""
    routes = Router(name="when")
    on_command(routes, "when", when)
    on_callback(routes, OpenWhen, open_page)
    on_callback(routes, TakeOther, take_other)
    for callback in TIMETABLE_CHANGES:
        on_callback(routes, callback, change_timetable)
    return routes


async def when(message: Message, command: CommandObject, db: Database, now: Now) -> None:
    """Change the timetable as the text says, if there is one; answer with the timetable."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    timetable = subscriber.timetable
    args = (command.args or "").strip()
    if not args:
        text = _text("main", timetable, say, now)
        await answer(message, db, text, keyboard("main", timetable, say, kind=subscriber.kind))
        return
    typed = read_label(args, timetable) or read_timetable(args, timetable)
    if typed is not None:
        typed = replace(typed, timetable=fitted(typed.timetable, subscriber))
    if typed is None:
        asked = question_about(args, now().astimezone(zone(timetable.zone)))
        text = question_text(args, asked, say)
        meant = _meant(asked, subscriber, say, now)
        buttons = keyboard("main", timetable, say, kind=subscriber.kind, others=meant)
        await answer(message, db, text, buttons)
        return
    # Also what changes nothing: whoever says "at once" has chosen it.
    await _save(db, subscriber, typed.timetable, now, is_rhythm="when" in typed.settings)
    other = _other_reading(typed, say, now)
    others = [other] if other else []
    buttons = keyboard("main", typed.timetable, say, kind=subscriber.kind, others=others)
    text = f"{understood(args, typed, say, now)}\n\n{_text('main', typed.timetable, say, now)}"
    await answer(message, db, text, buttons)


async def take_other(
    query: CallbackQuery, callback_data: TakeOther, db: Database, now: Now
) -> None:
    """Change the timetable as the other reading of a typed text says."""
    subscriber = await context.find_subscriber(db, query)
    typed = read_timetable(callback_data.text, subscriber.timetable) if subscriber else None
    if subscriber is None or typed is None:
        await answer_stale_button(query, db)
        return
    timetable = fitted(typed.timetable, subscriber)
    await _save(db, subscriber, timetable, now, is_rhythm="when" in typed.settings)
    await answer_callback(query)
    await _show(query, db, "main", replace(subscriber, timetable=timetable), now)


def question_text(text: str, asked: TypedQuestion | None, say: Translator) -> str:
    """Return what is asked about a text that sets no timetable, or how one is written."""
    if asked is None:
        return say(
            "I do not understand “{said}”. Write times for digests: <code>/when 8:00 19:30</code>,"
            " quiet hours: <code>/when 23-7</code>, or your city: <code>/when Lviv</code>.",
            said=quote([text]),
        )
    if asked.lacks == "interval":
        return say(
            "News comes at once, every hour, or in up to six digests a day:"
            " <code>/when 8:00 19:30</code>."
        )
    if asked.lacks == "times":
        return say("Without any time no news would come. A pause keeps your settings:")
    if asked.lacks == "days":
        return say(
            "The timetable is the same on all days; a digest can also come once a week:"
            " <code>/when weekly</code>. Change it, or pause the news:"
        )
    return say("What do you mean by “{said}”?", said=quote([text]))


def _meant(
    asked: TypedQuestion | None, subscriber: Subscriber, say: Translator, now: Now
) -> Iterator[InlineKeyboardButton]:
    """Yield a button for each thing that a text may mean."""
    taken = asked.text.replace(":", ".") if asked else ""
    typed = read_timetable(taken, subscriber.timetable)
    if typed and len(taken.encode()) <= MAX_TAKEN_BYTES:
        yield button(f"✅ {settings_text(typed, say, now)}", TakeOther(text=taken))
    if asked and asked.lacks == "times":
        yield pause_button(say.plain("⏸ Pause the news"), until=None)
    if asked and asked.pause_until:
        until = asked.pause_until
        label = say.plain("⏸ Until {time}", time=end_text(until, subscriber, say))
        yield pause_button(label, until=until)


def understood(text: str, typed: TypedTimetable, say: Translator, now: Now) -> str:
    """Return what a typed text was taken for."""
    return say("“{said}” → {what}", said=quote([text]), what=settings_text(typed, say, now))


def settings_text(typed: TypedTimetable, say: Translator, now: Now) -> str:
    """Return the settings that were typed, as plain text."""
    timetable, parts = typed.timetable, list[str]()
    for name in typed.settings:
        part = _setting_text(name, timetable, say, now)
        if name == "quiet" and typed.is_daytime and timetable.quiet:
            hours = format_hours(timetable.quiet.until, timetable.quiet.since)
            part = say.plain("☀️ News comes {hours}; the rest of the day is quiet", hours=hours)
        parts.append(part)
    return "; ".join(parts)


def _other_reading(typed: TypedTimetable, say: Translator, now: Now) -> InlineKeyboardButton | None:
    """Return the button for the other reading of a typed text; None: there is none."""
    if typed.other == PAUSE:
        return pause_button(say.plain("⏸ Pause the news"), until=None)
    other = read_timetable(typed.other, typed.timetable) if typed.other else None
    if other is None:
        return None
    what = _setting_text(other.settings[-1], other.timetable, say, now)
    return button(say.plain("↩️ No: {what}", what=what), TakeOther(text=typed.other))


def _setting_text(name: Setting, timetable: Timetable, say: Translator, now: Now) -> str:
    """Return one setting of the timetable, as plain text."""
    match name:
        case "when":
            return rhythm_text(timetable, say)
        case "quiet":
            quiet = timetable.quiet
            if quiet is None:
                return say.plain("🌙 No quiet hours")
            return say.plain("🌙 Quiet hours: {night}", night=format_night(quiet))
        case "per_day":
            return f"🔢 {limit_text(timetable, say)}"
        case "zone":
            time = local_time(timetable, now())
            return say.plain(
                "🌍 {place}, {time} now", place=say.zone_name(timetable.zone), time=time
            )


def read_label(typed: str, timetable: Timetable) -> TypedTimetable | None:
    """Return the timetable as the button or line that reads so has it; None: there is none."""
    for say, rhythm in product(map(speak, LANGUAGES), get_args(When)):
        changed_rhythm = replace(timetable, when=rhythm)
        is_line = words(rhythm_text(changed_rhythm, say)) == words(typed)
        # The line of digests has their times.
        if is_line and rhythm != "digest":
            return TypedTimetable(changed_rhythm, ("when",))
    # A button that is shown to those who have quiet hours begins them for others.
    quiet = timetable.quiet or Quiet(since=23 * _HOUR_MINUTES, until=7 * _HOUR_MINUTES)
    with_quiet = replace(timetable, quiet=quiet)
    change = change_by_label(typed, with_quiet)
    # The words of this button are read as words: each story by itself.
    if change is None or change == ChooseWhen(when="everything"):
        return None
    is_about_quiet = isinstance(change, ChooseSilence | ChooseUrgent)
    changed = apply_change(with_quiet if is_about_quiet else timetable, change)
    names: dict[Page, Setting] = {"main": "when", "digest": "when", "zone": "zone"}
    name = names.get(change.page, "per_day" if change.page == "limit" else "quiet")
    return TypedTimetable(changed, (name,)) if changed else None


async def open_page(query: CallbackQuery, callback_data: OpenWhen, db: Database, now: Now) -> None:
    """Show a page of the timetable in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show(query, db, callback_data.page, subscriber, now)


async def change_timetable(
    query: CallbackQuery, callback_data: TimetableChange, db: Database, now: Now
) -> None:
    """Apply the change of the button and show its page again."""
    subscriber = await context.find_subscriber(db, query)
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    changed = apply_change(subscriber.timetable, callback_data)
    if changed is None:
        is_last_hour = isinstance(callback_data, ChooseDigest) and not callback_data.wanted
        text = (
            say.plain("A digest needs at least one hour.")
            if is_last_hour
            else say.plain("Up to six digests a day.")
        )
        await answer_callback(query, text, alert=True)
        return
    changed = fitted(changed, subscriber)
    is_rhythm = isinstance(callback_data, ChooseWhen | ChooseDigest | ChooseWeekday)
    await _save(db, subscriber, changed, now, is_rhythm=is_rhythm)
    await answer_callback(query)
    await _show(query, db, callback_data.page, replace(subscriber, timetable=changed), now)


def fitted(timetable: Timetable, subscriber: Subscriber) -> Timetable:
    """Return the timetable with the rhythm that such a chat has: hourly news of a person is calm.

    Who has had it by the hour so far keeps that.
    """
    is_private, had = subscriber.kind == "private", subscriber.timetable.when
    if is_private and timetable.when == "hourly" != had:
        return replace(timetable, when="calm")
    if not is_private and timetable.when == "calm":
        return replace(timetable, when="hourly")
    return timetable


def apply_change(timetable: Timetable, change: TimetableChange) -> Timetable | None:
    """Return the changed timetable; None: it would have no digest, or too many."""
    match change:
        case ChooseWhen():
            return replace(timetable, when=change.when)
        case ChooseDigest():
            times = set(timetable.digest_at)
            (times.add if change.wanted else times.discard)(change.hour * _HOUR_MINUTES)
            is_valid = 0 < len(times) <= MAX_DIGESTS
            return replace(timetable, digest_at=tuple(sorted(times))) if is_valid else None
        case ChooseWeekday():
            weekday = change.weekday if change.weekday >= 0 else None
            is_weekly, was_weekly = weekday is not None, timetable.weekday is not None
            hours = WEEKLY_AT if is_weekly else DEFAULT_TIMETABLE.digest_at
            digest_at = timetable.digest_at if is_weekly == was_weekly else hours
            return replace(timetable, when="digest", weekday=weekday, digest_at=digest_at)
        case ChooseZone():
            return replace(timetable, zone=change.name)
        case ChooseLimit():
            return replace(timetable, per_day=change.per_day or None)
        case _:
            return replace(timetable, quiet=_change_quiet_hours(timetable.quiet, change))


def _change_quiet_hours(
    quiet: Quiet | None, change: ChooseNight | ChooseSilence | ChooseUrgent
) -> Quiet | None:
    match change:
        case ChooseNight(since=since, until=until) if since == until:
            return None
        case ChooseNight():
            since, until = change.since * _HOUR_MINUTES, change.until * _HOUR_MINUTES
            return replace(quiet or Quiet(since=since, until=until), since=since, until=until)
        case ChooseSilence():
            return quiet and replace(quiet, silently=change.silently)
        case ChooseUrgent():
            return quiet and replace(quiet, urgent_from=change.sources or None)


async def _save(
    db: Database, subscriber: Subscriber, timetable: Timetable, now: Now, *, is_rhythm: bool
) -> None:
    """Store the timetable; of `is_rhythm`, how the news comes is no question any more."""
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, subscriber.chat_id, timetable)
        if is_rhythm:
            await subscribers.mark_asked_when(tx, subscriber.chat_id)
        await due.recheck(tx, subscriber.chat_id, now=now())


async def _show(
    query: CallbackQuery, db: Database, page: Page, subscriber: Subscriber, now: Now
) -> None:
    timetable, say = subscriber.timetable, speak(subscriber.language)
    buttons = keyboard(page, timetable, say, kind=subscriber.kind)
    await edit(query, db, _text(page, timetable, say, now), buttons)


def _text(page: Page, timetable: Timetable, say: Translator, now: Now) -> str:
    match page:
        case "main":
            lines = timetable_lines(timetable, say, now=now())
            return "\n".join([say("<b>When news comes</b>"), "", *lines])
        case "digest":
            return say(
                "<b>Digest</b>\n\nAt which hours? Other minutes can be written:"
                " <code>/when 8:15 19:30</code>"
            )
        case "quiet":
            return say(
                "<b>Quiet hours</b>\n\n"
                "During these hours news waits until they end, or arrives silently. ⚡ "
                "Stories covered by at least this many sources still come at once.\n\n"
                "Other hours can be written: <code>/when 22:30-6:45</code>"
            )
        case "zone":
            return say(
                "<b>Your clock</b>\n\n{place}, {time} now. Another city or an offset can be"
                " written: <code>/when Lviv</code>, <code>/when +3</code>",
                time=local_time(timetable, now()),
                place=say.zone_name(timetable.zone),
            )
        case "limit":
            return say(
                "<b>How many messages a day?</b>\n\n"
                "Anything over the limit arrives in one message next morning; nothing is "
                "lost."
            )
