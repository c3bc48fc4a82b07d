import aiohttp

from bot.feeds.probe import Prober, ProbeResult
from tests.feeds.conftest import Publisher
from tests.support.fakes import NOON, FakeClock
from tests.support.poller_setup import InlineParser, item, rss


async def test_each_probed_feed_has_a_result(
    publisher: Publisher, http: aiohttp.ClientSession, clock: FakeClock
) -> None:
    publisher.says(rss(item("Bridge"), item("Road")))
    publisher.says(rss(), path="/empty")
    publisher.says("Good evening", path="/page")
    urls = [publisher.url(path) for path in ("/rss", "/empty", "/page", "/none")]
    trier = Prober(http=http, parse=InlineParser(), now=clock)
    found: dict[str, ProbeResult] = {trial.url: trial async for trial in trier.all(urls)}
    good, empty, page, none = (found[url] for url in urls)
    assert (good.entries, good.newest_at, good.problem) == (2, NOON, None)
    assert (empty.entries, empty.newest_at, empty.problem) == (0, None, None)
    assert page.problem
    assert none.problem == "HTTP 404"
