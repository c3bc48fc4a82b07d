"""Keyboards of /when: news rhythm, digest hours, quiet hours, time zone and daily limit."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Annotated, ClassVar, Literal, get_args

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import AfterValidator, Field

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, ChatKind, Quiet, Timetable, When
from bot.telegram.keyboards.common import back_to_settings, button, data_of, marked, rows
from bot.timezones import parse_zone

Rows = list[list[InlineKeyboardButton]]
ZoneName = Annotated[str, AfterValidator(parse_zone)]
Hour = Annotated[int, Field(ge=0, le=23)]
Page = Literal["main", "digest", "quiet", "zone", "limit"]

# Hours and nights that buttons offer; any other time is typed: /when 8:15.
_DIGEST_HOURS = range(6, 24)
_NIGHTS = ((22, 7), (23, 7), (23, 8), (0, 8), (0, 9), (22, 6))
_ZONES = (
    "Europe/Kyiv",
    "Europe/Warsaw",
    "Europe/Berlin",
    "Europe/London",
    "Asia/Jerusalem",
    "America/New_York",
)
# Of the 64 bytes of callback data, beside its prefix.
MAX_TAKEN_BYTES = 58
_DAILY_LIMITS = (5, 10, 20, 50)
_URGENT_SOURCES = (3, 5, 8)
_SUNDAY, _WEEK_DAYS = 6, 7


class OpenWhen(CallbackData, prefix="when"):
    """Show a page of the timetable."""

    page: Page


class TakeOther(CallbackData, prefix="other"):
    """Take the other reading of a typed text, in a form that can only be read so."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_TAKEN_BYTES)]


class ChooseWhen(CallbackData, prefix="rhythm"):
    """Set the rhythm: each story at once, a rush together, calm, once an hour, or in digests."""

    page: ClassVar[Page] = "main"
    when: When


class ChooseDigest(CallbackData, prefix="digest"):
    """Add a digest at this hour, or remove it."""

    page: ClassVar[Page] = "digest"
    hour: Hour
    wanted: bool


class ChooseWeekday(CallbackData, prefix="weekday"):
    """Let the digest come on that day of the week alone, 0 is Monday; -1: on every day."""

    page: ClassVar[Page] = "digest"
    weekday: Annotated[int, Field(ge=-1, le=6)]


class ChooseNight(CallbackData, prefix="night"):
    """Set the quiet hours; none if both hours are equal."""

    page: ClassVar[Page] = "quiet"
    since: Hour
    until: Hour


class ChooseSilence(CallbackData, prefix="silence"):
    """In quiet hours, send messages without a sound, or hold them until the end."""

    page: ClassVar[Page] = "quiet"
    silently: bool


class ChooseUrgent(CallbackData, prefix="urgent"):
    """Let stories of at least so many sources through in quiet hours; 0 for none."""

    page: ClassVar[Page] = "quiet"
    sources: Annotated[int, Field(ge=0, le=99)]


class ChooseZone(CallbackData, prefix="zone"):
    """Set the time zone, as `bot.timezones` names it."""

    page: ClassVar[Page] = "zone"
    name: ZoneName


class ChooseLimit(CallbackData, prefix="limit"):
    """Set the most messages a day; 0 for no limit."""

    page: ClassVar[Page] = "limit"
    per_day: Annotated[int, Field(ge=0, le=999)]


TimetableChange = (
    ChooseWhen
    | ChooseDigest
    | ChooseWeekday
    | ChooseNight
    | ChooseSilence
    | ChooseUrgent
    | ChooseZone
    | ChooseLimit
)
TIMETABLE_CHANGES = get_args(TimetableChange)


def keyboard(
    page: Page,
    timetable: Timetable,
    say: Translator,
    *,
    kind: ChatKind = "private",
    others: Iterable[InlineKeyboardButton] = (),
) -> InlineKeyboardMarkup:
    """Return the buttons of a page and the way back, below `others`, each in a row."""
    to_main = button(say.plain("↩️ Back"), OpenWhen(page="main"))
    back = back_to_settings(say) if page == "main" else to_main
    first = [[other] for other in others]
    choices = _choices(page, timetable, say, kind)
    return InlineKeyboardMarkup(inline_keyboard=[*first, *choices, [back]])


def change_by_label(typed: str, timetable: Timetable) -> TimetableChange | None:
    """Return what the button does that a person copied the label of, in any language.

    None: there is no such button, or it has only numbers.
    """
    wanted = _label_key(typed)
    if not re.search(r"[^\W\d_]|⚡", wanted):
        return None
    kinds: tuple[ChatKind, ...] = ("private", "group")
    for language, page, kind in product(LANGUAGES, get_args(Page), kinds):
        say = speak(language)
        for row in (*_choices(page, timetable, say, kind), *first_choice(say).inline_keyboard):
            for choice in row:
                label = _label_key(choice.text)
                if wanted in (label, _label_key(label.lstrip("🌙⏳🔕🌍🔢🗞📨🕐 "))):
                    change: TimetableChange | None = data_of(choice, TIMETABLE_CHANGES)
                    if change:
                        return change
    return None


def _label_key(label: str) -> str:
    return " ".join(label.replace("✅", "").replace("\ufe0f", "").casefold().split())


def first_choice(say: Translator) -> InlineKeyboardMarkup:
    """Return the answers to how the news should come, the recommended one first."""
    answers: tuple[tuple[str, When], ...] = (
        (say.plain("🔕 Calm (recommended)"), "calm"),
        (say.plain("🗞 Twice a day"), "digest"),
        (say.plain("⚡ Everything at once"), "everything"),
    )
    return InlineKeyboardMarkup(
        inline_keyboard=[[button(label, ChooseWhen(when=when))] for label, when in answers]
    )


def format_night(quiet: Quiet) -> str:
    """Return the quiet hours as people write them: "22:00–07:00"."""
    return format_hours(quiet.since, quiet.until)


def format_hours(since: int, until: int) -> str:
    """Return a range of minutes of the day as people write it."""
    return f"{format_minute(since)}–{format_minute(until)}"


def format_minute(minute: int) -> str:
    """Return a minute of the day as clocks show it: "07:05"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def digest_times(timetable: Timetable, say: Translator) -> str:
    """Return when digests come: "08:00, 19:00", of a weekly one "Sunday, 10:00"."""
    days = [] if timetable.weekday is None else [say.weekday(timetable.weekday)]
    return ", ".join([*days, *map(format_minute, timetable.digest_at)])


def limit_text(timetable: Timetable, say: Translator) -> str:
    """Return the daily limit as buttons and /settings show it."""
    if timetable.per_day is None:
        return say.plain("No daily limit")
    return say.plural(
        "At most {count} message a day", "At most {count} messages a day", timetable.per_day
    )


def _choices(page: Page, timetable: Timetable, say: Translator, kind: ChatKind) -> Rows:
    match page:
        case "main":
            return _overview(timetable, say, kind)
        case "digest":
            hours = []
            for hour in _DIGEST_HOURS:
                is_chosen = hour * 60 in timetable.digest_at
                label = marked(format_minute(hour * 60), chosen=is_chosen)
                hours.append(button(label, ChooseDigest(hour=hour, wanted=not is_chosen)))
            return [*rows(hours, width=4), *_days(timetable.weekday, say)]
        case "quiet":
            return _quiet_hours(timetable.quiet, say)
        case "zone":
            zones = [
                button(
                    marked(say.zone_name(name), chosen=timetable.zone == name),
                    ChooseZone(name=name),
                )
                for name in _ZONES
            ]
            return rows(zones, width=2)
        case "limit":
            chosen = timetable.per_day
            none = button(
                marked(say.plain("No daily limit"), chosen=chosen is None), ChooseLimit(per_day=0)
            )
            limits = [
                button(marked(str(limit), chosen=chosen == limit), ChooseLimit(per_day=limit))
                for limit in _DAILY_LIMITS
            ]
            return [[none], *rows(limits, width=4)]


def _overview(timetable: Timetable, say: Translator, kind: ChatKind) -> Rows:
    is_private = kind == "private"
    has_each = timetable.when == "at once" or not is_private
    names: tuple[tuple[When, str], ...] = (
        ("at once", say.plain("At once"))
        if has_each
        else ("everything", say.plain("Everything at once")),
        ("calm", say.plain("Calm")) if is_private else ("hourly", say.plain("Every hour")),
        ("digest", say.plain("Digest")),
    )
    rhythms = [
        button(marked(name, chosen=timetable.when == when), ChooseWhen(when=when))
        for when, name in names
    ]
    pages: list[tuple[str, Page]] = []
    if timetable.when == "digest":
        times = digest_times(timetable, say)
        label = say.plain("🗞 Digest at {times}", times=times)
        if timetable.weekday is not None:
            label = say.plain("🗞 One message a week: {times}", times=times)
        pages.append((label, "digest"))
    night = say.plain("🌙 No quiet hours")
    if timetable.quiet:
        night = say.plain("🌙 Quiet hours: {night}", night=format_night(timetable.quiet))
    pages += [
        (night, "quiet"),
        (f"🌍 {say.zone_name(timetable.zone)}", "zone"),
        (f"🔢 {limit_text(timetable, say)}", "limit"),
    ]
    return [rhythms, *([button(text, OpenWhen(page=page))] for text, page in pages)]


def _days(weekday: int | None, say: Translator) -> Rows:
    """Return the buttons for the days of a digest: all, or one of the week."""
    every = button(
        marked(say.plain("Every day"), chosen=weekday is None), ChooseWeekday(weekday=-1)
    )
    if weekday is None:
        weekly = button(say.plain("Once a week"), ChooseWeekday(weekday=_SUNDAY))
        return [[every, weekly]]
    days = [
        button(marked(say.weekday(day), chosen=day == weekday), ChooseWeekday(weekday=day))
        for day in range(_WEEK_DAYS)
    ]
    return [[every], *rows(days, width=2)]


def _quiet_hours(quiet: Quiet | None, say: Translator) -> Rows:
    none = button(
        marked(say.plain("🌙 No quiet hours"), chosen=quiet is None), ChooseNight(since=0, until=0)
    )
    nights = []
    for since, until in _NIGHTS:
        night = Quiet(since=since * 60, until=until * 60)
        is_chosen = quiet is not None and (quiet.since, quiet.until) == (night.since, night.until)
        label = marked(format_night(night), chosen=is_chosen)
        nights.append(button(label, ChooseNight(since=since, until=until)))
    if quiet is None:
        return [[none], *rows(nights, width=3)]
    held = marked(say.plain("⏳ News waits"), chosen=not quiet.silently)
    silent = marked(say.plain("🔕 Without a sound"), chosen=quiet.silently)
    manner = [
        button(held, ChooseSilence(silently=False)),
        button(silent, ChooseSilence(silently=True)),
    ]
    never = marked(say.plain("⚡ Never"), chosen=quiet.urgent_from is None)
    urgent = [button(never, ChooseUrgent(sources=0))]
    for sources in _URGENT_SOURCES:
        label = marked(f"⚡ {sources}+", chosen=quiet.urgent_from == sources)
        urgent.append(button(label, ChooseUrgent(sources=sources)))
    return [[none], *rows(nights, width=3), manner, urgent]
