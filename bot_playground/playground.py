"""Playground: a fake Telegram with people and chats, and newspaper sites, on loopback."""

import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot_playground.errors import PlaygroundError
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.news.server import NewspaperFeed, NewspaperServer, open_newspapers

_BOT_ID = 100200300
# A real token has as many after the colon, in 35 characters.
_SECRET_BYTES = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    """An open playground; `telegram_api` and `feeds_file` are settings of the bot."""

    page_url: str
    telegram_api: str
    token: str
    feeds_file: Path
    fake_telegram: FakeTelegram
    newspapers: NewspaperServer


@asynccontextmanager
async def open_playground(
    folder: Path, *, port: int = 0, every: float | None, now: Callable[[], datetime]
) -> AsyncIterator[Playground]:
    """Run both servers while the block runs, and write `feeds.toml` in `folder`.

    `port` is that of the chat page, 0 is any free one. A new article is published after every
    `every` seconds, or only by `NewspaperServer.publish` if it is None.

    Raises:
        PlaygroundError: if the port is taken.
    """
    # Random, so that no page of a browser can know it: whoever does commands the bot.
    token = f"{_BOT_ID}:{secrets.token_urlsafe(_SECRET_BYTES)}"
    async with AsyncExitStack() as stack:
        newspapers = await stack.enter_async_context(open_newspapers(every=every, now=now))
        try:
            fake_telegram = await stack.enter_async_context(
                open_fake_telegram(
                    token=token, now=lambda: now().timestamp(), port=port, newsstand=newspapers
                )
            )
        except OSError:
            raise PlaygroundError(
                f"port {port} is taken, maybe by another playground: end that one, or choose"
                f" another with --port (make run ARGS='--port {port + 1}')"
            ) from None
        # One person per language of the bot, with a group and a channel.
        people = (
            fake_telegram.person("Олена", language="uk", username="olena"),
            fake_telegram.person("Игорь", language="ru", username="igor"),
            fake_telegram.person("Ann", language="en", username="ann"),
        )
        fake_telegram.group("Друзі · Friends", admins=people)
        fake_telegram.channel("News of the coast", admins=people)
        feeds_file = folder / "feeds.toml"
        feeds_file.write_text(feeds_toml(newspapers.feeds), encoding="utf-8")
        yield Playground(
            page_url=fake_telegram.url,
            telegram_api=fake_telegram.url,
            token=token,
            feeds_file=feeds_file,
            fake_telegram=fake_telegram,
            newspapers=newspapers,
        )


def feeds_toml(feeds: Iterable[NewspaperFeed]) -> str:
    """Return the feeds as the text of the bot's FEEDS file: TOML with `[[feeds]]` tables."""
    return "\n".join(
        "[[feeds]]\n"
        f"url = {_toml(feed.url)}\n"
        f"source = {_toml(feed.name)}\n"
        f"language = {_toml(feed.language)}\n"
        f"topic = {_toml(feed.topic)}\n"
        f"pages = {str(feed.pages).lower()}\n"
        for feed in feeds
    )


def _toml(text: str) -> str:
    # A JSON string is a TOML string as well.
    return json.dumps(text, ensure_ascii=False)
