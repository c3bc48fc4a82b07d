"""What admins are told when an alarm is raised, and when all is well again. Pure."""

from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_decimal

from bot.i18n import Say
from bot.model import Alarm
from bot.monitoring.alarms import Facts


def raised(alarm: Alarm, facts: Facts, say: Say) -> str:
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


def cleared(alarm: Alarm, facts: Facts, say: Say) -> str:
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


def _time(length: timedelta, say: Say) -> str:
    return format_timedelta(length, granularity="minute", locale=say.language)


def _figure(count: int, say: Say) -> str:
    return format_decimal(count, locale=say.language)
