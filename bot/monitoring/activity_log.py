"""Activity log: one line a minute of what the workers did; their own lines are at DEBUG."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class ActivityLog:
    """Counts by name, such as "polls" and "new articles"; logged and forgotten each interval."""

    interval: timedelta = timedelta(minutes=1)
    counts: Counter[str] = field(default_factory=Counter)

    async def step(self) -> bool:
        """Wait for an interval, then log what was counted, if anything was."""
        await asyncio.sleep(self.interval.total_seconds())
        counts, self.counts = +self.counts, Counter()
        if counts:
            parts = [f"{count} {name}" for name, count in counts.items()]
            fields = {name.replace(" ", "_"): count for name, count in counts.items()}
            log.info("last minute: %s", ", ".join(parts), extra=fields)
        return True
