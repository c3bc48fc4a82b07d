"""Keyboards of /admin and /broadcast."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import Field

from bot.i18n import Translator
from bot.model import FeedHealth, LetterId
from bot.storage.outbox.broadcasts import Audience
from bot.telegram.keyboards.common import LANGUAGE_NAMES, RowId, button, paging_row, rows
from bot.telegram.updates.person_load import PersonShare

PAGE_SIZE = 6
Skipped = Annotated[int, Field(ge=0, le=99_999)]


class OpenNumbers(CallbackData, prefix="admin"):
    """Show the statistics."""


class OpenBroadcastHelp(CallbackData, prefix="admwrite"):
    """Show how to write a broadcast."""


class OpenTroubled(CallbackData, prefix="admfeeds"):
    """Show the feeds in trouble at an offset."""

    skipped: Skipped = 0


class PollFeed(CallbackData, prefix="admpoll"):
    """Poll the feed as soon as the host limiter allows, even if it is stopped."""

    feed_id: RowId
    skipped: Skipped


class DisableFeed(CallbackData, prefix="admoff"):
    """Stop polling the feed."""

    feed_id: RowId
    skipped: Skipped


class OpenLoad(CallbackData, prefix="admload"):
    """Show who causes the most load."""


class LimitPerson(CallbackData, prefix="admlimit"):
    """Limit the person of the code, or end that."""

    code: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    limited: bool


class DisableNeverRead(CallbackData, prefix="admunread"):
    """Stop polling the feeds that were never read."""


class RetryDeadLetters(CallbackData, prefix="admretry"):
    """Try again what was set aside."""


class Reload(CallbackData, prefix="admreload"):
    """Read settings, topics and feeds again."""


class OpenBroadcast(CallbackData, prefix="cast"):
    """Show the possible audiences of a draft, or the progress of a broadcast."""

    letter_id: RowId


class ChooseAudience(CallbackData, prefix="castto"):
    """Ask for confirmation before the draft goes to this audience."""

    letter_id: RowId
    audience: Audience


class SendBroadcast(CallbackData, prefix="castgo"):
    """Send the draft to this audience."""

    letter_id: RowId
    audience: Audience


class StopBroadcast(CallbackData, prefix="castend"):
    """Cancel what is left of the broadcast."""

    letter_id: RowId


def menu(say: Translator) -> InlineKeyboardMarkup:
    """Return the navigation between the admin pages."""
    return InlineKeyboardMarkup(inline_keyboard=navigation(say))


def numbers(say: Translator, *, never_read: int, dead_letters: int) -> InlineKeyboardMarkup:
    """Return what to press about the numbers, and navigation."""
    actions = [
        *([(say.plain("⏹ Switch off those never read"), DisableNeverRead())] if never_read else []),
        *([(say.plain("🔁 Retry what was set aside"), RetryDeadLetters())] if dead_letters else []),
        (say.plain("♻️ Read feeds and settings again"), Reload()),
    ]
    return InlineKeyboardMarkup(
        inline_keyboard=[*([button(*action)] for action in actions), *navigation(say)]
    )


def navigation(say: Translator) -> list[list[InlineKeyboardButton]]:
    """Return the rows that lead to each of the admin pages."""
    return [
        [
            button(say.plain("📊 Numbers"), OpenNumbers()),
            button(say.plain("🩺 Feeds in trouble"), OpenTroubled()),
        ],
        [
            button(say.plain("⚖️ Load"), OpenLoad()),
            button(say.plain("📣 Write to all"), OpenBroadcastHelp()),
        ],
    ]


def troubled(
    feeds: Sequence[FeedHealth], skipped: int, say: Translator, *, has_more: bool
) -> InlineKeyboardMarkup:
    """Return a row for each feed, numbered as in the text, paging and navigation."""
    lines = [
        _feed_actions(number, feed, skipped, say) for number, feed in enumerate(feeds, skipped + 1)
    ]
    paging = paging_row(
        skipped,
        page_size=PAGE_SIZE,
        has_more=has_more,
        page_at=lambda offset: OpenTroubled(skipped=offset),
    )
    return InlineKeyboardMarkup(inline_keyboard=[*lines, *paging, *navigation(say)])


def load(shares: Sequence[PersonShare], say: Translator) -> InlineKeyboardMarkup:
    """Return a button for each person, which limits them or ends that, and navigation."""
    buttons = [
        button(
            say.plain("▶️ Release {code}", code=share.code)
            if share.is_limited
            else say.plain("🐢 Slow down {code}", code=share.code),
            LimitPerson(code=share.code, limited=not share.is_limited),
        )
        for share in shares
    ]
    return InlineKeyboardMarkup(inline_keyboard=[*rows(buttons, width=2), *navigation(say)])


def audiences(
    letter_id: LetterId, reach: Mapping[Audience, int], say: Translator
) -> InlineKeyboardMarkup:
    """Return the audiences that are not empty, each with its size."""
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
    """Return the two answers to the confirmation of a broadcast."""
    yes = button(say.plain("📣 Send it"), SendBroadcast(letter_id=letter_id, audience=audience))
    no = button(say.plain("◀️ Back"), OpenBroadcast(letter_id=letter_id))
    return InlineKeyboardMarkup(inline_keyboard=[[yes, no]])


def running(letter_id: LetterId, say: Translator) -> InlineKeyboardMarkup:
    """Return the buttons of a broadcast in progress."""
    refresh = button(say.plain("🔄 Refresh"), OpenBroadcast(letter_id=letter_id))
    stop = button(say.plain("⏹ Stop"), StopBroadcast(letter_id=letter_id))
    return InlineKeyboardMarkup(inline_keyboard=[[refresh, stop], *navigation(say)])


def broadcast_help(last: LetterId | None, say: Translator) -> InlineKeyboardMarkup:
    """Return the button of the last broadcast, if there is one, and navigation."""
    if last is None:
        return menu(say)
    back = button(say.plain("📣 The last one"), OpenBroadcast(letter_id=last))
    return InlineKeyboardMarkup(inline_keyboard=[[back], *navigation(say)])


def audience_name(audience: Audience, say: Translator) -> str:
    """Return the name of an audience as buttons show it."""
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


def _feed_actions(
    number: int, feed: FeedHealth, skipped: int, say: Translator
) -> list[InlineKeyboardButton]:
    def action(text: str, callback: CallbackData) -> InlineKeyboardButton:
        return button(f"{number}. {text}", callback)

    poll = PollFeed(feed_id=feed.id, skipped=skipped)
    if feed.stop_reason == "disabled":
        return [action(say.plain("▶️ Switch on"), poll)]
    disable = DisableFeed(feed_id=feed.id, skipped=skipped)
    actions = [action(say.plain("⏹ Switch off"), disable)]
    # A feed merged into another one is polled as part of that.
    if feed.stop_reason != "merged":
        actions.insert(0, action(say.plain("🔄 Poll now"), poll))
    return actions
