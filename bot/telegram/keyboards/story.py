"""Keyboards of a story and its menu, of /saved and of /why."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator, speak
from bot.model import FIRST_LINKS, Story, StoryButtons, Verdict
from bot.story_filter import MatchReason
from bot.telegram.deep_links import StoryLink, View, link_url, share_url
from bot.telegram.keyboards.common import (
    MAX_SKIPPED,
    Data,
    RowId,
    TurnPage,
    button,
    data_of,
    rows,
)
from bot.text.phonetics import find_whole_names
from bot.topics import Topics

Kind = Literal["topic", "word", "feed", "source", "name"]
# How many stories of the last week each dismissal would have hidden, by its kind and key.
Hidden = Mapping[tuple[Kind, str], int]

_MENU = "⋯"

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


class OpenMenu(CallbackData, prefix="menu"):
    """Show the menu of a story in place of its buttons."""

    story_id: RowId


class AskWhy(CallbackData, prefix="why"):
    """Show why the story was sent, in place of it."""

    story_id: RowId


class LessOfThis(CallbackData, prefix="less"):
    """Show what can be dismissed of a story, in place of it."""

    story_id: RowId


class Judge(CallbackData, prefix="judge"):
    """Report that the story has a wrong topic, or joins articles of different events."""

    story_id: RowId
    verdict: Verdict


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
    """Return the row under a story: save, sources and menu; in groups and channels links instead.

    A changed view would be seen by everybody in a group or channel, so there the button is a link
    to the private chat; saving acts for the person who presses.
    """
    story_id, say = buttons.story_id, speak(buttons.language)
    row = []
    if buttons.kind != "channel":
        row.append(_save_button(story_id, say, is_saved=buttons.is_saved))
    if buttons.kind == "private":
        if view != "brief":
            row.append(back_to_story(story_id, say))
        elif buttons.source_count > 1:
            show = ShowStory(story_id=story_id, view="sources")
            row.append(button(_sources_label(buttons, say), show))
        row.append(button(_MENU, OpenMenu(story_id=story_id)))
    elif not buttons.is_private:
        if buttons.source_count > 1:
            url = link_url(StoryLink(story_id, "sources"), bot_name=bot_name)
            row.append(InlineKeyboardButton(text=_sources_label(buttons, say), url=url))
        row += _share_buttons(buttons, say, bot_name=bot_name)
    return InlineKeyboardMarkup(inline_keyboard=[row] if row else [])


def story_menu(buttons: StoryButtons, *, bot_name: str) -> InlineKeyboardMarkup:
    """Return the menu of a story in a private chat: each action only where it does something."""
    story_id, say = buttons.story_id, speak(buttons.language)
    actions = [
        button(say.plain("❔ Why it came"), AskWhy(story_id=story_id)),
        button(say.plain("🔕 Less of this"), LessOfThis(story_id=story_id)),
        button(say.plain("🗂 Wrong topic"), Judge(story_id=story_id, verdict="topic")),
    ]
    if buttons.source_count > 1 or buttons.is_chapter:
        other = Judge(story_id=story_id, verdict="story")
        actions.append(button(say.plain("🧩 Not the same story"), other))
    if buttons.link_count > FIRST_LINKS:
        more = ShowStory(story_id=story_id, view="more")
        actions.append(button(say.plain("➕ More links"), more))
    if buttons.is_chapter:
        actions.append(follow_button(story_id, say, is_followed=buttons.is_followed))
    if not buttons.is_private:
        actions += _share_buttons(buttons, say, bot_name=bot_name)
    actions.append(back_to_story(story_id, say))
    return InlineKeyboardMarkup(inline_keyboard=rows(actions, width=2))


def why_page(story_id: int, say: Translator) -> InlineKeyboardMarkup:
    """Return the buttons under the reasons that brought a story."""
    less = button(say.plain("🔕 Less of this"), LessOfThis(story_id=story_id))
    return InlineKeyboardMarkup(inline_keyboard=[[less, back_to_story(story_id, say)]])


def back_to_story(story_id: int, say: Translator) -> InlineKeyboardButton:
    """Return the button that shows the story as it was sent."""
    return button(say.plain("↩️ Back"), ShowStory(story_id=story_id, view="brief"))


def follow_button(story_id: int, say: Translator, *, is_followed: bool) -> InlineKeyboardButton:
    """Return the button that follows the storyline of a chapter, or ends that."""
    label = (
        say.plain("➖ Unfollow this story") if is_followed else say.plain("🔔 Follow this story")
    )
    return button(label, FollowStory(story_id=story_id, wanted=not is_followed))


def with_saved(
    markup: InlineKeyboardMarkup, say: Translator, *, is_saved: bool
) -> InlineKeyboardMarkup:
    """Return the same keyboard with the state of the save button set."""
    return _with_each(
        markup, SaveStory, lambda data: _save_button(data.story_id, say, is_saved=is_saved)
    )


def with_followed(
    markup: InlineKeyboardMarkup, say: Translator, *, is_followed: bool
) -> InlineKeyboardMarkup:
    """Return the same keyboard with the state of the follow button set."""
    return _with_each(
        markup, FollowStory, lambda data: follow_button(data.story_id, say, is_followed=is_followed)
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
    story: Story,
    reason: MatchReason | None,
    topics: Topics,
    say: Translator,
    *,
    hidden: Hidden | None = None,
) -> InlineKeyboardMarkup:
    """Return a row to follow a chapter's story, and one for each reason that can be dismissed.

    A `reason` of None, of a story that matches no more, leaves the names and the source. Where it
    is `hidden`, a label says how many stories of the last week the reader would not have got.
    """

    def dismissal(label: str, kind: Kind, key: str = "") -> InlineKeyboardButton:
        count = (hidden or {}).get((kind, key))
        text = label
        if count is not None:
            text += " · " + say.plain("{count} a week", count=str(count))
        callback = Dismiss(story_id=story.id, kind=kind, key=key)
        return button(text, callback)

    buttons = []
    if story.continues is not None:
        is_followed = reason is not None and reason.storyline
        buttons.append(follow_button(story.id, say, is_followed=is_followed))
    chosen, followed = (reason.topics, reason.words) if reason else ((), ())
    buttons += [
        dismissal(
            say.plain("➖ Remove the topic “{name}”", name=topic.names[say.language]),
            "topic",
            topic.slug,
        )
        for topic in filter(None, map(topics.get, chosen))
    ]
    buttons += [
        dismissal(
            say.plain("➖ Unfollow “{name}”", name=word.text[:MAX_LABEL_CHARS]),
            "word",
            str(word.id),
        )
        for word in followed
    ]
    buttons += [
        dismissal(say.plain("🔕 Mute “{name}”", name=name), "name", str(position))
        for position, name in enumerate(mutable_names(story))
    ]
    if reason and reason.own_feed:
        buttons.append(dismissal(say.plain("🗑 Remove this feed"), "feed"))
    else:
        label = say.plain("🚫 Turn off {source}", source=story.source[:MAX_LABEL_CHARS])
        buttons.append(dismissal(label, "source"))
    return InlineKeyboardMarkup(inline_keyboard=[[each] for each in buttons])


def mutable_names(story: Story) -> tuple[str, ...]:
    """Return the names in the headline that a button can mute, whole and as they are written."""
    names = (name for name in find_whole_names(story.title) if len(name) <= MAX_LABEL_CHARS)
    return tuple(names)[:MAX_NAMES]


def _save_button(story_id: int, say: Translator, *, is_saved: bool) -> InlineKeyboardButton:
    label = say.plain("✅ Saved") if is_saved else say.plain("🔖 Save")
    return button(label, SaveStory(story_id=story_id, wanted=not is_saved))


def _sources_label(buttons: StoryButtons, say: Translator) -> str:
    return say.plural("🗞 {count} source", "🗞 {count} sources", buttons.source_count)


def _share_buttons(
    buttons: StoryButtons, say: Translator, *, bot_name: str
) -> list[InlineKeyboardButton]:
    """Return the button that shares the article; none if Telegram cannot take its address."""
    url = share_url(buttons.url, buttons.title, bot_name=bot_name)
    return [InlineKeyboardButton(text=say.plain("📤 Share"), url=url)] if url else []


def _with_each(
    markup: InlineKeyboardMarkup, kind: type[Data], build: Callable[[Data], InlineKeyboardButton]
) -> InlineKeyboardMarkup:
    """Return the same keyboard with each button of that kind of data built anew from them."""

    def replaced(shown: InlineKeyboardButton) -> InlineKeyboardButton:
        data = data_of(shown, [kind])
        return build(data) if data else shown

    return InlineKeyboardMarkup(
        inline_keyboard=[[replaced(shown) for shown in row] for row in markup.inline_keyboard]
    )
