"""Whose is this token, and what time is it there? Asked of Telegram once, without aiogram."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The bot's @name, or the problem in plain words; and the time of Telegram's clock.

    Of the time None is known where no answer came, or one without it.
    """

    username: str = ""
    problem: str = ""
    answered_at: datetime | None = None


async def identify(token: str, api: str) -> Identity:
    """Ask the API at this base URL whose the token is."""
    patience = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as http,
            http.get(f"{api.rstrip('/')}/bot{token}/getMe") as response,
        ):
            answered_at = _instant(response.headers.get("Date", ""))
            answer = await response.json(content_type=None)
    # The address holds the token, and so may the error's own words.
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        return Identity(problem=f"no answer of the Bot API ({type(error).__name__})")
    if isinstance(answer, dict) and answer.get("ok") is True:
        return Identity(username=str(answer["result"]["username"]), answered_at=answered_at)
    refusal = answer.get("description") if isinstance(answer, dict) else None
    return Identity(problem=str(refusal or "not an answer of the Bot API"), answered_at=answered_at)


def _instant(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None
