"""Screenshots for the docs: the playground as three people see it, on a phone."""

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.end_to_end.browser import open_page
from tests.end_to_end.process import open_new_process

PATIENCE = 240_000


async def take(folder: Path) -> None:
    """Choose, read, search and look back in three languages, and take a picture of each."""
    folder.mkdir(parents=True, exist_ok=True)

    async def shot(page: Page, name: str) -> None:
        await expect(page.locator("#toast")).to_be_hidden()
        # Nothing is pointed at, and nothing moves any more.
        await page.mouse.move(1, 1)
        await page.wait_for_timeout(1_500)
        await page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=72)

    with tempfile.TemporaryDirectory() as scratch:
        async with open_new_process(
            Path(scratch), "playground", "--port", "0", "--every", "1.5"
        ) as bot:
            log = await bot.wait_for_log("this is @")
            found = re.search(r"Open (http://\S+)", log)
            assert found is not None
            for locale, name, walk in (
                ("uk", "Олена", _olena),
                ("ru", "Игорь", _igor),
                ("en", "Ann", _ann),
            ):
                async with open_page(found[1], width=420, height=860, locale=locale) as page:
                    await _open_chat(page, name)
                    await walk(page, shot)


Shot = Callable[[Page, str], Awaitable[None]]


async def _olena(page: Page, shot: Shot) -> None:
    """Begin, get a story with "Read also", ask why it came, and see all settings."""
    await shot(page, "start")
    for topic in ("Світ", "Суспільство", "Події", "Економіка"):
        await _press(page, topic)
        await expect(_button(page, f"✅ {topic}")).to_be_visible()
    await _press(page, "Показати новини")
    await _press(page, "Усе одразу")
    story = page.locator(".message.in", has_text="Читайте також").last
    await expect(story).to_be_visible(timeout=PATIENCE)
    await story.scroll_into_view_if_needed()
    await shot(page, "chat")
    await story.locator(".inline-button", has_text="⋯").click()
    await story.locator(".inline-button", has_text="Чому надійшла").click()
    await expect(page.locator(".message.in", has_text="❔").last).to_be_visible()
    await shot(page, "why")
    await _say(page, "/settings", "Налаштування")
    await shot(page, "settings")


async def _igor(page: Page, shot: Shot) -> None:
    """Follow words, and choose sources."""
    await _say(page, "/follow Гаврилов, «новый мост»", "Отслеживаю")
    await _say(page, "/mute футбол #спорт", "Скрыто")
    await shot(page, "words")
    await _say(page, "/sources", "Издания")
    await shot(page, "sources")


async def _ann(page: Page, shot: Shot) -> None:
    """Look for something, take the digest now, and see how the posts of a channel look."""
    await _press(page, "World")
    await _press(page, "Society")
    await _say(page, "/search Valmora", "🔎")
    await shot(page, "search")
    await _say(page, "/digest", "🗞")
    await shot(page, "digest")
    await _say(page, "/channel", "Add me to a channel")
    await _press(page, "Add me to a channel")
    await page.locator("#chat-name").fill("Valmora today")
    await page.locator("#chat-ok").click()
    await page.locator(".chat").first.click()
    await _press(page, "Choose its news")
    await _say(page, "/channel line More news: @valmora", "Look of the posts")
    await shot(page, "channel")


async def _open_chat(page: Page, name: str) -> None:
    await page.locator(".person", has_text=name).click()
    await page.locator(".chat").first.click()
    await page.locator("#start").click()
    await expect(page.locator(".inline-button").first).to_be_visible(timeout=PATIENCE)


def _button(page: Page, label: str) -> Locator:
    return page.locator(".inline-button", has_text=label).last


async def _press(page: Page, label: str) -> None:
    await _button(page, label).click(timeout=PATIENCE)


async def _say(page: Page, text: str, answered: str) -> None:
    """Write, and wait for an answer that holds these words."""
    await page.locator("#composer").fill(text)
    await page.locator("#composer").press("Enter")
    answer = page.locator(".message.in", has_text=answered).last
    await expect(answer).to_be_visible(timeout=PATIENCE)
    await answer.scroll_into_view_if_needed()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
