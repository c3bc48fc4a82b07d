"""Playground in a browser."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiogram.types import BotCommand, InlineKeyboardMarkup
from playwright.async_api import Page, Route, expect

from bot.clock import now
from bot.telegram.api.client import open_delivery_bot
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from tests.end_to_end.browser import needs_browser, open_page
from tests.end_to_end.process import open_process
from tests.support.fakes import TOKEN

pytestmark = [pytest.mark.browser, needs_browser]

# The bot polls the newsstand every two seconds or so.
PATIENCE = 180_000


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    async with open_process(tmp_path, "playground", "--port", "0", "--every", "1.5") as bot:
        log = await bot.wait_for_log("this is @")
        found = re.search(r"Open (http://127\.0\.0\.1:\d+)", log)
        assert found, log
        yield found[1]
        assert "Traceback" not in bot.log


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    async with open_page(address) as opened:
        yield opened


async def be(page: Page, name: str) -> None:
    await page.locator(".person", has_text=name).click()
    await page.locator(".chat").first.click()


async def say(page: Page, text: str) -> None:
    await page.locator("#composer").fill(text)
    await page.locator("#send").click()


async def start(page: Page) -> None:
    await page.locator("#start").click()


async def test_topics_are_pressed_a_story_arrives_and_a_pause_ends_it(page: Page) -> None:
    await be(page, "Ann")
    await start(page)
    welcome = page.locator(".message.in").first
    await expect(welcome).to_contain_text("Hello! I am ReadAlso.", timeout=PATIENCE)
    for topic in ("Incidents", "Society", "World", "Politics", "Economy"):
        await page.locator(".inline-button", has_text=topic).click()
        await expect(page.locator(".inline-button", has_text=f"✅ {topic}")).to_be_visible()
    await page.locator(".inline-button", has_text="Show me the news").click()
    await page.locator(".inline-button", has_text="Everything at once").click(timeout=PATIENCE)
    stories = page.locator(".message.in", has=page.locator("a[href*='.html']"))
    await expect(stories.nth(2)).to_be_visible(timeout=PATIENCE)
    headline = stories.first.locator(".text a").first
    await expect(headline).to_have_attribute("href", re.compile(r"^http://127\.0\.0\.1:\d+/"))
    await expect(headline.locator("strong")).to_have_count(1)
    await page.locator("#commands-button").click()
    await expect(page.locator(".command")).to_have_count(7, timeout=PATIENCE)
    await page.locator(".command", has_text="/settings").click()
    settings = page.locator(".message.in", has_text="Bot language")
    await expect(settings).to_be_visible(timeout=PATIENCE)
    await say(page, "/pause")
    quiet = page.locator(".message.in", has_text="Paused.")
    await expect(quiet).to_be_visible(timeout=PATIENCE)
    await quiet.locator(".inline-button", has_text="Resume").click()
    await expect(page.locator(".message.in", has_text="The news is back.")).to_be_visible()


async def test_while_the_chats_of_the_next_person_load_nothing_of_the_last_can_be_pressed(
    page: Page,
) -> None:
    loaded = asyncio.Event()

    async def wait(route: Route) -> None:
        await loaded.wait()
        await route.continue_()

    await be(page, "Олена")
    await expect(page.locator("#start")).to_be_visible()
    await page.route("**/control/chats**", wait)
    await page.locator(".person", has_text="Ann").click()
    await expect(page.locator("#start")).to_be_hidden()
    await expect(page.locator(".chat")).to_have_count(0)
    # A tour that began now would have nobody to write to.
    await expect(page.locator("#tour")).to_be_disabled()
    loaded.set()
    await expect(page.locator("#tour")).to_be_enabled()
    await page.locator(".chat").first.click()
    await start(page)
    await expect(page.locator(".message.out")).to_have_text(re.compile("/start"))


async def test_chats_that_load_for_whom_one_no_longer_is_change_nothing(page: Page) -> None:
    loaded = asyncio.Event()

    async def wait(route: Route) -> None:
        await loaded.wait()
        await route.continue_()

    theirs = re.compile(r"/control/chats\?person_id=1001$")
    await page.route(theirs, wait)
    await be(page, "Ann")
    await page.locator(".person", has_text="Олена").click()
    await page.locator(".person", has_text="Ann").click()
    await page.locator(".chat").first.click()
    async with page.expect_response(theirs) as late:
        loaded.set()
    await (await late.value).finished()
    await page.wait_for_timeout(500)
    await page.locator("#start").click()
    await expect(page.locator(".message.out")).to_have_text(re.compile("/start"))
    await expect(page).to_have_url(re.compile(r"#1003/1003$"))


async def test_a_reader_of_ukrainian_is_at_home(page: Page) -> None:
    await be(page, "Олена")
    await start(page)
    greeted = page.locator(".message.in", has_text="Вітаю!").first
    await expect(greeted).to_be_visible(timeout=PATIENCE)
    await say(page, "/topics світ суспільство події")
    await page.locator(".inline-button", has_text="Показати новини").last.click()
    await page.locator(".inline-button", has_text="Усе одразу").last.click(timeout=PATIENCE)
    stories = page.locator(".message.in", has=page.locator("a[href*='.html']"))
    await expect(stories.first).to_be_visible(timeout=PATIENCE)
    words = await stories.first.locator(".text").inner_text()
    assert re.search(r"[а-яіїєґ]{4}", words)


async def test_the_tour_plays_from_the_start_to_a_digest_in_the_language_of_the_browser(
    address: str,
) -> None:
    async with open_page(address, locale="ru-RU") as page:
        await expect(page.locator(".person[aria-pressed=true]")).to_contain_text("Игорь")
        await page.locator("#tour").click()
        guide = page.locator("#guide-text")
        await expect(guide).to_have_text("Вы выбираете несколько тем.", timeout=PATIENCE)
        await expect(guide).to_contain_text("/digest", timeout=PATIENCE)
        await expect(guide).to_contain_text("Это всё.", timeout=PATIENCE)
        picture = page.locator(".message.in", has_text="маяк").locator(".preview.large img")
        await expect(picture.first).to_be_attached()
        await expect(page.locator(".message.in", has_text="🗞").last).to_be_visible()
        await page.locator("#end-tour").click()
        await expect(page.locator("#guide")).to_be_hidden()


async def test_in_a_forum_each_topic_shows_its_own_messages_and_can_be_closed_and_deleted(
    page: Page,
) -> None:
    await be(page, "Ann")
    await page.locator("#add-chat").click()
    await page.locator("#chat-name").fill("Harbour")
    await page.locator("#chat-type").select_option("forum")
    await page.locator("#chat-ok").click()
    await expect(page.locator(".message.in")).to_contain_text("Hello!", timeout=PATIENCE)
    await page.locator("#add-topic").click()
    await page.locator("#topic-name").fill("Front line")
    await page.locator("#topic-ok").click()
    opened = page.locator(".topic[aria-pressed=true]")
    await expect(opened).to_have_text("Front line")
    await expect(page.locator(".message")).to_have_count(0)
    await say(page, "/here war")
    await expect(page.locator(".message.in")).to_contain_text("This thread gets: War.")
    await page.locator("#chat-menu").click()
    await page.locator("#close-topic").click()
    await expect(opened).to_have_text("🔒 Front line")
    await page.locator("#chat-menu").click()
    await page.locator("#delete-topic").click()
    await expect(opened).to_have_text("General")
    await expect(page.locator(".message.in")).to_contain_text("Hello!")


async def test_the_bot_is_added_to_a_channel_and_its_news_chosen_in_the_private_chat(
    page: Page,
) -> None:
    await be(page, "Ann")
    await start(page)
    await say(page, "/channel")
    await page.locator(".inline-button", has_text="Add me to a channel").click(timeout=PATIENCE)
    await page.locator("#chat-name").fill("Harbour")
    await page.locator("#chat-ok").click()
    await expect(page.locator("#head-title")).to_have_text("Harbour")
    await page.locator(".chat").first.click()
    await page.locator(".inline-button", has_text="Choose its news").click(timeout=PATIENCE)
    answer = page.locator(".message.in").last
    await expect(answer).to_contain_text("📢 Harbour")
    await answer.locator(".inline-button", has_text="War").click()
    await expect(answer).to_contain_text("Your topics: War.")


async def test_files_go_both_ways(page: Page, tmp_path: Path) -> None:
    await be(page, "Ann")
    await start(page)
    await expect(page.locator(".message.in").first).to_be_visible(timeout=PATIENCE)
    await say(page, "/export")
    sent = page.locator(".message.in .document")
    await expect(sent).to_contain_text(re.compile(r"readalso-.*\.json"), timeout=PATIENCE)
    async with page.expect_download() as download:
        await sent.click()
    exported = await (await download.value).path()
    assert '"chat_id": 1003' in exported.read_text(encoding="utf-8")
    opml = tmp_path / "feeds.opml"
    opml.write_text("<opml/>", encoding="utf-8")
    await page.locator("#composer").fill("for you")
    await page.locator("#file").set_input_files(opml)
    mine = page.locator(".message.out", has_text="feeds.opml")
    await expect(mine).to_contain_text("for you")
    await expect(mine).to_contain_text("7 byte")
    await expect(page.locator("#composer")).to_have_value("")


async def test_a_story_is_found_and_sent_on_in_any_chat(page: Page) -> None:
    await be(page, "Ann")
    await start(page)
    await page.locator(".chat", has_text="Friends").click()
    results = page.locator("#results .result")
    for _ in range(PATIENCE // 1000):
        # Until the first news is read, there is nothing but the way to the bot.
        await page.locator("#composer").fill("")
        await page.locator("#composer").fill("@readalso_bot ")
        await expect(page.locator("#results button").first).to_be_visible()
        if await results.count():
            break
        await page.wait_for_timeout(1000)
    title = await results.first.locator("b").inner_text()
    await results.first.click()
    sent = page.locator(".message.out", has=page.locator(".via"))
    await expect(sent).to_contain_text("via @readalso_bot")
    await expect(sent).to_contain_text(title)
    await expect(page.locator("#results")).to_be_hidden()
    await page.locator("#composer").fill("@readalso_bot zzzzzz")
    await page.locator("#results .way").click()
    await expect(page.locator(".message.out", has_text="/start inline")).to_be_visible()


async def test_a_button_types_the_bots_name_and_the_line_goes_along_to_another_chat() -> None:
    async with open_fake_telegram(token=TOKEN, now=lambda: now().timestamp()) as telegram:
        ann = telegram.person("Ann", language="en")
        telegram.group("Friends", admins=[ann])
        telegram.say(ann, "/start")
        button = {"text": "Share", "switch_inline_query": "bridge"}
        async with open_delivery_bot(TOKEN, telegram.url) as bot:
            markup = InlineKeyboardMarkup.model_validate({"inline_keyboard": [[button]]})
            await bot.send_message(ann.id, "Bridge opens", reply_markup=markup)
        async with open_page(telegram.url) as page:
            await be(page, "Ann")
            await page.locator(".inline-button", has_text="Share").click()
            await expect(page.locator("#composer")).to_have_value("@readalso_bot bridge")
            await expect(page.locator("#toast")).to_have_text("Choose a chat")
            await page.locator(".chat", has_text="Friends").click()
            group = telegram.world.chats.visible_to(ann.id)[1]
            await telegram.wait_for(
                lambda: any(
                    (it.chat_id, it.text) == (group.id, "bridge")
                    for it in telegram.world.inline.queries.values()
                )
            )


@asynccontextmanager
async def open_quiet_telegram() -> AsyncIterator[FakeTelegram]:
    """Run a Telegram with three people and a group, in which no bot answers."""
    async with open_fake_telegram(token=TOKEN, now=lambda: now().timestamp()) as telegram:
        people = [
            telegram.person(name, language=language)
            for name, language in (("Олена", "uk"), ("Игорь", "ru"), ("Ann", "en"))
        ]
        telegram.group("Friends", admins=people)
        for person in people:
            telegram.say(person, "/start")
        yield telegram


async def test_the_page_opens_with_a_person_of_the_browsers_language() -> None:
    async with open_quiet_telegram() as telegram:
        for locale, name, chats in (
            ("uk-UA", "Олена", "Чати"),
            ("ru", "Игорь", "Чаты"),
            ("en-GB", "Ann", "Chats"),
            ("de-DE", "Ann", "Chats"),
        ):
            async with open_page(telegram.url, locale=locale) as page:
                await expect(page.locator(".person[aria-pressed=true]")).to_contain_text(name)
                await expect(page.locator("#chats-title")).to_have_text(chats)
                await page.locator("#add-chat").click()
                label = page.locator("#chat-name-label")
                title = {"Олена": "Назва", "Игорь": "Название"}.get(name, "Title")
                await expect(label).to_have_text(title)


async def test_enter_sends_what_is_typed_until_a_command_is_chosen_with_the_arrows() -> None:
    async with open_quiet_telegram() as telegram:
        async with open_delivery_bot(TOKEN, telegram.url) as bot:
            await bot.set_my_commands([BotCommand(command="topics", description="Topics")])
        async with open_page(telegram.url) as page:
            composer = page.locator("#composer")
            for typed, keys, sent in (
                ("/top", "", "/top"),
                ("/topics", "", "/topics"),
                ("/top", "ArrowDown", "/topics"),
                ("/to", "Tab", "/topics"),
            ):
                await composer.fill(typed)
                await expect(page.locator(".command")).to_have_count(1)
                if keys:
                    await composer.press(keys)
                await composer.press("Enter")
                await expect(page.locator(".message.out .text").last).to_contain_text(
                    re.compile(rf"^{sent}\d")
                )
                await expect(composer).to_have_value("")


async def test_back_on_a_phone_leads_from_the_chat_to_the_list_and_to_who_one_was() -> None:
    async with (
        open_quiet_telegram() as telegram,
        open_page(telegram.url, width=420, height=800) as page,
    ):
        await expect(page).to_have_url(re.compile(r"#1003$"))
        await page.locator(".chat").first.click()
        await expect(page).to_have_url(re.compile(r"#1003/1003$"))
        await page.go_back()
        await expect(page.locator("#chats")).to_be_visible()
        await expect(page).to_have_url(re.compile(r"#1003$"))
        await page.go_forward()
        await expect(page.locator("#head-title")).to_be_visible()
        await page.reload()
        await expect(page.locator("#head-title")).to_be_visible()
        await page.locator("#back").click()
        await page.locator(".person", has_text="Олена").click()
        await expect(page).to_have_url(re.compile(r"#1001$"))
        await page.go_back()
        await expect(page.locator(".person[aria-pressed=true]")).to_contain_text("Ann")
