"""Where do the playground's news come from? A few invented newspapers with feeds, on loopback.

The news never ends: after the last event the first one happens again, a day later. Each headline
then ends with the number of its day ("Storm cuts power — day 2"), and its id and address are new.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.helpers import ETag

from bot_playground.news import pages as printing
from bot_playground.news.pages import PublishedArticle
from bot_playground.news.script import (
    NewsScript,
    Report,
    Source,
    coming_reports,
    opening_reports,
    read_news_script,
)
from bot_playground.server import serving

# The news of the opening are spread over the day before it.
BEFORE_OPENING = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewspaperFeed:
    """A newspaper's feed, as a catalogue of feeds describes it; a general one has no topic.

    With `pages` it tells too little: the pages of its articles tell more.
    """

    name: str
    url: str
    language: str
    topic: str = ""
    pages: bool = True


@dataclass(slots=True, kw_only=True, eq=False)
class NewspaperServer:
    """An open newsstand: `url` is its address, `published` all that is out, oldest first."""

    url: str
    news_script: NewsScript
    now: Callable[[], datetime]
    coming: Iterator[Report]
    published: list[PublishedArticle] = field(default_factory=list)

    @property
    def feeds(self) -> tuple[NewspaperFeed, ...]:
        """The feeds of all newspapers."""
        return tuple(
            NewspaperFeed(
                name=it.name,
                url=self.url + printing.feed_path(it),
                language=it.language,
                pages=it.body == "teaser",
            )
            for it in self.news_script.sources
        )

    def publish(self) -> PublishedArticle:
        """Publish the next report now, and return it."""
        article = PublishedArticle(report=next(self.coming), published_at=_whole_second(self.now()))
        self.published.append(article)
        return article

    def of(self, source: Source) -> list[PublishedArticle]:
        """Return what one newspaper has published, oldest first."""
        return [it for it in self.published if it.report.source == source]


@asynccontextmanager
async def open_newspapers(
    *, port: int = 0, every: float | None, now: Callable[[], datetime]
) -> AsyncIterator[NewspaperServer]:
    """Serve the newspapers on 127.0.0.1 while the block runs; port 0 is any free one.

    A report is published every so many seconds; if `every` is None, only by `publish`.
    """
    news_script = read_news_script()
    stand = NewspaperServer(
        url="", news_script=news_script, now=now, coming=coming_reports(news_script)
    )
    stand.published.extend(_already_out(news_script, now()))
    async with serving(_application(stand), port=port) as url:
        stand.url = url
        async with _published(stand, every):
            yield stand


def _already_out(news_script: NewsScript, opened_at: datetime) -> Iterator[PublishedArticle]:
    """Yield the opening's articles, evenly over the day before; the last one is just out."""
    reports = opening_reports(news_script)
    step = BEFORE_OPENING / len(reports)
    for place, report in enumerate(reports, start=1):
        published_at = _whole_second(opened_at - (len(reports) - place) * step)
        yield PublishedArticle(report=report, published_at=published_at)


@asynccontextmanager
async def _published(stand: NewspaperServer, every: float | None) -> AsyncIterator[None]:
    """Publish by the clock while the block runs."""
    if every is None:
        yield
        return
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def publish_and_go_on() -> None:
        nonlocal timer
        stand.publish()
        timer = loop.call_later(every, publish_and_go_on)

    # A timer, not a task: `publish` waits for nothing, and the block's own errors stay as they are.
    timer = loop.call_later(every, publish_and_go_on)
    try:
        yield
    finally:
        timer.cancel()


def _application(stand: NewspaperServer) -> web.Application:
    app = web.Application()
    app.router.add_get("/", _to_first_paper(stand))
    for source in stand.news_script.sources:
        app.router.add_get(printing.feed_path(source), _feed(stand, source))
        app.router.add_get(f"/{source.slug}/", _front_page(stand, source))
    app.router.add_get("/{source}/{page}.html", _page(stand))
    return app


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _to_first_paper(stand: NewspaperServer) -> _Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"/{stand.news_script.sources[0].slug}/")

    return handle


def _feed(stand: NewspaperServer, source: Source) -> _Handler:
    """Answer 304 to a reader who has the newest; an ETag, where he sends one, decides alone."""

    async def handle(request: web.Request) -> web.StreamResponse:
        articles = stand.of(source)
        body = printing.feed(source, articles, news_script=stand.news_script, url=stand.url)
        etag = ETag(hashlib.sha256(body).hexdigest()[:16])
        changed_at = articles[-1].published_at
        response = web.Response(body=body, content_type=f"application/{source.format}+xml")
        if _is_known(request, etag, changed_at):
            response = web.Response(status=304)
        response.etag = etag
        response.last_modified = changed_at
        return response

    return handle


def _is_known(request: web.Request, etag: ETag, changed_at: datetime) -> bool:
    if request.if_none_match is not None:
        return etag.value in {it.value for it in request.if_none_match}
    since = request.if_modified_since
    return since is not None and changed_at <= since


def _front_page(stand: NewspaperServer, source: Source) -> _Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        text = printing.front_page(source, stand.of(source), news_script=stand.news_script)
        return web.Response(text=text, content_type="text/html")

    return handle


def _page(stand: NewspaperServer) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        for article in stand.published:
            if article.report.path == request.path:
                links = printing.related(article, _before(stand, article))
                text = printing.page(article, links, news_script=stand.news_script)
                return web.Response(text=text, content_type="text/html")
        raise web.HTTPNotFound

    return handle


def _before(stand: NewspaperServer, article: PublishedArticle) -> list[PublishedArticle]:
    ours = stand.of(article.report.source)
    return ours[: ours.index(article)]


def _whole_second(moment: datetime) -> datetime:
    # HTTP dates have no fractions: with one, no reader's copy would ever count as new enough.
    return moment.replace(microsecond=0)
