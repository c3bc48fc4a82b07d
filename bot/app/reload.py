"""Reload at SIGHUP: the configuration is read again, and where it is whole the bot begins anew.

To begin anew is to stop, which finishes what is in hand, and to execute the same command in the
same process: all that is owed waits in the tables, and no part of the bot is ever half changed.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from bot.errors import SetupError

if TYPE_CHECKING:
    from bot.model import ListedFeed
    from bot.settings import Settings
    from bot.topics import Topics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What the operator writes: settings, topics with their words, feeds."""

    settings: "Settings"
    topics: "Topics"
    catalogue: "tuple[ListedFeed, ...]"


@dataclass(slots=True, kw_only=True)
class Reloader:
    """Reads the configuration when asked to; `is_accepted` once it has changed and is whole."""

    running: Configuration
    read: Callable[[], Configuration]
    is_accepted: bool = False

    def request(self) -> bool:
        """Return whether to begin anew; why not, and what has changed, is logged."""
        try:
            self.accept(describe_changes(self.running, self.read()))
        except SetupError as error:
            log.error("nothing is reloaded: %s", error)
        return self.is_accepted

    async def request_by_admin(self) -> str:
        """Begin anew once what is in hand is finished, where anything has changed; return what.

        Raises:
            SetupError: if a file is broken; nothing changes then.
        """
        changes = describe_changes(self.running, await asyncio.to_thread(self.read))
        self.accept(changes)
        if changes:
            # As a service manager asks the bot to stop; who holds `is_accepted` begins anew.
            signal.raise_signal(signal.SIGTERM)
        return changes

    def accept(self, changes: str) -> None:
        """Log what has changed; the bot begins anew if anything has."""
        log.info("the configuration is read again: %s", changes or "nothing has changed")
        self.is_accepted = bool(changes)


def describe_changes(before: Configuration, after: Configuration) -> str:
    """Return what is different, such as "feeds: 2 added, 1 removed; settings: POLL_FLOOR"."""
    old, new = before.settings.model_dump(), after.settings.model_dump()
    parts = {
        "feeds": _count(
            {feed.url: feed for feed in before.catalogue},
            {feed.url: feed for feed in after.catalogue},
        ),
        "topics": _count(
            {topic.slug: topic for topic in before.topics},
            {topic.slug: topic for topic in after.topics},
        ),
        "settings": ", ".join(name.upper() for name in new if new[name] != old[name]),
    }
    return "; ".join(f"{name}: {text}" for name, text in parts.items() if text)


def _count(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    counts = {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "changed": sum(before[key] != after[key] for key in before.keys() & after.keys()),
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def begin_anew() -> NoReturn:
    """Execute this command again in this process, which keeps its id."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def reloads_on_hangup(settings: "Settings") -> bool:
    """Return whether SIGHUP means a reload; with a controlling terminal it says that this closed.

    A service has none. `RELOAD=off` is for what has none either, and is to end, as under nohup.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return settings.reload
    return False
