"""When a chat wants its news. Pure."""

from dataclasses import dataclass
from typing import Literal

When = Literal["at once", "hourly", "digest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of rest, in minutes after the reader's midnight; `until` may lie on the next day.

    `silently`: messages still come, without a sound; else they wait for the end. A story told
    by `urgent_from` sources or more comes at once and aloud; None: none does.
    """

    since: int
    until: int
    silently: bool = False
    urgent_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When a chat wants its news, by its own clock.

    `digest_at` are minutes after the reader's midnight, rising, and matter to a digest only.
    `zone` is a name of `bot.timezones`. `per_day` limits the messages of a day; None: no limit.
    """

    when: When = "at once"
    digest_at: tuple[int, ...] = (8 * 60, 19 * 60)
    zone: str = "Europe/Kyiv"
    quiet: Quiet | None = None
    per_day: int | None = None


# Of who has chosen nothing.
EVERYTHING_AT_ONCE = Timetable()
