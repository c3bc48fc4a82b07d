"""Feed health in words: for operators in English, for readers in their language."""

from datetime import datetime, timedelta

from bot.i18n import Translator
from bot.model import FeedHealth, FeedProblem, StopReason

# Below so many of a unit, a duration is given in that unit.
_MAX_SECONDS = 90
_MAX_MINUTES = 90
_MAX_HOURS = 48

_STOP_TEXTS: dict[StopReason, str] = {
    "gone": "gone: its publisher says so",
    "merged": "moved to where another feed of yours lives",
    "disabled": "switched off by an admin",
}


def status_text(health: FeedHealth, *, now: datetime) -> str:
    """Return the feed's status in one short sentence for the operator."""
    if health.stop_reason is not None:
        return _STOP_TEXTS[health.stop_reason]
    if health.problem is not None:
        return f"{health.problem}{_times(health.failures)}"
    if health.read_at is None:
        return "not asked yet"
    if not health.has_readers:
        return "rests: nobody reads it"
    fine = f"fine, moved to {health.moved_to}" if health.moved_to else "fine"
    pages = health.pages
    if pages is None or pages.until <= now:
        return fine
    left = f"its articles' pages are left in peace for {format_duration(pages.until - now)}"
    return f"{fine}, but {left}: {pages.problem}{_times(pages.failures)}"


def needs_attention(health: FeedHealth, *, now: datetime) -> bool:
    """Return whether the operator should look at the feed, or at the pages of its articles."""
    pages_fail = health.pages is not None and health.pages.until > now
    return health.stop_reason is not None or health.problem is not None or pages_fail


def problem_text(problem: FeedProblem, say: Translator) -> str:
    """Return the problem as HTML for a reader, to follow the feed's name."""
    texts: dict[FeedProblem, str] = {
        "gone": say("its publisher has closed it"),
        "not found": say("it is no longer at this address"),
        "refused": say("its site does not let me read it"),
        "not a feed": say("that address no longer holds a feed"),
        "too heavy": say("it is too large"),
        "broken": say("its server has a fault"),
        "silent": say("its server does not answer"),
        "left": say("I am no longer an admin of this channel, or I post news there myself"),
    }
    return texts[problem]


def format_duration(length: timedelta) -> str:
    """Return a duration in its largest fitting unit: "40 min", "12 h", "3 d"."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < _MAX_SECONDS:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < _MAX_MINUTES:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < _MAX_HOURS else f"{round(hours / 24)} d"


def _times(failures: int) -> str:
    return f" ({failures} times in a row)" if failures > 1 else ""
