"""The buttons of /admin."""

from collections.abc import Sequence
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Say
from bot.model import FeedHealth
from bot.telegram.keyboards.common import button, turning

LISTED = 6
Skipped = Annotated[int, Field(ge=0, le=99_999)]


class OpenOffice(CallbackData, prefix="admin"):
    """Show the numbers."""


class OpenWriting(CallbackData, prefix="admwrite"):
    """Show how one writes to all."""


class OpenTroubled(CallbackData, prefix="admfeeds"):
    """Show feeds in trouble, from this one on."""

    skipped: Skipped = 0


class PollFeed(CallbackData, prefix="admpoll"):
    """Poll the feed as soon as manners allow, also one that is stopped."""

    feed_id: int
    skipped: Skipped


class DisableFeed(CallbackData, prefix="admoff"):
    """Poll the feed no more."""

    feed_id: int
    skipped: Skipped


def office(say: Say) -> InlineKeyboardMarkup:
    """Return the ways from page to page, and nothing else."""
    return InlineKeyboardMarkup(inline_keyboard=ways(say))


def troubled(
    found: Sequence[FeedHealth], skipped: int, say: Say, *, has_more: bool
) -> InlineKeyboardMarkup:
    """Return two buttons for each feed, named by its number in the text, and ways on."""
    lines = [_deeds(number, it, skipped, say) for number, it in enumerate(found, skipped + 1)]
    turns = turning(
        skipped, by=LISTED, has_more=has_more, to=lambda place: OpenTroubled(skipped=place)
    )
    return InlineKeyboardMarkup(inline_keyboard=[*lines, *turns, *ways(say)])


def ways(say: Say) -> list[list[InlineKeyboardButton]]:
    """Return the ways from page to page."""
    return [
        [
            button(say.plain("📊 Numbers"), OpenOffice()),
            button(say.plain("🩺 Feeds in trouble"), OpenTroubled()),
        ],
        [button(say.plain("📣 Write to all"), OpenWriting())],
    ]


def _deeds(number: int, it: FeedHealth, skipped: int, say: Say) -> list[InlineKeyboardButton]:
    poll = PollFeed(feed_id=it.id, skipped=skipped)
    if it.stop == "disabled":
        return [_numbered(number, say.plain("▶️ Switch on"), poll)]
    off = DisableFeed(feed_id=it.id, skipped=skipped)
    ways = [_numbered(number, say.plain("⏹ Switch off"), off)]
    # One that merged with another is polled with that.
    if it.stop != "merged":
        ways.insert(0, _numbered(number, say.plain("🔄 Poll now"), poll))
    return ways


def _numbered(number: int, text: str, press: CallbackData) -> InlineKeyboardButton:
    return button(f"{number}. {text}", press)
