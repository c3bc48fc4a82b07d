"""What the bot does when people command or press: one module per subject, each a router."""

from aiogram import Router

from bot.telegram.handlers import languages, latest, leaving, membership, pausing, start, topics


def routers() -> list[Router]:
    """Return all routers, in the order in which they are asked."""
    return [
        membership.router(),
        start.router(),
        topics.router(),
        latest.router(),
        languages.router(),
        pausing.router(),
        leaving.router(),
        start.fallback(),
    ]
