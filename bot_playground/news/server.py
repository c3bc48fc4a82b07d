"""Newspaper sites on loopback: feeds with conditional GET, front pages, articles, pictures."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files

from aiohttp import web
from aiohttp.helpers import ETag

from bot_playground.news import pages
from bot_playground.news.pages import PublishedArticle
from bot_playground.news.script import (
    NewsScript,
    Report,
    Source,
    next_chapter,
    opening_reports,
    read_news_script,
    reports_of,
    upcoming_reports,
)
from bot_playground.server import refuse_other_sites, serving

# The opening reports are published evenly over this time before the start.
OPENING_PERIOD = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewspaperFeed:
    """A newspaper's feed, as the bot's catalogue describes it; a general one has no topic.

    `pages`: the feed holds teasers only, and the bot fetches the articles' pages.
    """

    name: str
    url: str
    language: str
    topic: str = ""
    pages: bool = True


@dataclass(slots=True, kw_only=True, eq=False)
class NewspaperServer:
    """A running server of newspapers; `published` has all published articles, oldest first."""

    url: str
    news_script: NewsScript
    now: Callable[[], datetime]
    upcoming: Iterator[Report]
    published: list[PublishedArticle] = field(default_factory=list)

    @property
    def feeds(self) -> tuple[NewspaperFeed, ...]:
        """The feeds of all newspapers."""
        return tuple(
            NewspaperFeed(
                name=source.name,
                url=self.url + pages.feed_path(source),
                language=source.language,
                pages=source.body == "teaser",
            )
            for source in self.news_script.sources
        )

    def publish(self) -> PublishedArticle:
        """Publish the next report now, and return it."""
        out = {article.report.id for article in self.published}
        return self._publish(next(report for report in self.upcoming if report.id not in out))

    def continue_story(self, event: str) -> str:
        """Publish all reports of an event, or the first after it that is not out; return its slug.

        Raises:
            LookupError: if there is no such event, or the story does not go on.
        """
        out, today = {article.report.event for article in self.published}, self.now().date()
        chapter = next((each for each in self.news_script.events if each.slug == event), None)
        while chapter is not None and chapter.slug in out:
            chapter = next_chapter(self.news_script, chapter.slug, today)
        if chapter is None:
            raise LookupError("This story does not go on.")
        for report in reports_of(self.news_script, chapter):
            self._publish(report)
        return chapter.slug

    def link_preview(self, url: str) -> dict[str, str]:
        """Return what Telegram shows of a page or picture: its Open Graph, the image as data.

        Raises:
            LookupError: if there is no such page.
        """
        path = url.removeprefix(self.url).partition("?")[0].partition("#")[0]
        article = self.article_at(path.replace(".jpg", ".html"))
        if article is None or not url.startswith(f"{self.url}/"):
            raise LookupError("There is no such page.")
        preview = pages.open_graph(article.report, url=self.url)
        if "image" in preview:
            data = base64.b64encode(picture(article.report.topic)).decode()
            preview["image"] = f"data:image/jpeg;base64,{data}"
        return {"image": preview["image"]} if path.endswith(".jpg") else preview

    def articles_of(self, source: Source) -> list[PublishedArticle]:
        """Return the published articles of one newspaper, oldest first."""
        return [article for article in self.published if article.report.source == source]

    def article_at(self, path: str) -> PublishedArticle | None:
        """Return the published article whose page has this path."""
        return next((article for article in self.published if article.report.path == path), None)

    def _publish(self, report: Report) -> PublishedArticle:
        article = PublishedArticle(report=report, published_at=_whole_second(self.now()))
        self.published.append(article)
        return article


@asynccontextmanager
async def open_newspapers(
    *, port: int = 0, every: float | None, now: Callable[[], datetime]
) -> AsyncIterator[NewspaperServer]:
    """Serve the newspapers on 127.0.0.1 while the block runs; port 0 is any free one.

    An article is published after every `every` seconds; if it is None, only by `publish`.
    """
    news_script = read_news_script()
    newspapers = NewspaperServer(
        url="",
        news_script=news_script,
        now=now,
        upcoming=upcoming_reports(news_script, lambda: now().date()),
    )
    reports = opening_reports(news_script)
    opened_at, step = now(), OPENING_PERIOD / len(reports)
    for position, report in enumerate(reports, start=1):
        published_at = _whole_second(opened_at - (len(reports) - position) * step)
        newspapers.published.append(PublishedArticle(report=report, published_at=published_at))
    async with serving(_application(newspapers), port=port) as url:
        newspapers.url = url
        async with _publishing(newspapers, every):
            yield newspapers


@asynccontextmanager
async def _publishing(newspapers: NewspaperServer, every: float | None) -> AsyncIterator[None]:
    """Publish an article after every `every` seconds while the block runs."""
    if every is None:
        yield
        return
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def publish_and_reschedule() -> None:
        nonlocal timer
        newspapers.publish()
        timer = loop.call_later(every, publish_and_reschedule)

    # A timer, not a task: `publish` awaits nothing, and a task would wrap the block's exceptions.
    timer = loop.call_later(every, publish_and_reschedule)
    try:
        yield
    finally:
        timer.cancel()


def picture(topic: str) -> bytes:
    """Return the picture of a topic as JPEG; `tests/end_to_end/news_pictures.py` draws them."""
    return files("bot_playground.news").joinpath("pictures", f"{topic}.jpg").read_bytes()


def _application(newspapers: NewspaperServer) -> web.Application:
    sources = newspapers.news_script.sources
    by_slug = {source.slug: source for source in sources}

    async def redirect_to_first(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"/{sources[0].slug}/")

    async def front_page(request: web.Request) -> web.StreamResponse:
        source = by_slug.get(request.match_info["source"])
        if source is None:
            raise web.HTTPNotFound
        articles = newspapers.articles_of(source)
        text = pages.front_page(source, articles, news_script=newspapers.news_script)
        return web.Response(text=text, content_type="text/html")

    async def article_page(request: web.Request) -> web.StreamResponse:
        article = newspapers.article_at(request.path)
        if article is None:
            raise web.HTTPNotFound
        articles = newspapers.articles_of(article.report.source)
        links = pages.related(article, articles[: articles.index(article)])
        text = pages.page(article, links, news_script=newspapers.news_script, url=newspapers.url)
        return web.Response(text=text, content_type="text/html")

    app = web.Application(middlewares=[refuse_other_sites])
    app.router.add_get("/", redirect_to_first)
    for source in sources:
        app.router.add_get(pages.feed_path(source), _feed_handler(newspapers, source))
    app.router.add_get("/{source}/", front_page)
    app.router.add_get("/{source}/{page}.html", article_page)
    app.router.add_get("/{source}/{page}.jpg", _picture_handler(newspapers))
    return app


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _feed_handler(newspapers: NewspaperServer, source: Source) -> _Handler:
    """Return a handler of conditional GET: If-None-Match takes precedence, as in RFC 9110."""

    async def handle(request: web.Request) -> web.StreamResponse:
        articles = newspapers.articles_of(source)
        body = pages.feed(source, articles, news_script=newspapers.news_script, url=newspapers.url)
        etag = ETag(hashlib.sha256(body).hexdigest()[:16])
        changed_at = articles[-1].published_at
        if request.if_none_match is not None:
            is_unchanged = etag.value in {known.value for known in request.if_none_match}
        else:
            since = request.if_modified_since
            is_unchanged = since is not None and changed_at <= since
        response = web.Response(body=body, content_type=f"application/{source.format}+xml")
        if is_unchanged:
            response = web.Response(status=304)
        response.etag = etag
        response.last_modified = changed_at
        return response

    return handle


def _picture_handler(newspapers: NewspaperServer) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        article = newspapers.article_at(request.path.replace(".jpg", ".html"))
        if article is None or not article.report.picture_path:
            raise web.HTTPNotFound
        return web.Response(body=picture(article.report.topic), content_type="image/jpeg")

    return handle


def _whole_second(moment: datetime) -> datetime:
    # HTTP dates have no fractions: with one, If-Modified-Since would never match.
    return moment.replace(microsecond=0)
