"""When is a feed polled next? Pure."""

from datetime import datetime, timedelta

# The usual interval, in floors: 15 minutes with the usual floor of 5, and it follows the
# floor down to seconds where somebody tries the bot out.
_USUAL = 3
_LONGEST = timedelta(days=1)
# Feeds that fell due together drift apart; later, never earlier.
_JITTER = 0.1


def next_poll(
    *,
    now: datetime,
    floor: timedelta,
    failures: int,
    jitter: float,
    retry_after: timedelta = timedelta(0),
) -> datetime:
    """Return the next poll of a feed whose poll ended at `now`.

    The interval doubles with every failure in a row, up to a day; a feed that works again
    returns to the usual interval at once. A server that asks for more time gets it, up to
    a day. `floor` is the shortest interval and `jitter`, from 0 to 1, makes it up to a
    tenth longer.
    """
    # min() keeps timedelta from overflowing once a feed has been dead for a year.
    backoff = floor * _USUAL * (1 << min(failures, 20))
    asked = max(backoff, retry_after)
    # An operator whose floor is beyond a day means it.
    interval = max(min(asked, _LONGEST), floor)
    return now + interval * (1 + _JITTER * jitter)
