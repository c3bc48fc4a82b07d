"""The buttons of /why: what of a story's kind a reader wants no more of."""

from collections.abc import Iterator
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Say
from bot.model import Story
from bot.story_filter import Reason
from bot.telegram.keyboards.common import back_to_settings, button
from bot.telegram.keyboards.story import StoryNumber
from bot.text.phonetics import names
from bot.topics import Topics

Kind = Literal["topic", "word", "feed", "source", "name"]

# Of a headline so many can be muted by a press; any other by /mute.
NAMES = 3
_CHARS = 30


class TurnAway(CallbackData, prefix="away"):
    """Want no more of what brought a story.

    The `key` is a topic's slug, a phrase's number, or the place of a name in the headline.
    """

    story_id: StoryNumber
    kind: Kind
    key: str = ""


def turn_away(story: Story, its: Reason | None, topics: Topics, say: Say) -> InlineKeyboardMarkup:
    """Return a button for each thing that can be turned away, a row each."""
    lines = [[it] for it in _buttons(story, its, topics, say)]
    return InlineKeyboardMarkup(inline_keyboard=[*lines, [back_to_settings(say)]])


def named_in(story: Story) -> tuple[str, ...]:
    """Return the names in the headline that a press can mute, casefolded."""
    return tuple(name for name in names(story.title) if len(name) <= _CHARS)[:NAMES]


def _buttons(
    story: Story, its: Reason | None, topics: Topics, say: Say
) -> Iterator[InlineKeyboardButton]:
    def press(kind: Kind, key: str = "") -> TurnAway:
        return TurnAway(story_id=story.id, kind=kind, key=key)

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
