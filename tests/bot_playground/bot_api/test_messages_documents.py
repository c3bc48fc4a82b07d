import pytest

from bot_playground.bot_api import messages_documents as documents
from bot_playground.bot_api.errors import RefusalError
from bot_playground.people import actions
from bot_playground.state.chats import Person
from bot_playground.state.files import Upload
from bot_playground.state.limits import Mode
from bot_playground.state.world import World
from tests.bot_playground.asking import ask

FILE = Upload("data.json", b"{}")


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
    assert [it.text for it in world.record.sent] == ["All"]


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
        (Upload("a", bytes(documents.MAX_UPLOAD + 1)), "", "413 Request Entity Too Large"),
        ("nonsense", "", "wrong file identifier/HTTP URL specified"),
        ("https://a.example/x.pdf", "", "wrong file identifier/HTTP URL specified"),
        (FILE, "x" * 1025, "message caption is too long"),
    ],
)
async def test_what_telegram_does_not_take_is_refused(
    world: World, ann: Person, document: object, caption: str, refusal: str
) -> None:
    with pytest.raises(RefusalError, match=refusal):
        await ask(world, "sendDocument", chat_id=ann.id, document=document, caption=caption)
    assert not world.chats.chats[ann.id].messages


async def test_a_document_counts_against_the_limits(world: World, ann: Person) -> None:
    world.limits.set_mode(Mode.STRICT)
    await ask(world, "sendDocument", chat_id=ann.id, document=FILE)
    with pytest.raises(RefusalError, match="429"):
        await ask(world, "sendMessage", chat_id=ann.id, text="x")


async def test_where_the_bot_is_muted_it_sends_no_documents(world: World, ann: Person) -> None:
    group = actions.found(world, "group", "Friends", admins=(ann,))
    actions.set_standing(world, group, "restricted", is_muted=True)
    with pytest.raises(RefusalError, match="not enough rights to send documents to the chat"):
        await ask(world, "sendDocument", chat_id=group.id, document=FILE)


async def test_a_document_has_no_text_to_edit(world: World, ann: Person) -> None:
    sent = await ask(world, "sendDocument", chat_id=ann.id, document=FILE)
    with pytest.raises(RefusalError, match="there is no text in the message to edit"):
        await ask(world, "editMessageText", chat_id=ann.id, message_id=sent["message_id"], text="x")


async def test_the_bot_learns_where_a_file_is_unless_it_is_too_big(
    world: World, ann: Person
) -> None:
    own = world.chats.chats[ann.id]
    message = actions.send_document(world, ann, own, Upload("a.opml", b"<opml/>"))
    (file,) = world.files.by_id.values()
    assert message.body["document"] == file.document()
    found = await ask(world, "getFile", file_id=file.id)
    assert (found["file_path"], found["file_size"]) == (file.path, 7)
    big = world.files.add(Upload("b", bytes(documents.MAX_DOWNLOAD + 1)))
    with pytest.raises(RefusalError, match="file is too big"):
        await ask(world, "getFile", file_id=big.id)
    with pytest.raises(RefusalError, match="wrong file_id"):
        await ask(world, "getFile", file_id="nonsense")
