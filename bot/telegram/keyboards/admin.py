"""The buttons of /admin."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import FeedHealth, LetterId
from bot.storage.outbox.broadcasts import Audience
from bot.telegram.keyboards.common import LANGUAGE_NAMES, button, paging_row, rows

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


def office(say: Translator) -> InlineKeyboardMarkup:
    """Return the ways from page to page, and nothing else."""
    return InlineKeyboardMarkup(inline_keyboard=ways(say))


def troubled(
    found: Sequence[FeedHealth], skipped: int, say: Translator, *, has_more: bool
) -> InlineKeyboardMarkup:
    """Return two buttons for each feed, named by its number in the text, and ways on."""
    lines = [_deeds(number, it, skipped, say) for number, it in enumerate(found, skipped + 1)]
    turns = paging_row(
        skipped, by=LISTED, has_more=has_more, to=lambda place: OpenTroubled(skipped=place)
    )
    return InlineKeyboardMarkup(inline_keyboard=[*lines, *turns, *ways(say)])


def ways(say: Translator) -> list[list[InlineKeyboardButton]]:
    """Return the ways from page to page."""
    return [
        [
            button(say.plain("📊 Numbers"), OpenOffice()),
            button(say.plain("🩺 Feeds in trouble"), OpenTroubled()),
        ],
        [button(say.plain("📣 Write to all"), OpenWriting())],
    ]


def _deeds(
    number: int, it: FeedHealth, skipped: int, say: Translator
) -> list[InlineKeyboardButton]:
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


class OpenBroadcast(CallbackData, prefix="cast"):
    """Show whom a draft may go to, or how far a broadcast is."""

    letter_id: int


class ChooseAudience(CallbackData, prefix="castto"):
    """Ask whether the draft shall go to these."""

    letter_id: int
    audience: Audience


class SendBroadcast(CallbackData, prefix="castgo"):
    """Send the draft to these."""

    letter_id: int
    audience: Audience


class StopBroadcast(CallbackData, prefix="castend"):
    """Send it to nobody more."""

    letter_id: int


def audiences(
    letter_id: LetterId, reach: Mapping[Audience, int], say: Translator
) -> InlineKeyboardMarkup:
    """Return each audience that has somebody in it, with how many."""
    buttons = [
        button(
            f"{audience_name(audience, say)} · {say.number(count)}",
            ChooseAudience(letter_id=letter_id, audience=audience),
        )
        for audience, count in reach.items()
        if count
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows(buttons, width=2))


def confirm(letter_id: LetterId, audience: Audience, say: Translator) -> InlineKeyboardMarkup:
    """Return the last question's two answers."""
    yes = button(say.plain("📣 Send it"), SendBroadcast(letter_id=letter_id, audience=audience))
    no = button(say.plain("◀️ Back"), OpenBroadcast(letter_id=letter_id))
    return InlineKeyboardMarkup(inline_keyboard=[[yes, no]])


def running(letter_id: LetterId, say: Translator) -> InlineKeyboardMarkup:
    """Return what can be done while it is on its way."""
    again = button(say.plain("🔄 Refresh"), OpenBroadcast(letter_id=letter_id))
    stop = button(say.plain("⏹ Stop"), StopBroadcast(letter_id=letter_id))
    return InlineKeyboardMarkup(inline_keyboard=[[again, stop], *ways(say)])


def writing(last: LetterId | None, say: Translator) -> InlineKeyboardMarkup:
    """Return the way to the last broadcast, if there is one, and those from page to page."""
    if last is None:
        return InlineKeyboardMarkup(inline_keyboard=ways(say))
    back = button(say.plain("📣 The last one"), OpenBroadcast(letter_id=last))
    return InlineKeyboardMarkup(inline_keyboard=[[back], *ways(say)])


def audience_name(audience: Audience, say: Translator) -> str:
    """Return what an audience is called on a button."""
    match audience:
        case "all":
            return say.plain("All")
        case "private":
            return say.plain("People")
        case "group":
            return say.plain("Groups")
        case "channel":
            return say.plain("Channels")
        case _:
            return LANGUAGE_NAMES[audience]
