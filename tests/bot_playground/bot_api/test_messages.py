import pytest

from bot_playground.bot_api import messages
from bot_playground.bot_api.errors import BotApiError
from bot_playground.people import actions
from bot_playground.state.chats import Person
from bot_playground.state.files import Upload
from bot_playground.state.limits import LimitMode
from bot_playground.state.world import World
from tests.support.bot_api_client import ask
from tests.support.fakes import FakeClock

DONE = {"inline_keyboard": [[{"text": "Done", "callback_data": "d"}]]}


FILE = Upload("data.json", b"{}")


async def test_a_message_is_shown_and_recorded(world: World, ann: Person) -> None:
    answer = await ask(
        world,
        "sendMessage",
        chat_id=ann.id,
        text="<b>hi</b>",
        parse_mode="HTML",
        reply_markup=DONE,
        protect_content=True,
    )
    (shown,) = world.chats.chats[ann.id].messages.values()
    assert answer == shown.body
    assert answer["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert (answer["reply_markup"], answer["has_protected_content"]) == (DONE, True)
    (sent,) = world.call_log.sent
    assert (sent.chat_id, sent.message_id, sent.text, sent.answered) == (
        ann.id,
        shown.id,
        "hi",
        False,
    )


async def test_a_reply_shows_its_message(world: World, ann: Person) -> None:
    asked = actions.say(world, ann, world.chats.chats[ann.id], "/start")
    for target in (
        {"reply_parameters": {"message_id": asked.id}},
        {"reply_to_message_id": asked.id},
    ):
        reply = await ask(world, "sendMessage", chat_id=ann.id, text="x", **target)
        assert reply["reply_to_message"] == asked.body


async def test_a_reply_to_a_deleted_message_is_refused_unless_lenient(
    world: World, ann: Person
) -> None:
    gone: dict[str, object] = {"message_id": 99}
    with pytest.raises(BotApiError, match="message to be replied not found"):
        await ask(world, "sendMessage", chat_id=ann.id, text="x", reply_parameters=gone)
    gone["allow_sending_without_reply"] = True
    alone = await ask(world, "sendMessage", chat_id=ann.id, text="x", reply_parameters=gone)
    assert "reply_to_message" not in alone


async def test_a_message_above_the_limit_is_refused_and_not_stored(
    world: World, ann: Person
) -> None:
    world.limits.set_mode(LimitMode.STRICT)
    await ask(world, "sendMessage", chat_id=ann.id, text="x")
    with pytest.raises(BotApiError, match="429 Too Many Requests: retry after 1"):
        await ask(world, "sendMessage", chat_id=ann.id, text="y")
    assert (len(world.call_log.sent), world.limits.violations) == (1, 1)


async def test_an_edit_replaces_text_and_keyboard(world: World, ann: Person) -> None:
    sent = await ask(world, "sendMessage", chat_id=ann.id, text="x", reply_markup=DONE)
    place = {"chat_id": ann.id, "message_id": sent["message_id"]}
    edited = await ask(world, "editMessageText", text="/y", **place)
    assert (edited["text"], "reply_markup" in edited) == ("/y", False)
    assert "edit_date" in edited
    again = await ask(world, "editMessageReplyMarkup", reply_markup=DONE, **place)
    assert (again["text"], again["reply_markup"]) == ("/y", DONE)
    assert again["entities"] == edited["entities"]
    assert "reply_markup" not in await ask(world, "editMessageReplyMarkup", **place)


async def test_an_edit_that_changes_nothing_is_refused(world: World, ann: Person) -> None:
    sent = await ask(world, "sendMessage", chat_id=ann.id, text="x", reply_markup=DONE)
    place = {"chat_id": ann.id, "message_id": sent["message_id"], "reply_markup": DONE}
    for method, more in (("editMessageText", {"text": " x"}), ("editMessageReplyMarkup", {})):
        with pytest.raises(BotApiError) as caught:
            await ask(world, method, **place, **more)
        assert caught.value.description == (
            "Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"
        )


async def test_a_message_is_deleted_once(world: World, ann: Person) -> None:
    sent = await ask(world, "sendMessage", chat_id=ann.id, text="x")
    place = {"chat_id": ann.id, "message_id": sent["message_id"]}
    assert await ask(world, "deleteMessage", **place) is True
    with pytest.raises(BotApiError, match="message to delete not found"):
        await ask(world, "deleteMessage", **place)


async def test_a_callback_query_is_answered_once(world: World, ann: Person) -> None:
    await ask(world, "sendMessage", chat_id=ann.id, text="x", reply_markup=DONE)
    (message,) = world.chats.chats[ann.id].messages.values()
    press = actions.press(world, ann, message, "Done")
    call = {"callback_query_id": press.id, "text": "Saved", "show_alert": True}
    assert await ask(world, "answerCallbackQuery", **call) is True
    assert press.answer == {"text": "Saved", "show_alert": True, "url": None}
    for unknown in (press.id, "1"):
        with pytest.raises(BotApiError) as caught:
            await ask(world, "answerCallbackQuery", callback_query_id=unknown)
        assert caught.value.description == (
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )


@pytest.mark.parametrize(
    ("url", "is_accepted"),
    [
        ("https://t.me/readalso_bot?start=s-1", True),
        ("t.me/ReadAlso_Bot?start=x", True),
        ("tg://resolve?domain=readalso_bot&start=x", True),
        ("https://t.me/other_bot?start=x", False),
        ("https://t.me/readalso_bot", False),
        ("https://t.me/readalso_bot?start=", False),
        ("https://news.example/", False),
    ],
)
async def test_a_callback_query_opens_links_that_start_this_bot_alone(
    world: World, ann: Person, url: str, is_accepted: bool
) -> None:
    await ask(world, "sendMessage", chat_id=ann.id, text="x", reply_markup=DONE)
    (message,) = world.chats.chats[ann.id].messages.values()
    call = {"callback_query_id": actions.press(world, ann, message, "Done").id, "url": url}
    if is_accepted:
        assert await ask(world, "answerCallbackQuery", **call) is True
    else:
        with pytest.raises(BotApiError, match="URL_INVALID"):
            await ask(world, "answerCallbackQuery", **call)


async def test_a_callback_answer_has_a_deadline_and_a_maximum_length(
    world: World, ann: Person, clock: FakeClock
) -> None:
    await ask(world, "sendMessage", chat_id=ann.id, text="x", reply_markup=DONE)
    (message,) = world.chats.chats[ann.id].messages.values()
    press = actions.press(world, ann, message, "Done")
    with pytest.raises(BotApiError, match="MESSAGE_TOO_LONG"):
        await ask(world, "answerCallbackQuery", callback_query_id=press.id, text="x" * 201)
    clock.advance(seconds=61)
    with pytest.raises(BotApiError, match="query is too old"):
        await ask(world, "answerCallbackQuery", callback_query_id=press.id)


async def test_typing_is_shown(world: World, ann: Person) -> None:
    assert await ask(world, "sendChatAction", chat_id=ann.id, action="typing") is True
    assert world.events.replay[-1][1]["kind"] == "typing"
    with pytest.raises(BotApiError, match="wrong parameter action in request"):
        await ask(world, "sendChatAction", chat_id=ann.id, action="dancing")


async def test_a_document_is_shown_with_its_caption_and_keyboard(world: World, ann: Person) -> None:
    markup = {"inline_keyboard": [[{"text": "Done", "callback_data": "d"}]]}
    sent = await ask(
        world,
        "sendDocument",
        chat_id=ann.id,
        document=FILE,
        caption="<b>All</b>",
        parse_mode="HTML",
        reply_markup=markup,
    )
    (shown,) = world.chats.chats[ann.id].messages.values()
    assert sent == shown.body
    assert (sent["caption"], shown.text, sent["reply_markup"]) == ("All", "All", markup)
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert sent["document"]["file_name"] == "data.json"
    assert "text" not in sent
    assert [it.text for it in world.call_log.sent] == ["All"]


async def test_a_file_that_is_known_is_sent_again_by_its_id(world: World, ann: Person) -> None:
    sent = await ask(world, "sendDocument", chat_id=ann.id, document=FILE)
    again = await ask(world, "sendDocument", chat_id=ann.id, document=sent["document"]["file_id"])
    assert again["document"] == sent["document"]
    assert "caption" not in again


@pytest.mark.parametrize(
    ("document", "caption", "refusal"),
    [
        (None, "", "there is no document in the request"),
        (Upload("a", b""), "", "file must be non-empty"),
        (Upload("a", bytes(messages.MAX_UPLOAD + 1)), "", "413 Request Entity Too Large"),
        ("nonsense", "", "wrong file identifier/HTTP URL specified"),
        ("https://a.example/x.pdf", "", "wrong file identifier/HTTP URL specified"),
        (FILE, "x" * 1025, "message caption is too long"),
    ],
)
async def test_what_telegram_does_not_take_is_refused(
    world: World, ann: Person, document: object, caption: str, refusal: str
) -> None:
    with pytest.raises(BotApiError, match=refusal):
        await ask(world, "sendDocument", chat_id=ann.id, document=document, caption=caption)
    assert not world.chats.chats[ann.id].messages


async def test_a_document_counts_against_the_limits(world: World, ann: Person) -> None:
    world.limits.set_mode(LimitMode.STRICT)
    await ask(world, "sendDocument", chat_id=ann.id, document=FILE)
    with pytest.raises(BotApiError, match="429"):
        await ask(world, "sendMessage", chat_id=ann.id, text="x")


async def test_a_muted_bot_sends_no_documents(world: World, ann: Person) -> None:
    group = actions.create_chat(world, "group", "Friends", admins=(ann,))
    actions.set_bot_status(world, group, "restricted", is_muted=True)
    with pytest.raises(BotApiError, match="not enough rights to send documents to the chat"):
        await ask(world, "sendDocument", chat_id=group.id, document=FILE)


async def test_a_document_has_no_text_to_edit(world: World, ann: Person) -> None:
    sent = await ask(world, "sendDocument", chat_id=ann.id, document=FILE)
    with pytest.raises(BotApiError, match="there is no text in the message to edit"):
        await ask(world, "editMessageText", chat_id=ann.id, message_id=sent["message_id"], text="x")


async def test_the_bot_learns_where_a_file_is_unless_it_is_too_big(
    world: World, ann: Person
) -> None:
    own = world.chats.chats[ann.id]
    message = actions.send_document(world, ann, own, Upload("a.opml", b"<opml/>"))
    (file,) = world.files.by_id.values()
    assert message.body["document"] == file.document_object()
    found = await ask(world, "getFile", file_id=file.id)
    assert (found["file_path"], found["file_size"]) == (file.path, 7)
    big = world.files.add(Upload("b", bytes(messages.MAX_DOWNLOAD + 1)))
    with pytest.raises(BotApiError, match="file is too big"):
        await ask(world, "getFile", file_id=big.id)
    with pytest.raises(BotApiError, match="wrong file_id"):
        await ask(world, "getFile", file_id="nonsense")
