"""Keyboards of the look of the posts in a managed channel."""

from typing import Annotated, Literal, get_args

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import PostLook
from bot.telegram.keyboards.channel_source import OpenChannelSource
from bot.telegram.keyboards.common import button, mark, marked, rows

# What a look shows or leaves out; each is a field of `PostLook`.
Part = Literal["summary", "source", "read_also", "buttons", "picture", "bundles"]
# Limits of posts in an hour that buttons offer; 0: none.
HOUR_LIMITS = (0, 2, 4, 8)
_PARTS: tuple[Part, ...] = get_args(Part)


class OpenLook(CallbackData, prefix="look"):
    """Show the draft of the look of a channel's posts."""


class ChooseLook(CallbackData, prefix="looks"):
    """Show a part of the posts in the draft, or leave it out."""

    part: Part
    wanted: bool


class LimitPosts(CallbackData, prefix="perhour"):
    """Limit the posts of an hour in the draft; 0: no limit."""

    count: Annotated[int, Field(ge=0, le=60)]


class DropOwnLine(CallbackData, prefix="noline"):
    """Leave the channel's own line out of the draft."""


class PreviewLook(CallbackData, prefix="trylook"):
    """Show the last story in the look of the draft."""


class UseLook(CallbackData, prefix="uselook"):
    """Give the posts the look of the draft that was shown; `code` tells whether it is this one."""

    code: Annotated[int, Field(ge=0, lt=2**32)]


def manage_menu(leave: InlineKeyboardButton, say: Translator) -> InlineKeyboardMarkup:
    """Return what can be done about a managed channel beside its settings."""
    look = button(say.plain("🎨 Look of the posts"), OpenLook())
    source = button(say.plain("📥 Its posts as news"), OpenChannelSource())
    return InlineKeyboardMarkup(inline_keyboard=[[look], [source], [leave]])


def look_choice(look: PostLook, say: Translator) -> InlineKeyboardMarkup:
    """Return a button for each part of the posts, for limits of an hour, and the preview."""
    labels: dict[Part, str] = {
        "summary": say.plain("Summary"),
        "source": say.plain("Source and time"),
        "read_also": say.plain("“Read also”"),
        "buttons": say.plain("Buttons"),
        "picture": say.plain("Picture"),
        "bundles": say.plain("Several in one post"),
    }
    parts = [
        button(
            f"{mark('▫️', chosen=getattr(look, part))} {labels[part]}",
            ChooseLook(part=part, wanted=not getattr(look, part)),
        )
        for part in _PARTS
    ]
    limits = []
    for count in HOUR_LIMITS:
        label = say.plain("{count}/h", count=str(count)) if count else "∞"
        is_chosen = (look.per_hour or 0) == count
        limits.append(button(marked(label, chosen=is_chosen), LimitPosts(count=count)))
    lines = [*rows(parts, width=2), limits]
    if look.own_line:
        lines.append([button(say.plain("✖ Remove the own line"), DropOwnLine())])
    lines.append([button(say.plain("👁 Show the last story so"), PreviewLook())])
    return InlineKeyboardMarkup(inline_keyboard=lines)


def use_look(code: int, say: Translator) -> InlineKeyboardMarkup:
    """Return the two answers to a preview: let it count, or change it."""
    use = button(say.plain("✅ Post so from now on"), UseLook(code=code))
    change = button(say.plain("↩️ Change it"), OpenLook())
    return InlineKeyboardMarkup(inline_keyboard=[[use], [change]])
