"""Keyboards of ready-made words: places to follow, and what can be muted by one tap."""

from collections.abc import Collection, Mapping, Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Translator
from bot.model import Word
from bot.ready_words.lists import ReadyWords
from bot.telegram.keyboards.common import (
    OpenTopics,
    Skipped,
    Slug,
    back_to_settings,
    button,
    marked,
    paging_row,
    rows,
)

PAGE_SIZE = 24


class OpenPlaces(CallbackData, prefix="places"):
    """Show the places at an offset."""

    skipped: Skipped = 0


class OpenMutes(CallbackData, prefix="mutes"):
    """Show what can be muted by one tap."""


class ChooseReady(CallbackData, prefix="ready"):
    """Follow the place of that name or mute that list, or stop it."""

    id: Slug
    wanted: bool
    skipped: Skipped = 0


def place_page(
    places: Sequence[ReadyWords], chosen: Collection[Word], skipped: int, say: Translator
) -> InlineKeyboardMarkup:
    """Return a page of the places, those that are followed marked."""
    skipped = skipped if skipped < len(places) else 0
    shown = places[skipped : skipped + PAGE_SIZE]
    buttons = [place_button(place, chosen, say, skipped=skipped) for place in shown]
    paging = paging_row(
        skipped,
        page_size=PAGE_SIZE,
        has_more=skipped + PAGE_SIZE < len(places),
        page_at=lambda offset: OpenPlaces(skipped=offset),
    )
    back = [button(say.plain("🗂 Topics"), OpenTopics()), back_to_settings(say)]
    return InlineKeyboardMarkup(inline_keyboard=[*rows(buttons, width=2), *paging, back])


def place_button(
    place: ReadyWords, chosen: Collection[Word], say: Translator, *, skipped: int = 0
) -> InlineKeyboardButton:
    """Return the button that follows the place, or stops it."""
    is_chosen = any(word.phrase == place.phrase and not word.muted for word in chosen)
    label = marked(place.label(say.language), chosen=is_chosen)
    return button(label, ChooseReady(id=place.id, wanted=not is_chosen, skipped=skipped))


def mute_page(
    lists: Sequence[ReadyWords],
    chosen: Collection[Word],
    hidden: Mapping[str, int],
    say: Translator,
) -> InlineKeyboardMarkup:
    """Return a button for each list, with how many of a week's stories it would have hidden."""
    lines = []
    for each in lists:
        is_chosen = any(word.phrase == each.phrase and word.muted for word in chosen)
        label = marked(f"{each.label(say.language)} · {hidden[each.id]}", chosen=is_chosen)
        lines.append([button(label, ChooseReady(id=each.id, wanted=not is_chosen))])
    return InlineKeyboardMarkup(inline_keyboard=[*lines, [back_to_settings(say)]])
