"""Take the pictures of the docs: the playground as a person sees it, on a phone."""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect

from tests.flows.browser import open_page
from tests.flows.process import open_process

PATIENCE = 60_000


async def take(folder: Path) -> None:
    """Choose topics as Олена, wait for a story with "Read also", and take the picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        async with open_process(
            Path(scratch), "playground", "--port", "0", "--every", "1.5"
        ) as bot:
            log = await bot.wait_for_log("this is @")
            found = re.search(r"Open (http://\S+)", log)
            assert found is not None
            async with open_page(found[1], width=420, height=860, locale="uk") as page:
                await _chat(page)
                await page.screenshot(path=folder / "chat.jpg", type="jpeg", quality=82)


async def _chat(page: Page) -> None:
    await page.locator(".person", has_text="Олена").click()
    await page.locator(".chat").first.click()
    await page.locator("#start").click()
    for topic in ("Світ", "Суспільство", "Події", "Економіка"):
        await page.locator(".inline-button", has_text=topic).click(timeout=PATIENCE)
        await expect(page.locator(".inline-button", has_text=f"✅ {topic}")).to_be_visible()
    await page.locator(".inline-button", has_text="Показати новини").click()
    story = page.locator(".message.in", has_text="Читайте також").last
    await expect(story).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("#toast")).to_be_hidden()
    await story.scroll_into_view_if_needed()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
