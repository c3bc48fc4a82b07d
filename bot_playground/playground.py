"""What does one need to try the bot? A Telegram with people and chats, and news, on loopback."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import SetupError
from bot_playground.fake_telegram import Lookalike, open_lookalike
from bot_playground.news.server import Feed, Newsstand, open_newsstand

# It looks as BotFather's do, and opens nothing but this playground.
TOKEN = "100200300:PLAYGROUND-token-of-no-worth-at-all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An open playground; `telegram_api` and `feeds_file` are settings of the bot."""

    page_url: str
    telegram_api: str
    token: str
    feeds_file: Path
    lookalike: Lookalike
    newsstand: Newsstand


@asynccontextmanager
async def open_place(
    folder: Path, *, port: int = 0, every: float | None, now: Callable[[], datetime]
) -> AsyncIterator[Place]:
    """Open the look-alike and the newsstand while the block runs, with `feeds.toml` in `folder`.

    `port` is the chat page's, 0 is any free one; the newsstand always takes a free one.
    `every` is as in `open_newsstand`.

    Raises:
        SetupError: if the port is taken.
    """
    async with AsyncExitStack() as stack:
        try:
            lookalike = await stack.enter_async_context(
                open_lookalike(token=TOKEN, now=lambda: now().timestamp(), port=port)
            )
        except OSError:
            raise SetupError(
                f"port {port} is taken, maybe by another playground: end that one, or choose"
                f" another with --port (make run ARGS='--port {port + 1}')"
            ) from None
        newsstand = await stack.enter_async_context(open_newsstand(every=every, now=now))
        _settle(lookalike)
        feeds_file = folder / "feeds.toml"
        feeds_file.write_text(feeds_toml(newsstand.feeds), encoding="utf-8")
        yield Place(
            page_url=lookalike.url,
            telegram_api=lookalike.url,
            token=TOKEN,
            feeds_file=feeds_file,
            lookalike=lookalike,
            newsstand=newsstand,
        )


def feeds_toml(feeds: Iterable[Feed]) -> str:
    """Return the feeds as the bot's setting FEEDS wants them: a TOML file of `[[feeds]]` tables."""
    return "\n".join(
        "[[feeds]]\n"
        f"url = {_toml(feed.url)}\n"
        f"source = {_toml(feed.name)}\n"
        f"language = {_toml(feed.language)}\n"
        f"topic = {_toml(feed.topic)}\n"
        f"pages = {str(feed.pages).lower()}\n"
        for feed in feeds
    )


def _settle(lookalike: Lookalike) -> None:
    """Let in three people, one for each of the bot's languages, with a group and a channel."""
    people = (
        lookalike.person("Олена", language="uk", username="olena"),
        lookalike.person("Игорь", language="ru", username="igor"),
        lookalike.person("Ann", language="en", username="ann"),
    )
    lookalike.group("Друзі · Friends", admins=people)
    lookalike.channel("News of the coast", admins=people)


def _toml(text: str) -> str:
    # A JSON string is a TOML string as well.
    return json.dumps(text, ensure_ascii=False)
