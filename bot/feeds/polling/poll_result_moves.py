"""When do we believe that a feed has moved for good? Pure.

A publisher's slip of an hour must not cost a feed its address, so a redirect is believed
when it has said the same for days. That the feed is really there is for the poller to see.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from bot.model import Move

# Source: Feedbin and NewsBlur, which wait as long, by time and by count.
ENOUGH = 10
LONG_ENOUGH = timedelta(days=3)

_DEFAULT_PORTS = {"http": 80, "https": 443}


def sighted(move: Move | None, target: str | None, *, url: str, now: datetime) -> Move | None:
    """Return what we know of a move after a poll of `url` was redirected to `target` for good.

    None: it was not, or to where we are already. Another target than before starts anew. The
    last sighting that it takes to believe a move counts only when it is old enough.
    """
    if target is None or target == url:
        return None
    if move is None or move.url != target:
        return Move(url=target, since=now)
    most = ENOUGH if now - move.since >= LONG_ENOUGH else ENOUGH - 1
    return replace(move, sightings=min(move.sightings + 1, most))


def believed(move: Move, *, url: str) -> bool:
    """Return whether the feed at `url` is to be asked for at its new address from now on.

    At once, if that is the same address, with encryption or in another spelling; never, if it
    is one without encryption in the place of one with it.
    """
    try:
        old, new = urlsplit(url), urlsplit(move.url)
        if new.scheme != "https" and (new.scheme != "http" or old.scheme == "https"):
            return False
        return _place(old) == _place(new) or move.sightings >= ENOUGH
    except ValueError:  # a port of letters, or "[" and no "]"
        return False


def _place(parts: SplitResult) -> tuple[object, ...]:
    """Return what of an address says where the feed lies, whatever the scheme."""
    port = None if parts.port == _DEFAULT_PORTS[parts.scheme] else parts.port
    return parts.username, parts.password, parts.hostname, port, parts.path or "/", parts.query
