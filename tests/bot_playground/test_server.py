import asyncio
import re
from importlib.resources import files

import aiohttp
import pytest
from multidict import CIMultiDict

from bot_playground.fake_telegram import FakeTelegram
from bot_playground.server import application, serving
from bot_playground.state.world import World
from tests.support.bot_api_client import TOKEN, Client

PLACES = {"token": TOKEN, "method": "setWebhook", "rest": "x", "chat_id": "1001", "path": "a/b"}


def routes(world: World) -> list[tuple[str, str]]:
    """Return method and path of every route, its placeholders filled with what is there."""
    filled = []
    for route in application(world).router.routes():
        assert route.resource is not None
        path = re.sub(
            r"\{(\w+)[^}]*\}", lambda part: PLACES.get(part[1], "1"), route.resource.canonical
        )
        filled.append(("POST" if route.method == "*" else route.method, path))
    return [
        *filled,
        ("GET", f"/bot{TOKEN}/setWebhook?url=https://evil.example"),
        ("GET", "/nowhere"),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": "127.0.0.2"},
        {"Host": "[x"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        # Another server of this machine is another site too.
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "what comes after", "Sec-Fetch-Mode": "cors"},
    ],
    ids=str,
)
async def test_other_sites_are_kept_out_of_every_route(
    client: Client, world: World, headers: dict[str, str]
) -> None:
    for method, path in routes(world):
        async with client.session.request(method, path, headers=headers) as response:
            assert response.status == 403, path
            if method != "HEAD":
                assert await response.json() == {"error": "Only this machine may ask."}
    assert not world.call_log.calls
    assert not world.webhook.url


async def test_a_link_from_another_site_leads_to_a_page_and_to_no_route_for_programs(
    client: Client, world: World
) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for method, path in routes(world):
        async with client.session.request(method, path, headers=headers) as response:
            is_page = path in ("/", "/nowhere") and method == "GET"
            assert (response.status != 403) == is_page, path


async def test_several_origins_must_all_be_our_own(client: Client) -> None:
    own = str(client.session._base_url).rstrip("/")
    for origins, status in (([own], 200), ([own, "https://evil.example"], 403)):
        headers = CIMultiDict([("Origin", origin) for origin in origins])
        async with client.session.get("/control/people", headers=headers) as response:
            assert response.status == status


@pytest.mark.parametrize("host", ["localhost", "api.localhost", "127.0.0.1:99", "[::1]:80"])
async def test_every_name_of_loopback_is_allowed(client: Client, host: str) -> None:
    async with client.session.get("/control/people", headers={"Host": host}) as response:
        assert response.status == 200


async def test_the_page_may_run_its_own_scripts_and_connect_to_this_server_only(
    client: Client,
) -> None:
    async with client.session.get("/") as response:
        policy = response.headers["Content-Security-Policy"]
        assert response.content_type == "text/html"
        assert "<script" in await response.text()
    directives = dict(it.strip().split(" ", 1) for it in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["connect-src"] == "'self'"
    assert re.fullmatch(r"('sha256-[A-Za-z0-9+/=]{44}' ?)+", directives["script-src"])


async def test_control_errors_are_plain_sentences(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    for body, error in (("{", "The body is not JSON."), ("[]", "The body must be a JSON object.")):
        async with client.session.post("/control/block", data=body, headers=headers) as response:
            assert (response.status, await response.json()) == (400, {"error": error})
    missing = {"error": "There is no such person."}
    assert await client.post("/control/block", person_id=7) == (404, missing)
    alone = {"error": "In a private chat the bot is blocked, not kicked."}
    _, ann = await client.post("/control/people", first_name="Ann")
    assert await client.post("/control/kick", chat_id=ann["id"]) == (400, alone)


async def test_the_server_ends_at_once_while_somebody_waits(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(application(world)) as url:
            path = f"{url}/bot{TOKEN}/getUpdates"
            poll = asyncio.ensure_future(session.post(path, json={"timeout": 50}))
            stream = await session.get(f"{url}/control/events")
            await stream.content.readuntil(b"\n\n")
            async with asyncio.timeout(120):
                while not world.call_log.calls:
                    await asyncio.sleep(0.001)
        assert await stream.content.read() == b""
        async with await poll as response:
            assert await response.json() == {"ok": True, "result": []}


async def test_only_loopback_is_served(telegram: FakeTelegram) -> None:
    assert telegram.url.startswith("http://127.0.0.1:")


def luminance(colour: str) -> float:
    """Return the relative luminance of a #rgb or #rrggbb colour. Source: WCAG 2.2."""
    digits = colour.removeprefix("#")
    pairs = [digits[n : n + 2] for n in (0, 2, 4)] if len(digits) == 6 else [c * 2 for c in digits]
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(pair, 16) / 255 for pair in pairs)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_written_on_the_page_stands_out_from_what_is_below_it(scheme: str) -> None:
    page = files("bot_playground").joinpath("page.html").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\n *\}", page, re.DOTALL)[:2]
    colours = dict(
        re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", light if scheme == "light" else dark)
    )
    for ink, below in (
        *((ink, below) for ink in ("ink", "dim", "link") for below in ("panel", "in")),
        ("ink", "panel-2"),
        ("dim", "panel-2"),
        ("ink", "out"),
        ("out-dim", "out"),
        ("out-link", "out"),
        ("on-accent", "accent"),
        ("accent", "panel"),
        ("chosen-ink", "chosen"),
        ("chosen-dim", "chosen"),
    ):
        lower, higher = sorted((luminance(colours[ink]), luminance(colours[below])))
        assert (higher + 0.05) / (lower + 0.05) >= 4.5, (ink, below)
