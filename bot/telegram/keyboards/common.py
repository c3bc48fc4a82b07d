"""Building blocks of inline keyboards: buttons, rows, paging, and the pages of the settings.

Callback data names the state wanted ("war: on"), never a toggle: a press that arrives twice, or
comes from an old keyboard, is idempotent. A client may send any data: each field is parsed by its
type into a value that can be used as it is, and data without one are those of an old keyboard.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Annotated, Literal, TypeVar

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import Language
from bot.text.readings import readings
from bot.topics import SLUG_PATTERN

Data = TypeVar("Data", bound=CallbackData)

# Each language in its own script, so that its readers recognise it.
LANGUAGE_NAMES: dict[Language, str] = {"uk": "Українська", "ru": "Русский", "en": "English"}

# SQLite's integers are of 64 bits, and its row ids positive.
RowId = Annotated[int, Field(ge=1, lt=2**63)]
# The topic may have been removed since; the pattern is that of `bot.topics`.
Slug = Annotated[str, Field(pattern=f"^{SLUG_PATTERN}$")]
SlugOrAll = Annotated[str, Field(pattern=f"^(?:{SLUG_PATTERN})?$")]

# A query with an offset costs more with each page; nobody reads this far back.
MAX_SKIPPED = 1000
# The offset of a page of words.
Skipped = Annotated[int, Field(ge=0, le=999)]


class OpenSettings(CallbackData, prefix="settings"):
    """Show all settings."""


class OpenLanguages(CallbackData, prefix="languages"):
    """Show the choice of languages."""


class OpenTopics(CallbackData, prefix="topics"):
    """Show the choice of topics."""


class TurnPage(CallbackData, prefix="page"):
    """Show another page of a list of stories, at an offset."""

    kind: Literal["latest", "search", "top", "saved"]
    skipped: Annotated[int, Field(ge=0, le=MAX_SKIPPED)] = 0


class SearchWord(CallbackData, prefix="search"):
    """Search for the word that was meant."""

    text: str


def button(text: str, callback: CallbackData) -> InlineKeyboardButton:
    """Return a button with that callback data."""
    return InlineKeyboardButton(text=text, callback_data=callback.pack())


def data_of(shown: InlineKeyboardButton, kinds: Iterable[type[Data]]) -> Data | None:
    """Return the callback data of a button; None: they are of none of the kinds."""
    for kind in kinds:
        with suppress(TypeError, ValueError):
            return kind.unpack(shown.callback_data or "")
    return None


def rows(
    buttons: Sequence[InlineKeyboardButton], *, width: int
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons in rows of at most `width`."""
    return [list(buttons[start : start + width]) for start in range(0, len(buttons), width)]


def marked(text: str, *, chosen: bool) -> str:
    """Return the label of an option, with a check mark if it is chosen."""
    return f"✅ {text}" if chosen else text


def mark(emoji: str, *, chosen: bool) -> str:
    """Return the emoji of an option, or a check mark in its place if it is chosen."""
    return "✅" if chosen else emoji


def back_to_settings(say: Translator) -> InlineKeyboardButton:
    """Return the button of a page that leads back to all settings."""
    return button(say.plain("↩️ Back"), OpenSettings())


def paging_row(
    skipped: int, *, page_size: int, has_more: bool, page_at: Callable[[int], CallbackData]
) -> list[list[InlineKeyboardButton]]:
    """Return the paging row of a list; empty if the list fits on one page."""
    arrows = [button("◀️", page_at(max(0, skipped - page_size)))] if skipped else []
    if has_more:
        arrows.append(button("▶️", page_at(skipped + page_size)))
    return [arrows] if arrows else []


def story_paging(
    page: TurnPage,
    *,
    page_size: int,
    has_more: bool,
    say: Translator,
    choices: Sequence[InlineKeyboardButton] = (),
) -> InlineKeyboardMarkup | None:
    """Return the choices and the paging buttons of a list of stories; None if there are none."""
    newer = TurnPage(kind=page.kind, skipped=max(0, page.skipped - page_size))
    arrows = [button(say.plain("◀️ Newer"), newer)] if page.skipped else []
    if has_more and page.skipped + page_size <= MAX_SKIPPED:
        older = TurnPage(kind=page.kind, skipped=page.skipped + page_size)
        arrows.append(button(say.plain("Older ▶️"), older))
    lines = [*rows(choices, width=1), *([arrows] if arrows else [])]
    return InlineKeyboardMarkup(inline_keyboard=lines) if lines else None


def search_choices(query: str) -> list[InlineKeyboardButton]:
    """Return a button for each word that the query may be a form of; none: it is of one."""
    return [button(", ".join(reading), SearchWord(text=reading[0])) for reading in readings(query)]
