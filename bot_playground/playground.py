"""What does one need to try the bot? A Telegram with people and chats, and news, on loopback."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import SetupError
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.news.server import NewspaperFeed, NewspaperServer, open_newspapers

# It looks as BotFather's do, and opens nothing but this playground.
TOKEN = "100200300:PLAYGROUND-token-of-no-worth-at-all"


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
    """Open the look-alike and the newsstand while the block runs, with `feeds.toml` in `folder`.

    `port` is the chat page's, 0 is any free one; the newsstand always takes a free one.
    `every` is as in `open_newsstand`.

    Raises:
        SetupError: if the port is taken.
    """
    async with AsyncExitStack() as stack:
        try:
            fake_telegram = await stack.enter_async_context(
                open_fake_telegram(token=TOKEN, now=lambda: now().timestamp(), port=port)
            )
        except OSError:
            raise SetupError(
                f"port {port} is taken, maybe by another playground: end that one, or choose"
                f" another with --port (make run ARGS='--port {port + 1}')"
            ) from None
        newspapers = await stack.enter_async_context(open_newspapers(every=every, now=now))
        _settle(fake_telegram)
        feeds_file = folder / "feeds.toml"
        feeds_file.write_text(feeds_toml(newspapers.feeds), encoding="utf-8")
        yield Playground(
            page_url=fake_telegram.url,
            telegram_api=fake_telegram.url,
            token=TOKEN,
            feeds_file=feeds_file,
            fake_telegram=fake_telegram,
            newspapers=newspapers,
        )


def feeds_toml(feeds: Iterable[NewspaperFeed]) -> str:
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


def _settle(fake_telegram: FakeTelegram) -> None:
    """Let in three people, one for each of the bot's languages, with a group and a channel."""
    people = (
        fake_telegram.person("Олена", language="uk", username="olena"),
        fake_telegram.person("Игорь", language="ru", username="igor"),
        fake_telegram.person("Ann", language="en", username="ann"),
    )
    fake_telegram.group("Друзі · Friends", admins=people)
    fake_telegram.channel("News of the coast", admins=people)


def _toml(text: str) -> str:
    # A JSON string is a TOML string as well.
    return json.dumps(text, ensure_ascii=False)
