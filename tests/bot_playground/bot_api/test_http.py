import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramMigrateToChat, TelegramNetworkError, TelegramRetryAfter
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from aiohttp import web

from bot_playground.bot_api import http
from bot_playground.bot_api.messages import MAX_UPLOAD
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.server import serving
from bot_playground.state.faults import Fault, FaultKind
from tests.support.bot_api_client import TOKEN, Client
from tests.support.fakes import FakeClock


async def test_a_wrong_token_is_unauthorized_and_no_token_is_not_found(client: Client) -> None:
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await client.post("/bot42:other/getMe") == (401, unauthorized)
    for path in ("/bot42/getMe", "/botx:y/getMe", "/bot", f"/bot{TOKEN}", f"/bot{TOKEN}/a/b"):
        status, body = await client.post(path)
        assert (status, body["description"]) == (404, "Not Found")


async def test_a_revoked_token_is_unauthorized(telegram: FakeTelegram, client: Client) -> None:
    telegram.revoke_token()
    assert (await client.call("getMe"))[0] == 401
    telegram.revoke_token(revoked=False)
    assert (await client.call("getMe"))[0] == 200


async def test_an_unknown_method_is_not_found(client: Client) -> None:
    status, body = await client.call("sendTelegram")
    assert (status, body["error_code"]) == (404, 404)


async def test_json_form_and_query_parameters_are_read(
    telegram: FakeTelegram, client: Client
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    path = f"/bot{TOKEN}/sendMessage"
    fields = {"chat_id": str(ann.id), "text": "x"}
    multipart = aiohttp.FormData(fields, default_to_multipart=True)
    for request in (
        client.session.get(path, params=fields),
        client.session.post(path, data=fields),
        client.session.post(path, data=multipart),
        client.session.post(path, json=fields),
    ):
        async with request as response:
            assert (await response.json())["result"]["text"] == "x"
    assert len(telegram.messages(ann, of_bot=True)) == 4


@pytest.mark.parametrize("body", ["{", "[]"])
async def test_a_body_that_is_no_object_is_refused(client: Client, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"/bot{TOKEN}/getMe"
    async with client.session.post(path, data=body, headers=headers) as response:
        assert response.status == 400


async def test_a_file_is_refused_where_a_text_is_wanted(client: Client) -> None:
    form = aiohttp.FormData()
    form.add_field("text", b"x", filename="x.txt")
    async with client.session.post(f"/bot{TOKEN}/sendMessage", data=form) as response:
        assert (await response.json())["description"].endswith('"text" must be a string')


@pytest.mark.parametrize("attached", [True, False])
async def test_a_file_is_a_field_or_an_attachment(
    telegram: FakeTelegram, client: Client, attached: bool
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    form = aiohttp.FormData({"chat_id": str(ann.id)})
    if attached:
        form.add_field("document", "attach://part")
    form.add_field("part" if attached else "document", b"abc", filename="a.txt")
    async with client.session.post(f"/bot{TOKEN}/sendDocument", data=form) as response:
        assert response.status == 200
    (shown,) = telegram.messages(ann, of_bot=True)
    assert telegram.content(shown) == b"abc"


async def test_a_missing_attachment_and_a_body_too_large_are_refused(client: Client) -> None:
    path = f"/bot{TOKEN}/sendDocument"
    form = aiohttp.FormData({"chat_id": "1", "document": "attach://part"})
    async with client.session.post(path, data=form) as response:
        assert response.status == 400
    form = aiohttp.FormData()
    form.add_field("document", BytesIO(bytes(MAX_UPLOAD + (1 << 20))), filename="a.txt")
    async with client.session.post(path, data=form) as response:
        body = await response.json()
    assert (body["error_code"], body["description"]) == (413, "Request Entity Too Large")


async def test_aiogram_sends_a_document_and_fetches_one(telegram: FakeTelegram) -> None:
    api = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url))
    ann = telegram.person("Ann")
    came = telegram.send_document(ann, "a.opml", b"<opml/>", caption="/import")
    assert came.text == "/import"
    async with Bot(TOKEN, session=api) as bot:
        document = BufferedInputFile(b"[]", filename="a.json")
        sent = await bot.send_document(ann.id, document, caption="x")
        assert sent.document is not None
        assert sent.document.file_name == "a.json"
        assert telegram.content(telegram.messages(ann)[-1]) == b"[]"
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.document is not None
        assert update.message.document.mime_type is not None
        fetched = await bot.download(update.message.document)
    assert fetched is not None
    assert fetched.read() == b"<opml/>"


async def test_only_the_bot_fetches_files_and_only_those_that_are_there(
    telegram: FakeTelegram, client: Client
) -> None:
    telegram.send_document(telegram.person("Ann"), "a.txt", b"x")
    assert (await client.get("/file/bot42:other/documents/file_0.txt"))[0] == 401
    assert (await client.get(f"/file/bot{TOKEN}/documents/file_9.txt"))[0] == 404


async def test_every_call_is_recorded_with_its_answer(
    telegram: FakeTelegram, client: Client
) -> None:
    await client.call("getMe")
    await client.call("getChat", chat_id=7)
    good, bad = telegram.call_log.calls
    assert (good.method, good.code, good.answered) == ("getMe", 200, True)
    assert (bad.parameters, bad.chat_id, bad.code) == ({"chat_id": 7}, 7, 400)
    assert "chat not found" in bad.description


async def test_a_call_by_name_belongs_to_the_chat(telegram: FakeTelegram, client: Client) -> None:
    channel = telegram.channel("News", admins=[telegram.person("Ann")])
    channel.username = "news"
    assert (await client.call("getChat", chat_id="@news"))[0] == 200
    assert (await client.call("getChat", chat_id="@olds"))[0] == 400
    assert [call.chat_id for call in telegram.calls("getChat")] == [channel.id, None]


async def test_a_429_has_retry_after_in_text_body_and_header_and_lasts_that_long(
    telegram: FakeTelegram, client: Client, clock: FakeClock
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    telegram.inject_fault(
        Fault(kind=FaultKind.RETRY_AFTER, method="sendMessage", times=1, retry_after=5)
    )
    async with client.session.post(
        f"/bot{TOKEN}/sendMessage", json={"chat_id": ann.id, "text": "x"}
    ) as response:
        body = await response.json()
        assert (response.status, response.headers["Retry-After"]) == (429, "5")
    assert body["description"] == "Too Many Requests: retry after 5"
    assert body["parameters"] == {"retry_after": 5}
    clock.advance(seconds=4)
    assert (await client.call("sendMessage", chat_id=ann.id, text="x"))[0] == 429
    clock.advance(seconds=1)
    assert (await client.call("sendMessage", chat_id=ann.id, text="x"))[0] == 200


async def test_a_server_error_is_json_or_an_html_page(
    telegram: FakeTelegram, client: Client
) -> None:
    telegram.inject_fault(Fault(kind=FaultKind.SERVER_ERROR, times=1))
    telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, times=1, code=403, description="Forbidden: no")
    )
    telegram.inject_fault(Fault(kind=FaultKind.BAD_GATEWAY, times=1))
    assert (await client.call("getMe"))[1]["description"] == "Internal Server Error"
    assert (await client.call("getMe"))[0] == 403
    async with client.session.get(f"/bot{TOKEN}/getMe") as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert "502 Bad Gateway" in await response.text()


@pytest.mark.parametrize(("kind", "shown"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)])
async def test_a_dropped_connection_gives_no_answer(
    telegram: FakeTelegram, client: Client, kind: FaultKind, shown: int
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    telegram.inject_fault(Fault(kind=kind, method="sendMessage", times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.call("sendMessage", chat_id=ann.id, text="x")
    assert len(telegram.messages(ann, of_bot=True)) == shown
    assert [sent.answered for sent in telegram.call_log.sent] == [False] * shown
    (call,) = telegram.calls("sendMessage")
    assert call.code == (200 if shown else None)
    assert not call.answered


async def test_a_delayed_call_is_executed_before_its_answer(
    telegram: FakeTelegram, client: Client
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    telegram.inject_fault(Fault(kind=FaultKind.DELAY, method="sendMessage", times=1, seconds=0.05))
    call = asyncio.ensure_future(client.call("sendMessage", chat_id=ann.id, text="x"))
    await telegram.wait_for(lambda: telegram.call_log.sent)
    assert not telegram.call_log.sent[0].answered
    assert (await call)[0] == 200
    assert telegram.call_log.sent[0].answered


async def test_a_call_whose_client_is_gone_is_not_answered(
    telegram: FakeTelegram, client: Client
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    telegram.inject_fault(Fault(kind=FaultKind.DELAY, method="sendMessage", times=1, seconds=30))
    call = asyncio.ensure_future(client.call("sendMessage", chat_id=ann.id, text="x"))
    await telegram.wait_for(lambda: telegram.call_log.sent)
    call.cancel()
    with suppress(asyncio.CancelledError):
        await call
    assert (await client.call("getMe"))[0] == 200
    assert not telegram.call_log.sent[0].answered


async def test_a_write_to_a_closed_connection_does_not_count_as_answered() -> None:
    written = []

    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        written.append(await http._write(request, web.Response(text="x")))
        return web.Response()

    app = web.Application()
    app.router.add_get("/", handle)
    async with serving(app) as url, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.get(url)
    # The client asks a second time by itself, on a fresh connection.
    assert set(written) == {False}


async def test_a_poll_whose_client_is_gone_takes_no_updates(
    telegram: FakeTelegram, client: Client
) -> None:
    poll = asyncio.ensure_future(client.call("getUpdates", timeout=50))
    await telegram.wait_for(lambda: telegram.calls("getUpdates"))
    poll.cancel()
    with suppress(asyncio.CancelledError):
        await poll
    telegram.say(telegram.person("Ann"), "/start")
    status, body = await client.call("getUpdates", timeout=50)
    assert (status, len(body["result"])) == (200, 1)


async def test_a_second_poll_ends_the_first(telegram: FakeTelegram, client: Client) -> None:
    first = asyncio.ensure_future(client.call("getUpdates", timeout=50))
    await telegram.wait_for(lambda: telegram.calls("getUpdates"))
    second = asyncio.ensure_future(client.call("getUpdates", timeout=50))
    status, body = await first
    assert (status, body["description"].split(";")[0]) == (
        409,
        "Conflict: terminated by other getUpdates request",
    )
    telegram.say(telegram.person("Ann"), "/start")
    assert (await second)[0] == 200


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url))
    async with Bot(TOKEN, session=session) as bot:
        yield bot


async def test_aiogram_reads_every_message(telegram: FakeTelegram, bot: Bot) -> None:
    ann = telegram.person("Ann", language="uk", username="ann")
    telegram.say(ann, "/start https://a.example/")
    button = InlineKeyboardButton(text="Done", callback_data="d", style="danger")
    sent = await bot.send_message(
        ann.id,
        '<b>x</b> <tg-time unix="7" format="r">then</tg-time>',
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]),
        disable_notification=False,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(message_id=1),
    )
    assert sent.reply_to_message is not None
    assert sent.entities is not None
    assert [it.type for it in sent.entities] == ["bold", "date_time"]
    press = telegram.press(ann, telegram.messages(ann)[-1], "Done")
    assert await bot.answer_callback_query(press, "Saved")
    assert telegram.callback_answer(press) == {"text": "Saved", "show_alert": False, "url": None}
    await bot.edit_message_text("y", chat_id=ann.id, message_id=sent.message_id)
    assert await bot.delete_message(ann.id, sent.message_id)


async def test_aiogram_reads_every_update(telegram: FakeTelegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("Friends", admins=[ann])
    channel = telegram.channel("News", admins=[ann])
    forum = telegram.supergroup("Forum", admins=[ann], is_forum=True, bot="administrator")
    telegram.say(ann, "x", chat=forum, thread=telegram.topic(ann, forum, "News"))
    telegram.say(ann, "x", chat=channel)
    telegram.block(ann)
    telegram.migrate(group)
    button = {"text": "Done", "callback_data": "d"}
    markup: dict[str, object] = {"reply_markup": {"inline_keyboard": [[button]]}}
    message = telegram.world.post(telegram.chat(ann), {"text": "x", **markup}, sender_id=bot.id)
    telegram.press(ann, message, "Done")
    assert [it.event_type for it in await bot.get_updates(timeout=1)] == [
        *["my_chat_member", "message", "my_chat_member", "my_chat_member", "message"],
        *["message", "message", "channel_post", "my_chat_member", "message", "message"],
        "callback_query",
    ]


async def test_aiogram_reads_every_object(telegram: FakeTelegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    channel = telegram.channel("News", admins=[ann])
    assert (await bot.me()).username == "readalso_bot"
    assert (await bot.get_chat(ann.id)).first_name == "Ann"
    assert (await bot.get_chat_member(channel.id, bot.id)).status == "administrator"
    assert len(await bot.get_chat_administrators(channel.id)) == 2
    assert (await bot.get_webhook_info()).url == ""
    scope = BotCommandScopeChat(chat_id=ann.id)
    await bot.set_my_commands([BotCommand(command="start", description="Begin")], scope=scope)
    assert telegram.commands(ann)[0]["command"] == "start"
    await bot.set_my_description("News", language_code="uk")
    assert (await bot.get_my_description(language_code="uk")).description == "News"


async def test_aiogram_understands_every_error(telegram: FakeTelegram, bot: Bot) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    group = telegram.group("Friends", admins=[ann])
    supergroup = telegram.migrate(group)
    with pytest.raises(TelegramMigrateToChat) as migrated:
        await bot.send_message(group.id, "x")
    assert migrated.value.migrate_to_chat_id == supergroup.id
    telegram.inject_fault(Fault(kind=FaultKind.RETRY_AFTER, chat_id=ann.id, times=1, retry_after=9))
    with pytest.raises(TelegramRetryAfter) as waits:
        await bot.send_message(ann.id, "x")
    assert waits.value.retry_after == 9
    telegram.inject_fault(Fault(kind=FaultKind.DROP_BEFORE, method="getMe", times=1))
    with pytest.raises(TelegramNetworkError):
        await bot.get_me()
