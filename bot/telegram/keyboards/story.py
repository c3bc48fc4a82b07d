"""The row of buttons under a story: small signs, which say the same in every language."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field, ValidationError

from bot.i18n import Translator
from bot.model import FIRST_LINKS, Story, StoryButtons
from bot.story_filter import MatchReason
from bot.telegram.deep_links import StoryLink, View, address, sharing
from bot.telegram.keyboards.common import MOST_SKIPPED, TurnPage, back_to_settings, button
from bot.text.phonetics import names
from bot.topics import Topics

# Callback data comes back from a client, which may send what it likes; SQLite's integers end.
StoryNumber = Annotated[int, Field(ge=1, lt=2**63)]

SAVED, NOT_SAVED = "✅", "🔖"
_MORE, _FEWER, _BACK, _WHY, _SHARE = "➕", "➖", "↩️", "🔕", "📤"


Kind = Literal["topic", "word", "feed", "source", "name"]

# Of a headline so many can be muted by a press; any other by /mute.
NAMES = 3
_CHARS = 30


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


class Dismiss(CallbackData, prefix="away"):
    """Want no more of what brought a story.

    The `key` is a topic's slug, a phrase's number, or the place of a name in the headline.
    """

    story_id: StoryNumber
    kind: Kind
    key: str = ""


def dismiss(
    story: Story, its: MatchReason | None, topics: Topics, say: Translator
) -> InlineKeyboardMarkup:
    """Return a button for each thing that can be turned away, a row each."""
    lines = [[it] for it in _buttons(story, its, topics, say)]
    return InlineKeyboardMarkup(inline_keyboard=[*lines, [back_to_settings(say)]])


def named_in(story: Story) -> tuple[str, ...]:
    """Return the names in the headline that a press can mute, casefolded."""
    return tuple(name for name in names(story.title) if len(name) <= _CHARS)[:NAMES]


def _buttons(
    story: Story, its: MatchReason | None, topics: Topics, say: Translator
) -> Iterator[InlineKeyboardButton]:
    def press(kind: Kind, key: str = "") -> Dismiss:
        return Dismiss(story_id=story.id, kind=kind, key=key)

    for slug in its.topics if its else ():
        if topic := topics.get(slug):
            name = topic.names[say.language]
            yield button(say.plain("➖ No more of “{name}”", name=name), press("topic", slug))
    for word in its.words if its else ():
        label = say.plain("➖ Do not follow “{name}”", name=word.said[:_CHARS])
        yield button(label, press("word", str(word.id)))
    for place, name in enumerate(named_in(story)):
        yield button(say.plain("🔕 Mute “{name}”", name=name.title()), press("name", str(place)))
    if its and its.own_feed:
        yield button(say.plain("🗑 Remove this feed"), press("feed"))
    else:
        source = story.source[:_CHARS]
        yield button(say.plain("🚫 Nothing from {source}", source=source), press("source"))
