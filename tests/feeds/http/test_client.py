import asyncio
import re
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
import trustme

from bot import __version__
from bot.errors import FetchError
from bot.feeds.http.client import open_http, time_limit_of, user_agent
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.http.ssrf_guard import AddressProblem, address_problem
from bot.model.feeds import FeedDocument, FeedRequest
from tests.feeds.conftest import Names, Publisher, Wire, answer

SOON = timedelta(seconds=2)


async def document(http: aiohttp.ClientSession, url: str) -> FeedDocument:
    found = await fetch_feed(http, FeedRequest(url=url))
    assert isinstance(found, FeedDocument)
    return found


async def failure(http: aiohttp.ClientSession, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        await fetch_feed(http, FeedRequest(url=url))
    return str(caught.value)


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1].split("/")[0])


async def test_p40_we_say_who_we_are_and_for_how_many_we_ask(http: aiohttp.ClientSession) -> None:
    home = "https://github.com/readalso/readalso"
    assert user_agent(http, readers=0) == f"ReadAlso/{__version__} (+{home})"
    assert user_agent(http, readers=12) == f"ReadAlso/{__version__} (+{home}; 12 subscribers)"
    form = r"[A-Za-z]+/[0-9.]+ \(\+https://[^ ;]+(; [0-9]+ subscribers)?\)"
    assert all(re.fullmatch(form, user_agent(http, readers=n)) for n in (-1, 0, 1, 10**6))


async def test_p44_the_time_limit_is_twenty_seconds_and_ten_of_them_are_for_connecting() -> None:
    async with open_http(allow_private_addresses=True) as http:
        assert (time_limit_of(http), http.timeout.connect) == (20, 10)


async def test_p41_nothing_of_one_poll_is_seen_in_the_next(publisher: Publisher) -> None:
    """By name, as cookies are for names; nobody would keep those of an address."""
    publisher.says(b"<rss/>", headers={"Set-Cookie": "visitor=7; Path=/"})
    url = publisher.url().replace("127.0.0.1", "courier.example")
    async with open_http(allow_private_addresses=True, resolver=Names(["127.0.0.1"])) as http:
        await document(http, url)
        await document(http, url)
    sent = publisher.requests[-1].headers
    assert {"Cookie", "Referer", "Authorization", "Pragma", "Cache-Control"}.isdisjoint(sent)


async def test_p42_we_say_what_we_read(publisher: Publisher, http: aiohttp.ClientSession) -> None:
    publisher.says(b"<rss/>")
    await document(http, publisher.url())
    sent = publisher.requests[0].headers
    assert sent["Accept-Encoding"] == "gzip, br"
    for kind in ("application/rss+xml", "application/atom+xml", "application/feed+json"):
        assert kind in sent["Accept"]
    assert "*/*;q=0." in sent["Accept"]


async def test_no_proxy_of_the_environment_dials_for_us(
    publisher: Publisher, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    publisher.says(b"<rss/>")
    assert (await document(http, publisher.url())).body == b"<rss/>"


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("dead", ["::1", "100::1"], ids=["refuses", "leads nowhere"])
async def test_p43_a_name_with_a_dead_ipv6_and_a_live_ipv4_is_reached(
    wire: Wire, dead: str
) -> None:
    url = (await wire.serve(answer())).replace("127.0.0.1", "courier.example")
    names = Names([dead, "127.0.0.1"])
    async with open_http(allow_private_addresses=True, time_limit=SOON, resolver=names) as http:
        assert (await document(http, url)).status == 200


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
async def test_p43_a_name_with_a_dead_ipv4_and_a_live_ipv6_is_reached(wire: Wire) -> None:
    url = (await wire.serve(answer(), host="::1")).replace("[::1]", "courier.example")
    names = Names(["127.0.0.1", "::1"])
    async with open_http(allow_private_addresses=True, time_limit=SOON, resolver=names) as http:
        assert (await document(http, url)).status == 200


async def test_a_name_is_looked_up_once_for_a_while(wire: Wire) -> None:
    url = (await wire.serve(answer())).replace("127.0.0.1", "courier.example")
    names = Names(["127.0.0.1"])
    async with open_http(allow_private_addresses=True, resolver=names) as http:
        await document(http, url)
        await document(http, url)
    assert (names.asked, wire.dialled) == (1, 2)


async def test_lookups_have_threads_of_their_own(wire: Wire) -> None:
    url = (await wire.serve(answer())).replace("127.0.0.1", "localhost")
    async with open_http(allow_private_addresses=True, time_limit=SOON) as http:
        assert (await document(http, url)).status == 200
        assert any(thread.name.startswith("resolver") for thread in threading.enumerate())
    for thread in threading.enumerate():
        if thread.name.startswith("resolver"):
            await asyncio.to_thread(thread.join, 2)
            assert not thread.is_alive()


async def test_p36_what_cannot_be_reached_is_dialled_once_more(wire: Wire) -> None:
    """The port is silent at first, and a server listens there when we dial again."""
    port = port_of(url := await wire.serve(answer()))
    late = wire.stack.pop_all()
    await late.aclose()
    async with (
        open_http(allow_private_addresses=True, time_limit=timedelta(seconds=10)) as http,
        asyncio.TaskGroup() as tasks,
    ):
        asked = tasks.create_task(document(http, url))
        await asyncio.sleep(0.2)
        assert not asked.done()
        await wire.serve(answer(), port=port)
        assert (await asked).status == 200


class Dialled:
    """Counts how often the system is asked for a socket."""

    def __init__(self) -> None:
        self.count = 0

    def refusal(self, _address: str, _port: int) -> str | None:
        self.count += 1
        return None


async def test_p36_it_is_dialled_no_more_than_twice(
    monkeypatch: pytest.MonkeyPatch, wire: Wire
) -> None:
    url = await wire.serve()
    await wire.stack.pop_all().aclose()
    dialled = Dialled()
    monkeypatch.setattr("bot.feeds.http.ssrf_guard.address_problem", dialled.refusal)
    async with open_http(allow_private_addresses=False, time_limit=SOON) as http:
        assert await failure(http, url) == "refused the connection"
    assert dialled.count == 2


async def test_p36_a_request_that_was_sent_is_not_retried(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    assert await failure(http, await wire.serve()) == "closed the connection without an answer"
    assert (wire.dialled, len(wire.heads)) == (1, 1)


async def test_p36_an_unknown_name_is_resolved_once() -> None:
    class Nobody(Names):
        async def resolve(self, *_: object, **__: object) -> list[aiohttp.abc.ResolveResult]:
            self.asked += 1
            raise OSError("no such name")

    nobody = Nobody([])
    async with open_http(allow_private_addresses=True, resolver=nobody) as http:
        reason = await failure(http, "http://courier.example/rss")
    assert (reason, nobody.asked) == ("the server name is not known", 1)


async def test_p36_a_blocked_address_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def blocked(address: str, _: int) -> AddressProblem:
        asked.append(address)
        return AddressProblem.NOT_PUBLIC

    monkeypatch.setattr("bot.feeds.http.ssrf_guard.address_problem", blocked)
    async with open_http(allow_private_addresses=False) as http:
        assert await failure(http, "http://127.0.0.1/") == "its address is not a public one"
    assert asked == ["127.0.0.1"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(made)
    return made


@pytest.fixture
async def trusting(authority: trustme.CA) -> AsyncIterator[aiohttp.ClientSession]:
    """A session that trusts the authority."""
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    async with open_http(allow_private_addresses=True, time_limit=SOON, tls=trust) as session:
        yield session


async def test_p46_a_certificate_of_a_trusted_authority_is_taken(
    wire: Wire, authority: trustme.CA, trusting: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(), tls=context(authority, "127.0.0.1"))
    assert (await document(trusting, url)).status == 200


async def test_p46_a_certificate_that_nobody_vouches_for_is_refused(
    wire: Wire, authority: trustme.CA, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(), tls=context(authority, "127.0.0.1"))
    for _ in range(3):  # never let pass, however often it is asked
        assert (await failure(http, url)).startswith("no secure connection: ")
    assert (wire.dialled, wire.heads) == (0, [])


async def test_p46_a_certificate_for_another_name_is_refused(
    wire: Wire, authority: trustme.CA, trusting: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(), tls=context(authority, "herald.example"))
    reason = await failure(trusting, url)
    assert reason.startswith("no secure connection: ")
    assert "not valid for '127.0.0.1'" in reason
    assert not wire.heads


async def test_p46_no_redirect_leads_past_the_check(
    wire: Wire, authority: trustme.CA, publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(), tls=context(authority, "127.0.0.1"))
    publisher.says(status=301, headers={"Location": url})
    assert (await failure(http, publisher.url())).startswith("no secure connection: ")
    assert not wire.heads


async def test_a_request_with_odd_bytes_goes_over_tls_as_it_is(
    wire: Wire, authority: trustme.CA, trusting: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(), tls=context(authority, "127.0.0.1"))
    await fetch_feed(trusting, FeedRequest(url=url, etag=b'"\xff\xd1"', document_url=url))
    assert b'\r\nIf-None-Match: "\xff\xd1"\r\n' in wire.heads[0]


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "0.0.0.0",
    "0",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.0x0.1",
    "00000177.0.0.1",
    "127.0.0.1.",
    "127.0.0.1..",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.０.０.１",
    "%31%32%37.0.0.1",
    "127.0.0.1%00.courier.example",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001::80ff:fffe]",
    "[2606:4700::5efe:7f00:1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[::1%25lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[ff02::1]",
    "169.254.169.254",
    "0xA9FEA9FE",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "10.0.0.1",
    "192.168.0.1",
    "172.16.0.1",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "user@127.0.0.1",
    "courier.example@127.0.0.1",
    "courier.example:80@127.0.0.1",
    "courier.example\\@127.0.0.1",
]
REFUSALS = {
    "its address is not a public one",
    "its address holds a user name or a password",
    "its address is not one of the web",
    "the server name is not known",
    "not an address that can be fetched",
}


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_a_private_address_reaches_it(publisher: Publisher, host: str) -> None:
    port = port_of(publisher.url())
    async with open_http(allow_private_addresses=False, time_limit=SOON) as http:
        assert await failure(http, f"http://{host}:{port}/rss") in REFUSALS
    assert not publisher.requests


async def test_no_redirect_reaches_a_private_address(
    wire: Wire, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server alone counts as public; the rest is judged as ever."""
    target = port_of(publisher.url())
    spellings = iter(SPELLINGS)

    async def send_on(writer: asyncio.StreamWriter) -> None:
        url = f"http://{next(spellings)}:{target}/admin"
        head = f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"
        writer.write(head.encode())

    first = await wire.serve(send_on)
    monkeypatch.setattr(
        "bot.feeds.http.ssrf_guard.address_problem",
        lambda address, port: None if port == port_of(first) else address_problem(address, port),
    )
    async with open_http(allow_private_addresses=False, time_limit=SOON) as http:
        for spelling in SPELLINGS:
            reason = await failure(http, first)
            reason = reason.replace("redirects to an address that", "its address")
            assert reason in REFUSALS, spelling
    assert not publisher.requests


@pytest.mark.parametrize("port", [0, 21, 22, 25, 53, 445, 993])
async def test_no_port_of_a_system_service_is_dialled(port: int) -> None:
    async with open_http(allow_private_addresses=False, resolver=Names(["1.1.1.1"])) as http:
        reason = await failure(http, f"http://courier.example:{port}/")
    assert reason == "its port is not one of the web"


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["::1"], ["10.0.0.1", "::1", "127.0.0.1"]])
async def test_a_public_name_for_a_private_address_is_not_dialled(
    publisher: Publisher, answers: list[str]
) -> None:
    url = publisher.url().replace("127.0.0.1", "courier.example")
    async with open_http(allow_private_addresses=False, resolver=Names(answers)) as http:
        assert await failure(http, url) == "its address is not a public one"
    assert not publisher.requests


async def test_a_name_that_changes_its_address_is_judged_at_every_dial(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer of the name server counts as public, the second does not."""
    url = (await wire.serve(answer(), host="0.0.0.0")).replace("0.0.0.0", "courier.example")
    monkeypatch.setattr(
        "bot.feeds.http.ssrf_guard.address_problem",
        lambda address, _: None if address == "127.0.0.1" else AddressProblem.NOT_PUBLIC,
    )
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with open_http(allow_private_addresses=False, resolver=names) as http:
        assert isinstance(http.connector, aiohttp.TCPConnector)
        assert (await document(http, url)).status == 200
        http.connector.clear_dns_cache()
        assert await failure(http, url) == "its address is not a public one"
    assert (names.asked, wire.dialled) == (2, 1)
