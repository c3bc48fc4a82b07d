"""How is this feed, in words that an operator understands? Pure."""

from datetime import timedelta

from bot.model import FeedHealth

_SECONDS_UNTIL = 90
_MINUTES_UNTIL = 90
_HOURS_UNTIL = 48

_STOPPED = {
    "gone": "gone: its publisher says so",
    "merged": "moved to where another feed of yours lives",
}


def in_words(health: FeedHealth) -> str:
    """Return one short sentence: what is the matter, or that nothing is."""
    if health.stop is not None:
        return _STOPPED[health.stop]
    if health.problem is not None:
        return f"{health.problem}{_times(health.failures)}"
    if health.read_at is None:
        return "not asked yet"
    if not health.wanted:
        return "rests: nobody reads it"
    return f"fine, moved to {health.moved_to}" if health.moved_to else "fine"


def span(length: timedelta) -> str:
    """Return a length of time in its largest fitting unit: "40 min", "12 h", "3 d"."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < _SECONDS_UNTIL:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < _MINUTES_UNTIL:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < _HOURS_UNTIL else f"{round(hours / 24)} d"


def _times(failures: int) -> str:
    return f" ({failures} times in a row)" if failures > 1 else ""
