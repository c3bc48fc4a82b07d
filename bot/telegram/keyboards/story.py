"""Keyboards of a story (a row of signs that need no translation), of /saved and of /why."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Literal, TypeVar

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field, ValidationError

from bot.i18n import Translator
from bot.model import FIRST_LINKS, Story, StoryButtons
from bot.story_filter import MatchReason
from bot.telegram.deep_links import StoryLink, View, link_url, share_url
from bot.telegram.keyboards.common import (
    MAX_SKIPPED,
    RowId,
    TurnPage,
    back_to_settings,
    button,
    rows,
)
from bot.text.phonetics import find_names
from bot.topics import Topics

Callback = TypeVar("Callback", bound=CallbackData)
Kind = Literal["topic", "word", "feed", "source", "name"]

SAVED, NOT_SAVED = "✅", "🔖"
_FOLLOWED, _NOT_FOLLOWED = "🔔 ✓", "🔔"
_MORE, _FEWER, _BACK, _WHY, _SHARE = "➕", "➖", "↩️", "🔕", "📤"

# Buttons that mute a name; any other name is muted with /mute.
MAX_NAMES = 3
MAX_LABEL_CHARS = 30


class SaveStory(CallbackData, prefix="save"):
    """Save a story for the person who presses, or remove it."""

    story_id: RowId
    wanted: bool


class ShowStory(CallbackData, prefix="story"):
    """Show another view of the story in the same message."""

    story_id: RowId
    view: View


class AskWhy(CallbackData, prefix="why"):
    """Show why the story was sent, and what can be dismissed."""

    story_id: RowId


class FollowStory(CallbackData, prefix="line"):
    """Follow the storyline of the story, or end following it."""

    story_id: RowId
    wanted: bool


class EndStoryline(CallbackData, prefix="endline"):
    """End following the storyline of the story, and show the rest of the list."""

    story_id: RowId


class RemoveSaved(CallbackData, prefix="unsave"):
    """Remove a saved story, and show the page of the list at this offset."""

    story_id: RowId
    skipped: Annotated[int, Field(ge=0, le=MAX_SKIPPED)]


class Dismiss(CallbackData, prefix="away"):
    """Get no more stories for this reason.

    `key` is a topic's slug, a phrase's id, or the position of a name in `mutable_names`.
    """

    story_id: RowId
    kind: Kind
    key: str = ""


@lru_cache(maxsize=256)
def under_story(
    buttons: StoryButtons, *, bot_name: str, view: View = "brief"
) -> InlineKeyboardMarkup:
    """Return the row under a story: all actions in a private chat, few in groups and channels.

    A changed view would be seen by everybody in a group or channel, so there the button is a link
    to the private chat; saving acts for the person who presses.
    """
    story_id, is_private = buttons.story_id, buttons.kind == "private"
    row = []
    if buttons.kind != "channel":
        save = SaveStory(story_id=story_id, wanted=not buttons.is_saved)
        row.append(button(SAVED if buttons.is_saved else NOT_SAVED, save))
    if is_private:
        if buttons.link_count > FIRST_LINKS:
            other: View = "brief" if view == "more" else "more"
            sign = _FEWER if view == "more" else _MORE
            row.append(button(sign, ShowStory(story_id=story_id, view=other)))
        if view == "sources":
            row.append(button(_BACK, ShowStory(story_id=story_id, view="brief")))
        elif buttons.source_count > 1:
            show = ShowStory(story_id=story_id, view="sources")
            row.append(button(f"🗞 {buttons.source_count}", show))
        follow = _follow_button(story_id, is_followed=buttons.is_followed)
        row += [follow] * buttons.is_chapter
        row.append(button(_WHY, AskWhy(story_id=story_id)))
    elif buttons.source_count > 1:
        url = link_url(StoryLink(story_id, "sources"), bot_name=bot_name)
        row.append(InlineKeyboardButton(text=f"🗞 {buttons.source_count}", url=url))
    sharing = share_url(StoryLink(story_id), buttons.title, bot_name=bot_name)
    row.append(InlineKeyboardButton(text=_SHARE, url=sharing))
    return InlineKeyboardMarkup(inline_keyboard=[row])


def with_saved(markup: InlineKeyboardMarkup, *, is_saved: bool) -> InlineKeyboardMarkup:
    """Return the same keyboard with the state of the save button set."""
    sign = SAVED if is_saved else NOT_SAVED
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                button(sign, SaveStory(story_id=callback.story_id, wanted=not is_saved))
                if (callback := _unpacked(SaveStory, shown))
                else shown
                for shown in row
            ]
            for row in markup.inline_keyboard
        ]
    )


def with_followed(markup: InlineKeyboardMarkup, *, is_followed: bool) -> InlineKeyboardMarkup:
    """Return the same keyboard with the state of the follow button set."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                _follow_button(callback.story_id, is_followed=is_followed)
                if shown.text in (_FOLLOWED, _NOT_FOLLOWED)
                and (callback := _unpacked(FollowStory, shown))
                else shown
                for shown in row
            ]
            for row in markup.inline_keyboard
        ]
    )


def storyline_list(followed: Iterable[Story]) -> InlineKeyboardMarkup:
    """Return a button for each storyline of a numbered list that ends following it."""
    ends = [
        button(f"✖ {number}", EndStoryline(story_id=story.id))
        for number, story in enumerate(followed, start=1)
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows(ends, width=5))


def saved_list(
    stories: Iterable[Story], page: TurnPage, paging: InlineKeyboardMarkup | None
) -> InlineKeyboardMarkup:
    """Return a button for each story of a numbered page that removes it, above the paging row."""
    removals = [
        button(f"✖ {number}", RemoveSaved(story_id=story.id, skipped=page.skipped))
        for number, story in enumerate(stories, start=1)
    ]
    return InlineKeyboardMarkup(
        inline_keyboard=[removals, *(paging.inline_keyboard if paging else [])]
    )


def dismiss(
    story: Story, reason: MatchReason | None, topics: Topics, say: Translator
) -> InlineKeyboardMarkup:
    """Return a row to follow a chapter's story, and one for each reason that can be dismissed.

    A `reason` of None, of a story that matches no more, leaves the names and the source.
    """

    def callback(kind: Kind, key: str = "") -> Dismiss:
        return Dismiss(story_id=story.id, kind=kind, key=key)

    buttons = []
    if story.continues is not None:
        is_followed = reason is not None and reason.storyline
        label = (
            say.plain("➖ Do not follow this story")
            if is_followed
            else say.plain("🔔 Follow this story")
        )
        buttons.append(button(label, FollowStory(story_id=story.id, wanted=not is_followed)))
    for topic in filter(None, map(topics.get, reason.topics if reason else ())):
        label = say.plain("➖ No more of “{name}”", name=topic.names[say.language])
        buttons.append(button(label, callback("topic", topic.slug)))
    for word in reason.words if reason else ():
        label = say.plain("➖ Do not follow “{name}”", name=word.text[:MAX_LABEL_CHARS])
        buttons.append(button(label, callback("word", str(word.id))))
    for position, name in enumerate(mutable_names(story)):
        label = say.plain("🔕 Mute “{name}”", name=name.title())
        buttons.append(button(label, callback("name", str(position))))
    if reason and reason.own_feed:
        buttons.append(button(say.plain("🗑 Remove this feed"), callback("feed")))
    else:
        label = say.plain("🚫 Nothing from {source}", source=story.source[:MAX_LABEL_CHARS])
        buttons.append(button(label, callback("source")))
    return InlineKeyboardMarkup(
        inline_keyboard=[*([each] for each in buttons), [back_to_settings(say)]]
    )


def mutable_names(story: Story) -> tuple[str, ...]:
    """Return the names in the headline that a button can mute, casefolded."""
    return tuple(name for name in find_names(story.title) if len(name) <= MAX_LABEL_CHARS)[
        :MAX_NAMES
    ]


def _unpacked(kind: type[Callback], shown: InlineKeyboardButton) -> Callback | None:
    """Return the callback of a button; None if it is of another kind."""
    try:
        return kind.unpack(shown.callback_data or "")
    except (TypeError, ValueError, ValidationError):
        return None


def _follow_button(story_id: int, *, is_followed: bool) -> InlineKeyboardButton:
    sign = _FOLLOWED if is_followed else _NOT_FOLLOWED
    return button(sign, FollowStory(story_id=story_id, wanted=not is_followed))
