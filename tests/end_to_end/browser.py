"""Headless Chromium, as Debian packages it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# It may run as root in CI, and has nobody outside to talk to.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ,
    reason="Chromium is not installed (Debian: apt-get install chromium)",
)


@asynccontextmanager
async def open_page(
    url: str, *, width: int = 1200, height: int = 800, locale: str = "en-GB"
) -> AsyncIterator[Page]:
    """Open the address in a new browser; anything it asks from elsewhere fails the test."""
    asked_elsewhere: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(
            viewport={"width": width, "height": height}, device_scale_factor=1, locale=locale
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((url.partition("#")[0], "data:"))
                else asked_elsewhere.append(request.url)
            ),
        )
        await page.goto(url)
        await page.locator("body[data-state=ready]").wait_for()
        yield page
        await browser.close()
    assert asked_elsewhere == []
