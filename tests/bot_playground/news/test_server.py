import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import aiohttp
import pytest

from bot_playground.news.script import read_news_script
from bot_playground.news.server import (
    OPENING_PERIOD,
    NewspaperServer,
    open_newspapers,
    picture,
)
from tests.support.fakes import FakeClock


@pytest.fixture
async def newspapers(clock: FakeClock) -> AsyncIterator[NewspaperServer]:
    clock.advance(microseconds=700)
    async with open_newspapers(every=None, now=clock) as newspapers:
        yield newspapers


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def read(http: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, str]:
    async with http.get(url, headers=headers) as answer:
        return answer.status, await answer.text(errors="replace")


async def test_there_are_two_newspapers_for_each_language(newspapers: NewspaperServer) -> None:
    assert sorted(feed.language for feed in newspapers.feeds) == [
        "en",
        "en",
        "ru",
        "ru",
        "uk",
        "uk",
    ]
    assert all(feed.url.startswith("http://127.0.0.1:") for feed in newspapers.feeds)


async def test_the_name_of_another_site_opens_no_newspaper(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    for feed in newspapers.feeds:
        status, _ = await read(http, feed.url, Host="evil.example")
        assert status == 403


async def test_the_opening_reports_are_spread_over_the_last_day(
    newspapers: NewspaperServer, clock: FakeClock
) -> None:
    times = [article.published_at for article in newspapers.published]
    assert times == sorted(times)
    assert clock() - OPENING_PERIOD < times[0] < clock() - timedelta(hours=22)
    assert times[-1] == clock().replace(microsecond=0)


async def test_every_feed_and_every_article_can_be_opened(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    for feed in newspapers.feeds:
        status, document = await read(http, feed.url)
        assert status == 200
        assert "http://127.0.0.1:" in document
    for article in newspapers.published:
        status, page = await read(http, newspapers.url + article.report.path)
        assert status == 200
        assert article.report.paragraphs[-1] in unescape(page)


async def test_a_published_article_is_the_first_of_its_feed(
    newspapers: NewspaperServer, http: aiohttp.ClientSession, clock: FakeClock
) -> None:
    clock.advance(minutes=5)
    article = newspapers.publish()
    assert article.published_at == clock().replace(microsecond=0)
    (url,) = (feed.url for feed in newspapers.feeds if feed.name == article.report.source.name)
    _, document = await read(http, url)
    ids = [it.report.id for it in newspapers.articles_of(article.report.source)]
    assert document.index(ids[-1]) < document.index(ids[-2])


async def test_a_follow_up_links_the_event_it_follows(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    article = newspapers.publish()
    assert article.report.follows is not None
    _, page = await read(http, newspapers.url + article.report.path)
    assert f"/{article.report.source.slug}/{article.report.follows}.html" in page


async def test_an_unchanged_feed_is_answered_with_304(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    url = newspapers.feeds[0].url
    async with http.get(url) as answer:
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    assert (await read(http, url, **{"If-None-Match": etag}))[0] == 304
    assert (await read(http, url, **{"If-Modified-Since": modified}))[0] == 304
    async with http.get(url, headers={"If-None-Match": etag}) as answer:
        assert answer.headers["ETag"] == etag


async def test_a_changed_feed_is_sent_again(
    newspapers: NewspaperServer, http: aiohttp.ClientSession, clock: FakeClock
) -> None:
    url = newspapers.feeds[0].url
    async with http.get(url) as answer:
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    clock.advance(seconds=1)
    while newspapers.publish().report.source.name != newspapers.feeds[0].name:
        pass
    assert (await read(http, url, **{"If-Modified-Since": modified}))[0] == 200
    assert (await read(http, url, **{"If-None-Match": etag}))[0] == 200
    later = {"If-None-Match": etag, "If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT"}
    assert (await read(http, url, **later))[0] == 200


async def test_the_root_redirects_to_a_front_page(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    status, page = await read(http, f"{newspapers.url}/")
    assert status == 200
    assert newspapers.feeds[0].name in page


async def test_an_unpublished_article_is_not_found(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    slug = newspapers.news_script.sources[0].slug
    assert (await read(http, f"{newspapers.url}/{slug}/no-such-thing.html"))[0] == 404


async def test_articles_are_published_at_an_interval(clock: FakeClock) -> None:
    async with open_newspapers(every=0.001, now=clock) as newspapers:
        out = len(newspapers.published)
        async with asyncio.timeout(120):
            while len(newspapers.published) < out + 3:
                await asyncio.sleep(0.001)
    ended = len(newspapers.published)
    await asyncio.sleep(0.01)
    assert len(newspapers.published) == ended


async def test_the_pages_behind_a_teaser_feed_have_the_full_text_and_links(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    for _ in range(20):
        newspapers.publish()
    for source, feed in zip(newspapers.news_script.sources, newspapers.feeds, strict=True):
        assert feed.pages == (source.body == "teaser")
        read_also = newspapers.news_script.words[source.language]["read_also"]
        async with http.get(feed.url) as answer:
            document = (await answer.read()).decode(source.encoding)
        assert (read_also in document) == (source.body == "full")
        pages = [
            await read(http, newspapers.url + it.report.path)
            for it in newspapers.articles_of(source)
        ]
        assert any(read_also in page for _, page in pages)


async def test_an_article_with_a_picture_has_one_of_its_own_address(
    newspapers: NewspaperServer, http: aiohttp.ClientSession
) -> None:
    for article in newspapers.published:
        path = article.report.path.replace(".html", ".jpg")
        async with http.get(newspapers.url + path) as answer:
            if article.report.source.pictures:
                assert (answer.status, answer.content_type) == (200, "image/jpeg")
                assert (await answer.read())[:3] == b"\xff\xd8\xff"
            else:
                assert answer.status == 404


def test_every_topic_has_a_small_picture() -> None:
    for topic in read_news_script().sections["en"]:
        assert 3_000 < len(picture(topic)) < 20_000, topic


async def test_a_link_is_previewed_with_the_title_and_the_picture_of_its_page(
    newspapers: NewspaperServer,
) -> None:
    (article, *_) = newspapers.published
    url = newspapers.url + article.report.path
    preview = newspapers.link_preview(f"{url}?from=feed#top")
    assert preview["site_name"] == article.report.source.name
    assert preview["title"] == article.report.title
    assert preview["image"].startswith("data:image/jpeg;base64,")
    assert newspapers.link_preview(url.replace(".html", ".jpg")) == {"image": preview["image"]}
    for other in ("https://example.com/", f"{newspapers.url}/harbour/none.html", "", "\x00"):
        with pytest.raises(LookupError, match="no such page"):
            newspapers.link_preview(other)


async def test_a_story_goes_on_when_it_is_asked_for_and_comes_no_second_time(
    newspapers: NewspaperServer,
) -> None:
    assert newspapers.continue_story("storm-forecast") == "storm-damage"
    assert newspapers.continue_story("storm-forecast") == "power-restored"
    assert newspapers.continue_story("lighthouse-lamp") == "lighthouse-lamp"
    assert newspapers.continue_story("lighthouse-lamp") == "lighthouse-letter"
    for _ in range(100):
        newspapers.publish()
    ids = [article.report.id for article in newspapers.published]
    assert len(ids) == len(set(ids))
    for event in ("bridge-opening", "nothing"):
        with pytest.raises(LookupError, match="does not go on"):
            newspapers.continue_story(event)
