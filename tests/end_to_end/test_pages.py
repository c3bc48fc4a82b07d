"""Article pages: from a teaser in the feed, over its page, to the message."""

import asyncio

import pytest
from aiohttp import web

from bot.clock import now
from bot.settings import Settings
from bot_playground.fake_telegram import FakeTelegram
from tests.support.builders import entry
from tests.support.feed_server import Press
from tests.support.running_bot import follow, news, running

HEADLINE = "Army repels attack on the bridge at Lakeside front line"
TEASER = "The army repelled an attack on the bridge."
FULL = """The army repelled an attack on the bridge at the Lakeside front line on Monday morning.
Troops held both ends of the crossing after six hours of shelling, the general staff said.
Two armoured vehicles were destroyed and the road to the hospital is open again, it added."""
OLD = "Shelling damages the old bridge near the front line"
OWN = "How soldiers of the front line live through the winter"


def page(*links: str) -> web.Response:
    text = "".join(f"<p>{line}</p>" for line in FULL.splitlines())
    return web.Response(
        text=f"<html><head><title>{HEADLINE}</title></head><body><nav>War Sport</nav>"
        f"<p>We use cookies to make your privacy matter.</p>"
        f"<article><h1>{HEADLINE}</h1>{text}<p>Read also:</p><ul>{''.join(links)}</ul></article>"
        "</body></html>",
        content_type="text/html",
    )


@pytest.fixture
def settings(settings: Settings, press: Press) -> Settings:
    """The feed `war`, whose articles' pages are wanted, and which holds one old story."""
    catalogue = press.catalogue(settings.feeds, war="war")
    text = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(text.replace("pages = false", "pages = true"), encoding="utf-8")
    press.entries["war"] = [entry(OLD, url=f"{press.url}/old", text=f"{OLD}. " * 20)]
    return settings


async def test_a_teaser_becomes_a_message_with_a_summary_and_its_editors_own_links(
    live_telegram: FakeTelegram, press: Press, settings: Settings
) -> None:
    async def bridge(_: web.Request) -> web.Response:
        return page(
            f'<li><a href="/old?utm_source=own">{OLD}</a></li>',
            f'<li><a href="/winter">{OWN}</a></li>',
        )

    press.answers["bridge"] = bridge
    async with running(settings):
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        url = f"{press.url}/bridge"
        press.publish("war", entry(HEADLINE, url=url, text=TEASER, published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
    message = live_telegram.messages(ann, of_bot=True)[-1].text
    assert "held both ends of the crossing" in message
    assert "cookies" not in message
    assert message.count(OLD) == message.count(OWN) == 1
    _, _, below = message.partition("Read also:\n")
    first, second = below.splitlines()
    assert first.startswith(f"• {OLD} — The War Courier, ")
    assert first.endswith("ago")
    assert second == f"• {OWN} — The War Courier"
    assert press.polls["bridge"] == 1


@pytest.mark.parametrize("status", [403, 500])
async def test_an_article_whose_page_is_refused_is_told_by_its_feed(
    live_telegram: FakeTelegram, press: Press, settings: Settings, status: int
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(text="Access denied", status=status, content_type="text/html")

    press.answers["bridge"] = refuse
    async with running(settings):
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        url = f"{press.url}/bridge"
        press.publish("war", entry(HEADLINE, url=url, text=TEASER, published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
    assert news(live_telegram, ann) == [HEADLINE]
    assert "Access denied" not in live_telegram.messages(ann, of_bot=True)[-1].text


async def test_ended_while_a_page_is_fetched_the_bot_asks_for_it_again_and_loses_nothing(
    live_telegram: FakeTelegram, press: Press, settings: Settings
) -> None:
    asked = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        await asyncio.sleep(60)
        return page()

    async def answer(_: web.Request) -> web.Response:
        return page()

    press.answers["bridge"] = hang
    async with running(settings):
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        url = f"{press.url}/bridge"
        press.publish("war", entry(HEADLINE, url=url, text=TEASER, published_at=now()))
        async with asyncio.timeout(120):
            await asked.wait()
    assert news(live_telegram, ann) == []
    press.answers["bridge"] = answer
    async with running(settings):
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
    assert news(live_telegram, ann) == [HEADLINE]
    assert "held both ends" in live_telegram.messages(ann, of_bot=True)[-1].text
