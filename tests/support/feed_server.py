"""Feed server on loopback: feeds whose entries and answers a test chooses."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from html import escape
from pathlib import Path

from aiohttp import web

from bot.model import Entry

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Press:
    """Feeds by name; each holds entries, newest first, or answers in its own way."""

    url: str
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    polls: dict[str, int] = field(default_factory=dict)
    # Answers at all addresses that are no feed's, such as those of channels' pages.
    any_other: Answer | None = None

    def publish(self, feed: str, *entries: Entry) -> None:
        self.entries.setdefault(feed, [])[:0] = entries

    def catalogue(self, path: Path, **topics: str) -> Path:
        """Write the TOML of feeds by name, each with its usual topic, in English."""
        tables = [
            f'[[feeds]]\nurl = "{self.url}/{name}"\nsource = "The {name.title()} Courier"\n'
            f'language = "en"\ntopic = "{topic}"\npages = false\n'
            for name, topic in topics.items()
        ]
        path.write_text("\n".join(tables), encoding="utf-8")
        return path

    async def serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.polls[name] = self.polls.get(name, 0) + 1
        if answer := self.answers.get(name, self.any_other):
            return await answer(request)
        document = rss(self.entries.get(name, []))
        return web.Response(
            body=document.encode(),
            content_type="application/rss+xml",
            # Polled so often that a test need not wait.
            headers={"Cache-Control": "max-age=1"},
        )

    async def serve_any_other(self, request: web.Request) -> web.StreamResponse:
        if self.any_other is None:
            raise web.HTTPNotFound
        return await self.any_other(request)


@asynccontextmanager
async def open_press() -> AsyncIterator[Press]:
    press = Press("")
    application = web.Application()
    application.router.add_get("/{name}", press.serve)
    application.router.add_get("/{path:.*}", press.serve_any_other)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        press.url = f"http://{host}:{port}"
        yield press
    finally:
        await runner.cleanup()


def rss(entries: list[Entry]) -> str:
    """Return an RSS 2.0 document of the entries."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(entry.guid)}</guid>"
        f"<link>{escape(entry.url)}</link><title>{escape(entry.title)}</title>"
        f"<description>{escape(entry.text)}</description>"
        f"<pubDate>{format_datetime(entry.published_at)}</pubDate></item>"
        for entry in entries
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>Courier</title><link>https://courier.example/</link>{items}</channel></rss>"
    )
