"""The row of buttons under a story: small signs, which say the same in every language."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field, ValidationError

from bot.model import FIRST_LINKS, Story, StoryButtons
from bot.telegram.deep_links import StoryLink, View, address, sharing
from bot.telegram.keyboards.common import MOST_SKIPPED, TurnPage, button

# Callback data comes back from a client, which may send what it likes; SQLite's integers end.
StoryNumber = Annotated[int, Field(ge=1, lt=2**63)]

SAVED, NOT_SAVED = "✅", "🔖"
_MORE, _FEWER, _BACK, _WHY, _SHARE = "➕", "➖", "↩️", "🔕", "📤"


class SaveStory(CallbackData, prefix="save"):
    """Keep a story for the one who presses, or no more."""

    story_id: StoryNumber
    wanted: bool


class ShowStory(CallbackData, prefix="story"):
    """Show another view of the story in place."""

    story_id: StoryNumber
    view: View


class AskWhy(CallbackData, prefix="why"):
    """Say why the story came, and how to get no more of its kind."""

    story_id: StoryNumber


class RemoveSaved(CallbackData, prefix="unsave"):
    """Keep a story no more, and show the page of the list, which begins after so many."""

    story_id: StoryNumber
    skipped: Annotated[int, Field(ge=0, le=MOST_SKIPPED)]


@lru_cache(maxsize=256)
def under_story(
    buttons: StoryButtons, *, bot_name: str, view: View = "brief"
) -> InlineKeyboardMarkup:
    """Return the row: of all that can be done where one reads alone, of little among others.

    What a press changes is seen by all in a group, and by all readers of a channel. There a link
    leads to the private chat instead, and a press saves for the one who presses.
    """
    link = StoryLink(buttons.story_id)
    share = InlineKeyboardButton(text=_SHARE, url=sharing(link, buttons.title, bot_name=bot_name))
    if buttons.kind == "private":
        why = button(_WHY, AskWhy(story_id=buttons.story_id))
        row = [_save(buttons), *_links(buttons, view), *_sources(buttons, view), why, share]
    else:
        keeping = [_save(buttons)] if buttons.kind == "group" else []
        row = [*keeping, *_sources_elsewhere(buttons, bot_name), share]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def with_saved(markup: InlineKeyboardMarkup, *, is_saved: bool) -> InlineKeyboardMarkup:
    """Return the same buttons, of which the one that saves shows what is so now."""
    rows = [[_marked(it, is_saved=is_saved) for it in row] for row in markup.inline_keyboard]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def removing(
    stories: Iterable[Story], page: TurnPage, ways: InlineKeyboardMarkup | None
) -> InlineKeyboardMarkup:
    """Return a button for each of a numbered page, by which it is kept no more, and the ways on."""
    numbers = [
        button(f"✖ {number}", RemoveSaved(story_id=story.id, skipped=page.skipped))
        for number, story in enumerate(stories, start=1)
    ]
    others = ways.inline_keyboard if ways else []
    return InlineKeyboardMarkup(inline_keyboard=[numbers, *others])


def _save(buttons: StoryButtons) -> InlineKeyboardButton:
    press = SaveStory(story_id=buttons.story_id, wanted=not buttons.is_saved)
    return button(SAVED if buttons.is_saved else NOT_SAVED, press)


def _links(buttons: StoryButtons, view: View) -> list[InlineKeyboardButton]:
    if buttons.links <= FIRST_LINKS:
        return []
    is_open = view == "more"
    press = ShowStory(story_id=buttons.story_id, view="brief" if is_open else "more")
    return [button(_FEWER if is_open else _MORE, press)]


def _sources(buttons: StoryButtons, view: View) -> list[InlineKeyboardButton]:
    if view == "sources":
        return [button(_BACK, ShowStory(story_id=buttons.story_id, view="brief"))]
    if buttons.sources == 1:
        return []
    press = ShowStory(story_id=buttons.story_id, view="sources")
    return [button(_count(buttons), press)]


def _sources_elsewhere(buttons: StoryButtons, bot_name: str) -> list[InlineKeyboardButton]:
    if buttons.sources == 1:
        return []
    url = address(StoryLink(buttons.story_id, "sources"), bot_name=bot_name)
    return [InlineKeyboardButton(text=_count(buttons), url=url)]


def _count(buttons: StoryButtons) -> str:
    return f"🗞 {buttons.sources}"


def _marked(shown: InlineKeyboardButton, *, is_saved: bool) -> InlineKeyboardButton:
    try:
        press = SaveStory.unpack(shown.callback_data or "")
    except (TypeError, ValueError, ValidationError):
        return shown
    return button(
        SAVED if is_saved else NOT_SAVED, SaveStory(story_id=press.story_id, wanted=not is_saved)
    )
