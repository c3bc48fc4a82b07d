"""The buttons of /when: when news comes, when it is quiet, and by which clock."""

from collections.abc import Callable
from typing import Annotated, ClassVar, Literal, get_args

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import Quiet, Timetable, When
from bot.telegram.keyboards.common import back_to_settings, button, marked, rows

Rows = list[list[InlineKeyboardButton]]
# Callback data comes back from a client, which may send what it likes.
Hour = Annotated[int, Field(ge=0, le=23)]
Page = Literal["main", "digest", "quiet", "zone", "limit"]

# When people read news; other minutes are written: /when 8:15.
_HOURS = range(6, 24)
_NIGHTS = ((22, 7), (23, 7), (23, 8), (0, 8), (0, 9), (22, 6))
_ZONES = (
    "Europe/Kyiv",
    "Europe/Warsaw",
    "Europe/Berlin",
    "Europe/London",
    "Asia/Jerusalem",
    "America/New_York",
)
_LIMITS = (5, 10, 20, 50)
_SOURCES = (3, 5, 8)


class OpenWhen(CallbackData, prefix="when"):
    """Show a page of the timetable."""

    page: Page


class ChooseWhen(CallbackData, prefix="rhythm"):
    """Get news at once, every hour or in digests."""

    page: ClassVar[Page] = "main"
    when: When


class ChooseDigest(CallbackData, prefix="digest"):
    """Get a digest at this hour, or no more."""

    page: ClassVar[Page] = "digest"
    hour: Hour
    wanted: bool


class ChooseNight(CallbackData, prefix="night"):
    """Rest between these hours; no rest where both are the same."""

    page: ClassVar[Page] = "quiet"
    since: Hour
    until: Hour


class ChooseSilence(CallbackData, prefix="silence"):
    """In quiet hours get messages without a sound, or after them."""

    page: ClassVar[Page] = "quiet"
    silently: bool


class ChooseUrgent(CallbackData, prefix="urgent"):
    """Let stories of so many sources break the rest; 0: none."""

    page: ClassVar[Page] = "quiet"
    sources: Annotated[int, Field(ge=0, le=99)]


class ChooseZone(CallbackData, prefix="zone"):
    """Have times read by the clock of this place."""

    page: ClassVar[Page] = "zone"
    name: str


class ChooseLimit(CallbackData, prefix="limit"):
    """Get no more messages a day; 0: no limit."""

    page: ClassVar[Page] = "limit"
    per_day: Annotated[int, Field(ge=0, le=999)]


Press = (
    ChooseWhen
    | ChooseDigest
    | ChooseNight
    | ChooseSilence
    | ChooseUrgent
    | ChooseZone
    | ChooseLimit
)
PRESSES = get_args(Press)


def keyboard(page: Page, timetable: Timetable, say: Translator) -> InlineKeyboardMarkup:
    """Return the buttons of a page, with the ways back."""
    choices = _PAGES[page](timetable, say)
    ways = [] if page == "main" else [button(say.plain("↩️ Back"), OpenWhen(page="main"))]
    return InlineKeyboardMarkup(inline_keyboard=[*choices, [*ways, back_to_settings(say)]])


def _main(timetable: Timetable, say: Translator) -> Rows:
    names: tuple[tuple[When, str], ...] = (
        ("at once", say.plain("At once")),
        ("hourly", say.plain("Every hour")),
        ("digest", say.plain("Digest")),
    )
    whens = [
        button(marked(name, chosen=timetable.when == when), ChooseWhen(when=when))
        for when, name in names
    ]
    quiet = timetable.quiet
    pages: list[tuple[str, Page]] = [
        (
            say.plain("🌙 Quiet hours: {night}", night=night(quiet))
            if quiet
            else say.plain("🌙 No quiet hours"),
            "quiet",
        ),
        (f"🌍 {say.place(timetable.zone)}", "zone"),
        (f"🔢 {limit(timetable, say)}", "limit"),
    ]
    if timetable.when == "digest":
        times = ", ".join(map(format_minute, timetable.digest_at))
        pages.insert(0, (say.plain("🗞 Digest at {times}", times=times), "digest"))
    return [whens, *([button(text, OpenWhen(page=page))] for text, page in pages)]


def night(quiet: Quiet) -> str:
    """Return the quiet hours as people write them."""
    return f"{format_minute(quiet.since)}–{format_minute(quiet.until)}"


def limit(timetable: Timetable, say: Translator) -> str:
    """Return the limit of a day in words."""
    if timetable.per_day is None:
        return say.plain("No limit a day")
    return say.plural(
        "At most {count} message a day", "At most {count} messages a day", timetable.per_day
    )


def _digest(timetable: Timetable, say: Translator) -> Rows:
    buttons = [
        button(
            marked(format_minute(hour * 60), chosen=hour * 60 in timetable.digest_at),
            ChooseDigest(hour=hour, wanted=hour * 60 not in timetable.digest_at),
        )
        for hour in _HOURS
    ]
    return rows(buttons, width=4)


def _quiet(timetable: Timetable, say: Translator) -> Rows:
    quiet = timetable.quiet
    chosen = (quiet.since, quiet.until) if quiet else None
    nights = [
        button(
            marked(
                night(Quiet(since=since * 60, until=until * 60)),
                chosen=chosen == (since * 60, until * 60),
            ),
            ChooseNight(since=since, until=until),
        )
        for since, until in _NIGHTS
    ]
    none = button(
        marked(say.plain("🌙 No quiet hours"), chosen=quiet is None), ChooseNight(since=0, until=0)
    )
    return [[none], *rows(nights, width=3), *(_manner(quiet, say) if quiet else ())]


def _manner(quiet: Quiet, say: Translator) -> Rows:
    ways = [
        button(
            marked(say.plain("⏳ After them"), chosen=not quiet.silently),
            ChooseSilence(silently=False),
        ),
        button(
            marked(say.plain("🔕 Without a sound"), chosen=quiet.silently),
            ChooseSilence(silently=True),
        ),
    ]
    urgent = [
        button(
            marked(say.plain("⚡ Never"), chosen=quiet.urgent_from is None), ChooseUrgent(sources=0)
        ),
        *(
            button(
                marked(f"⚡ {sources}+", chosen=quiet.urgent_from == sources),
                ChooseUrgent(sources=sources),
            )
            for sources in _SOURCES
        ),
    ]
    return [ways, urgent]


def _zones(timetable: Timetable, say: Translator) -> Rows:
    buttons = [
        button(marked(say.place(name), chosen=timetable.zone == name), ChooseZone(name=name))
        for name in _ZONES
    ]
    return rows(buttons, width=2)


def _limits(timetable: Timetable, say: Translator) -> Rows:
    none = button(
        marked(say.plain("No limit a day"), chosen=timetable.per_day is None),
        ChooseLimit(per_day=0),
    )
    limits = [
        button(marked(str(many), chosen=timetable.per_day == many), ChooseLimit(per_day=many))
        for many in _LIMITS
    ]
    return [[none], *rows(limits, width=4)]


_PAGES: dict[Page, Callable[[Timetable, Translator], Rows]] = {
    "main": _main,
    "digest": _digest,
    "quiet": _quiet,
    "zone": _zones,
    "limit": _limits,
}


def format_minute(minute: int) -> str:
    """Return a minute of the day as clocks show it."""
    return f"{minute // 60:02}:{minute % 60:02}"
