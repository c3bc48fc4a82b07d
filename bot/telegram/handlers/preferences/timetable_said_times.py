"""What does a person want who writes times behind /when? Pure.

"8:00 19:30" are digests, "23-7" is quiet, "Львів" or "+3" is where the clock is read.
"""

import re
from dataclasses import replace

from bot.model import Quiet, Timetable
from bot.timezones import find_zone

# As many as a person can want, and a message can show.
MOST_DIGESTS = 6
_CLOCK = r"(2[0-3]|[01]?\d)(?:[:.]([0-5]\d))?"
_TIMES = re.compile(rf"{_CLOCK}(?:(?:\s*,\s*|\s+){_CLOCK})*")
_TIME = re.compile(_CLOCK)
_RANGE = re.compile(rf"{_CLOCK}\s*[-–—]\s*{_CLOCK}")


def change(timetable: Timetable, said: str) -> Timetable | None:
    """Return the timetable as a person has just put it; None: it cannot be understood."""
    said = said.strip()
    if rest := _RANGE.fullmatch(said):
        since, until = _minutes(*rest.group(1, 2)), _minutes(*rest.group(3, 4))
        quiet = timetable.quiet or Quiet(since=since, until=until)
        return replace(timetable, quiet=replace(quiet, since=since, until=until))
    if _TIMES.fullmatch(said):
        times = {_minutes(*time.groups()) for time in _TIME.finditer(said)}
        if len(times) > MOST_DIGESTS:
            return None
        return replace(timetable, when="digest", digest_at=tuple(sorted(times)))
    zone = find_zone(said)
    return replace(timetable, zone=zone) if zone else None


def clock(minute: int) -> str:
    """Return a minute of the day as clocks show it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _minutes(hours: str, minutes: str | None) -> int:
    return int(hours) * 60 + int(minutes or 0)
