"""What is said to an admin of what he writes to all. Pure."""

from collections.abc import Mapping

from bot.i18n import Say
from bot.storage.outbox.broadcasts import Audience
from bot.telegram.handlers.admin_said_admin import figure
from bot.telegram.keyboards.common import LANGUAGE_NAMES


def audience_name(audience: Audience, say: Say) -> str:
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


def progress(states: Mapping[str, int], say: Say, *, is_stopped: bool) -> str:
    """Return how far a broadcast has come, by how many chats are in each state."""
    waiting = states.get("pending", 0) + states.get("sending", 0)
    if is_stopped:
        heading = say("⏹ <b>Stopped.</b>")
    elif waiting:
        heading = say("📣 <b>On its way.</b>")
    else:
        heading = say("✅ <b>Everybody has it.</b>")
    return (
        heading
        + "\n\n"
        + say(
            "Sent: {sent}\nWaiting: {waiting}\nCannot be written to: {gone}\nRefused: {refused}",
            sent=figure(states.get("sent", 0), say),
            waiting=figure(waiting, say),
            gone=figure(states.get("gone", 0), say),
            refused=figure(states.get("rejected", 0), say),
        )
    )
