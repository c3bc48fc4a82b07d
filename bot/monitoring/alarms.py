"""Which alarms stand, by what was measured? Pure.

One that stands falls only when things are clearly better than what raised it, so that it does not
come and go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from babel.numbers import format_decimal

from bot.i18n import Translator
from bot.model import Alarm, FeedFlow

# A list of some ten newspapers brings something within hours even at night; a short one may rest
# for a night and a morning.
MANY_FEEDS = 10
SILENT_AFTER, SILENT_AFTER_OF_FEW = timedelta(hours=6), timedelta(hours=24)
FAILING_SHARE, FAILING_SHARE_AGAIN = 0.30, 0.20
FAILING_FEEDS, FAILING_FEEDS_AGAIN = 3, 2
LATE, LATE_AGAIN = timedelta(minutes=15), timedelta(minutes=5)
FREE_SHARE, FREE_SHARE_AGAIN = 0.05, 0.06
FREE_BYTES, FREE_BYTES_AGAIN = 200_000_000, 300_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmInputs:
    """What was measured; `started_at` is when this process began to look.

    `due_since` is when the chat that waits for the longest fell due, None if none does.
    `database_problem` is the database's own words for why it could not be written lately.
    """

    now: datetime
    started_at: datetime
    flow: FeedFlow
    due_since: datetime | None
    free_bytes: int
    disk_bytes: int
    database_problem: str | None

    @property
    def silence(self) -> timedelta:
        """Return for how long no article has come; what was before we looked is not counted."""
        return self.now - max(self.started_at, self.flow.article_at or self.started_at)

    @property
    def lateness(self) -> timedelta:
        """Return for how long the chat that waits for the longest has been due."""
        return max(self.now - (self.due_since or self.now), timedelta(0))


def active_alarms(facts: AlarmInputs, before: frozenset[Alarm]) -> frozenset[Alarm]:
    """Return the alarms that stand now, where those stood before."""
    found: dict[Alarm, bool] = {
        "silence": _is_silent(facts, again="silence" in before),
        "feeds": _are_feeds_failing(facts.flow, again="feeds" in before),
        "late": facts.lateness > (LATE_AGAIN if "late" in before else LATE),
        "disk": _is_disk_full(facts, again="disk" in before),
        "database": facts.database_problem is not None,
    }
    return frozenset(name for name, stands in found.items() if stands)


def _is_silent(facts: AlarmInputs, *, again: bool) -> bool:
    polled, article_at = facts.flow.polled, facts.flow.article_at
    limit = SILENT_AFTER if polled >= MANY_FEEDS else SILENT_AFTER_OF_FEW
    if again:  # only an article ends it: no restart, and not that nobody reads any more
        return article_at is None or facts.now - article_at > limit
    return polled > 0 and facts.silence > limit


def _are_feeds_failing(flow: FeedFlow, *, again: bool) -> bool:
    share = FAILING_SHARE_AGAIN if again else FAILING_SHARE
    fewest = FAILING_FEEDS_AGAIN if again else FAILING_FEEDS
    return flow.failing >= fewest and flow.failing >= share * flow.polled


def _is_disk_full(facts: AlarmInputs, *, again: bool) -> bool:
    share = FREE_SHARE_AGAIN if again else FREE_SHARE
    fewest = FREE_BYTES_AGAIN if again else FREE_BYTES
    return facts.free_bytes < max(fewest, share * facts.disk_bytes)


def raised_text(alarm: Alarm, facts: AlarmInputs, say: Translator) -> str:
    """Return what the matter is, and what to look at, as HTML."""
    match alarm:
        case "silence":
            return say(
                "🔴 <b>News has stopped.</b> No feed has brought an article for {time}, though"
                " {count} are asked. /admin shows how they are.",
                time=_time(facts.silence, say),
                count=_figure(facts.flow.polled, say),
            )
        case "feeds":
            return say(
                "🔴 <b>Many feeds fail:</b> {failing} of {polled}. /admin shows them.",
                failing=_figure(facts.flow.failing, say),
                polled=_figure(facts.flow.polled, say),
            )
        case "late":
            return say(
                "🔴 <b>News is late:</b> somebody has been waiting for it for {time}. Nothing is"
                " lost; the log says why.",
                time=_time(facts.lateness, say),
            )
        case "disk":
            return say(
                "🔴 <b>The disk is nearly full:</b> {free} MB are free. Make room before the bot"
                " must stand still.",
                free=_figure(facts.free_bytes // 1_000_000, say),
            )
        case "database":
            return say(
                "🔴 <b>The database could not be written:</b> {problem}. All work waited for it,"
                " nothing is lost.",
                problem=facts.database_problem or "",
            )


def cleared_text(alarm: Alarm, facts: AlarmInputs, say: Translator) -> str:
    """Return that it is over, as HTML."""
    match alarm:
        case "silence":
            return say("🟢 News comes again.")
        case "feeds":
            return say(
                "🟢 Feeds answer again: {failing} of {polled} fail.",
                failing=_figure(facts.flow.failing, say),
                polled=_figure(facts.flow.polled, say),
            )
        case "late":
            return say("🟢 News is on time again.")
        case "disk":
            return say(
                "🟢 There is room on the disk again: {free} MB.",
                free=_figure(facts.free_bytes // 1_000_000, say),
            )
        case "database":
            return say("🟢 The database can be written again.")


def _time(length: timedelta, say: Translator) -> str:
    return format_timedelta(length, granularity="minute", locale=say.language)


def _figure(count: int, say: Translator) -> str:
    return format_decimal(count, locale=say.language)
