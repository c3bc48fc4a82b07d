from datetime import timedelta
from functools import partial

import aiohttp
import pytest
from aiohttp import web

from bot.errors import DisallowedError, FetchError, KilledError
from bot.feeds.formats.robots_txt import is_allowed
from bot.feeds.http import robots_cache
from bot.feeds.http.fetch import fetch_page
from bot.feeds.http.robots_cache import CACHE_TIME, MAX_BYTES, RobotsRules, fetch_robots
from tests.feeds.conftest import Publisher
from tests.support.fakes import FakeClock

PAGE = "<!doctype html><p>The bridge is open."
HTML = {"Content-Type": "text/html"}


async def judge(robots: bytes, *, url: str) -> bool:
    return is_allowed(robots, url=url)


@pytest.fixture
def rules(http: aiohttp.ClientSession, clock: FakeClock) -> RobotsRules:
    return RobotsRules(fetch=partial(fetch_robots, http), is_allowed=judge, now=clock)


def asked(publisher: Publisher) -> list[str]:
    return [request.path for request in publisher.requests]


async def refusal(rules: RobotsRules, http: aiohttp.ClientSession, url: str) -> str:
    with pytest.raises(DisallowedError) as caught:
        await fetch_page(http, url, robots=rules)
    return str(caught.value)


async def test_a_page_that_robots_txt_forbids_is_not_requested(
    publisher: Publisher, http: aiohttp.ClientSession, rules: RobotsRules
) -> None:
    publisher.says("User-agent: *\nDisallow: /closed", path="/robots.txt")
    publisher.says(PAGE, path="/open", headers=HTML)
    assert "asks programs not to" in await refusal(rules, http, publisher.url("/closed/1"))
    page = await fetch_page(http, publisher.url("/open"), robots=rules)
    assert page.body == PAGE.encode()
    assert asked(publisher) == ["/robots.txt", "/open"]


async def test_without_rules_no_robots_txt_is_requested(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(PAGE, path="/open", headers=HTML)
    await fetch_page(http, publisher.url("/open"))
    assert asked(publisher) == ["/open"]


async def test_robots_txt_is_requested_once_a_day(
    publisher: Publisher, http: aiohttp.ClientSession, rules: RobotsRules, clock: FakeClock
) -> None:
    publisher.says("User-agent: *\nDisallow: /closed", path="/robots.txt")
    for _ in range(3):
        await rules.check(publisher.url("/open"))
    clock.at += CACHE_TIME - timedelta(seconds=1)
    await rules.check(publisher.url("/open"))
    assert asked(publisher) == ["/robots.txt"]
    clock.at += timedelta(seconds=1)
    await rules.check(publisher.url("/open"))
    assert asked(publisher) == ["/robots.txt"] * 2


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_site_without_robots_txt_may_be_read(
    publisher: Publisher, rules: RobotsRules, status: int
) -> None:
    publisher.says("User-agent: *\nDisallow: /", path="/robots.txt", status=status)
    await rules.check(publisher.url("/open"))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_where_robots_txt_cannot_be_had_nothing_is_read_until_it_can(
    publisher: Publisher,
    http: aiohttp.ClientSession,
    rules: RobotsRules,
    clock: FakeClock,
    status: int,
) -> None:
    publisher.says(path="/robots.txt", status=status)
    url = publisher.url("/open")
    for _ in range(2):
        assert "cannot be read" in await refusal(rules, http, url)
    assert asked(publisher) == ["/robots.txt"]
    publisher.says("User-agent: *\nDisallow:", path="/robots.txt")
    clock.advance(minutes=1)
    await rules.check(url)


async def test_the_page_that_a_redirect_leads_to_is_checked_too(
    publisher: Publisher, http: aiohttp.ClientSession, rules: RobotsRules
) -> None:
    publisher.says("User-agent: *\nDisallow: /closed", path="/robots.txt")
    publisher.says(status=302, headers={"Location": "/closed"}, path="/open")
    assert "asks programs not to" in await refusal(rules, http, publisher.url("/open"))
    assert asked(publisher) == ["/robots.txt", "/open"]


async def test_robots_txt_of_each_site_is_its_own(publisher: Publisher, rules: RobotsRules) -> None:
    async def answer(request: web.Request) -> web.Response:
        is_closed = request.host.startswith("localhost")
        return web.Response(text=f"User-agent: *\nDisallow: {'/' if is_closed else ''}")

    publisher.answers["/robots.txt"] = answer
    await rules.check(publisher.url("/a"))
    with pytest.raises(DisallowedError):
        await rules.check(publisher.url("/a").replace("127.0.0.1", "localhost"))


async def test_rules_that_are_too_hard_or_too_long_to_read_forbid(
    publisher: Publisher, http: aiohttp.ClientSession, clock: FakeClock
) -> None:
    async def killed(robots: bytes, *, url: str) -> bool:
        raise KilledError(f"{len(robots)} bytes, {url}")

    publisher.says("User-agent: *\nDisallow: /x", path="/robots.txt")
    hard = RobotsRules(fetch=partial(fetch_robots, http), is_allowed=killed, now=clock)
    assert "asks programs not to" in await refusal(hard, http, publisher.url("/a"))
    publisher.says(b"#" * (MAX_BYTES + 1), path="/robots.txt")
    long = RobotsRules(fetch=partial(fetch_robots, http), is_allowed=judge, now=clock)
    assert "cannot be read" in await refusal(long, http, publisher.url("/a"))


async def test_the_oldest_rules_are_forgotten_when_there_are_many(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots_cache, "_MAX_CACHED_BYTES", 100)
    fetched: list[str] = []

    async def fetch(url: str) -> bytes:
        fetched.append(url)
        if "dead" in url:
            raise FetchError("no answer")
        return b"#" * 40

    rules = RobotsRules(fetch=fetch, is_allowed=judge, now=clock)
    for site in ("a", "b", "c", "b", "c", "a"):
        await rules.check(f"https://{site}.example/")
    assert [url[8] for url in fetched] == ["a", "b", "c", "a"]
    with pytest.raises(DisallowedError):
        await rules.check("https://dead.example/")
