"""By how much is a publisher's clock ahead? Learnt from dates that lie in the future. Pure.

Publishers who write their local time and call it GMT are ahead by whole hours, every time.
"""

import math
from datetime import timedelta

from bot.model import ClockError

# In so many polls in a row the same hour: no slip and no post of tomorrow's.
ENOUGH = 3
# Beyond that, another hour now and then (an article that came out late) does not shake it.
MOST = 6
# A clock that goes a little fast is in no other zone; there is no zone beyond +14.
_LEAST = timedelta(minutes=30)
_FARTHEST = timedelta(hours=14)
# The newest article came out up to an hour before we asked, less what the clock goes fast.
_FAST = timedelta(minutes=10)
_HOUR = timedelta(hours=1)


def learn(error: ClockError, lead: timedelta | None) -> ClockError:
    """Return what we think of a clock after a poll that brought something.

    `lead` is how far the newest of the new dates lies after the moment of the poll, as the
    publisher wrote it; None: there were none. A lead of more than any zone says nothing.
    """
    if lead is None or lead > _FARTHEST:
        return error
    hours = math.ceil((lead - _FAST) / _HOUR) if lead >= _LEAST else 0
    if hours == error.hours:
        return ClockError(hours=hours, sightings=min(error.sightings + 1, MOST) if hours else 0)
    if error.sightings > ENOUGH:
        return ClockError(hours=error.hours, sightings=error.sightings - 1)
    return ClockError(hours=hours, sightings=1 if hours else 0)


def correction(error: ClockError) -> int:
    """Return by how many whole hours the dates are to be set back; 0 until we are sure."""
    return error.hours if error.sightings >= ENOUGH else 0
