import asyncio
import json
from typing import Any

from bot_playground.fake_telegram import FakeTelegram
from tests.support.bot_api_client import Client


async def add_ann(client: Client) -> Any:
    return (await client.post("/control/people", first_name="Ann", language_code="uk"))[1]


async def test_people_are_added_and_listed(client: Client) -> None:
    ann = await add_ann(client)
    assert ann == {
        "id": 1001,
        "first_name": "Ann",
        "username": None,
        "language_code": "uk",
        "is_deactivated": False,
    }
    assert await client.get("/control/people") == (200, [ann])
    assert (await client.post("/control/people"))[0] == 400


async def test_a_person_talks_with_the_bot(client: Client, telegram: FakeTelegram) -> None:
    ann = await add_ann(client)
    place = {"person_id": ann["id"], "chat_id": ann["id"]}
    assert (await client.post("/control/messages", text="/start", **place))[0] == 200
    markup = {"inline_keyboard": [[{"text": "Done", "callback_data": "d"}]]}
    await client.call("sendMessage", chat_id=ann["id"], text="hi", reply_markup=markup)
    _, shown = await client.get(f"/control/chats/{ann['id']}/messages?since=1")
    assert [it["text"] for it in shown] == ["hi"]
    _, pressed = await client.post("/control/presses", message_id=2, data="d", **place)
    assert telegram.callback_answer(pressed["callback_query_id"]) is None
    assert (await client.post("/control/presses", message_id=2, data="e", **place))[0] == 400
    assert (await client.post("/control/presses", message_id=9, data="d", **place))[0] == 404


async def test_chats_are_created_and_listed(client: Client) -> None:
    ann = await add_ann(client)
    _, bob = await client.post("/control/people", first_name="Bob", username="bob")
    who = {"admins": [ann["id"]], "members": [bob["id"]]}
    status, news = await client.post("/control/chats", type="channel", title="News", **who)
    assert status == 200
    assert (news["bot_status"], news["is_admin"], news["can_write"]) == (
        "administrator",
        True,
        True,
    )
    _, forum = await client.post(
        "/control/chats", type="supergroup", title="Forum", is_forum=True, **who
    )
    _, chats = await client.get(f"/control/chats?person_id={bob['id']}")
    assert [(it["id"], it["title"], it["can_write"]) for it in chats] == [
        (bob["id"], "ReadAlso", True),
        (news["id"], "News", False),
        (forum["id"], "Forum", True),
    ]
    _, thread = await client.post(
        "/control/threads", person_id=ann["id"], chat_id=forum["id"], name="War"
    )
    _, chats = await client.get(f"/control/chats?person_id={bob['id']}")
    assert [it["topics"] for it in chats] == [
        [],
        [],
        [
            {"message_thread_id": None, "name": "General", "is_closed": False},
            {"message_thread_id": thread["message_thread_id"], "name": "War", "is_closed": False},
        ],
    ]
    _, message = await client.post(
        "/control/messages", person_id=bob["id"], chat_id=forum["id"], text="x", **thread
    )
    assert message["message_thread_id"] == thread["message_thread_id"]
    status, _ = await client.post(
        "/control/threads/change",
        person_id=ann["id"],
        chat_id=forum["id"],
        change="close",
        **thread,
    )
    assert status == 200
    status, refused = await client.post(
        "/control/messages", person_id=bob["id"], chat_id=forum["id"], text="x", **thread
    )
    assert (status, refused) == (400, {"error": "The topic is closed."})
    assert (await client.post("/control/chats", type="channel", title="Nobody's"))[0] == 400
    assert (await client.post("/control/chats", type="party", title="x", **who))[0] == 400


async def test_the_event_stream_replays_missed_events_and_then_sends_new_ones(
    client: Client,
) -> None:
    await add_ann(client)
    headers = {"Last-Event-ID": "0"}
    async with client.session.get("/control/events", headers=headers) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        await stream.content.readuntil(b"\n\n")
        first = await stream.content.readuntil(b"\n\n")
        await client.post("/control/messages", person_id=1001, chat_id=1001, text="Ні")
        second = await stream.content.readuntil(b"\n\n")
    lines = [it.decode().splitlines() for it in (first, second)]
    assert [line[0] for line in lines] == ["id: 1", "id: 2"]
    events = [json.loads(line[1].removeprefix("data: ")) for line in lines]
    assert (events[0]["kind"], events[0]["person"]["first_name"]) == ("person", "Ann")
    assert (events[1]["kind"], events[1]["message"]["text"]) == ("message", "Ні")


async def test_an_event_stream_without_since_starts_with_new_events(
    client: Client, telegram: FakeTelegram
) -> None:
    await add_ann(client)
    async with client.session.get("/control/events") as stream:
        await stream.content.readuntil(b"\n\n")
        await asyncio.sleep(0)
        telegram.world.events.publish("bot", {})
        assert b"id: 2\n" in await stream.content.readuntil(b"\n\n")


async def test_the_page_gets_the_command_menu_and_the_description(client: Client) -> None:
    await add_ann(client)
    menu = [{"command": "start", "description": "Почати"}]
    await client.call("setMyCommands", commands=menu, language_code="uk")
    await client.call("setMyDescription", description="Новини", language_code="uk")
    assert await client.get("/control/commands?person_id=1001&chat_id=1001") == (200, menu)
    for query in ("person_id=1001", "language_code=uk-UA"):
        _, bot = await client.get(f"/control/bot?{query}")
        assert (bot["name"], bot["description"]) == ("ReadAlso", "Новини")
    _, bot = await client.get("/control/bot")
    assert (bot["description"], bot["me"]["is_bot"]) == ("", True)


async def test_a_person_sends_a_file_and_saves_one(client: Client, telegram: FakeTelegram) -> None:
    ann = await add_ann(client)
    where = f"/control/documents?person_id={ann['id']}&chat_id={ann['id']}"
    async with client.session.post(
        f"{where}&name=%D1%97.opml&caption=/import&mime_type=text/x-opml", data=b"<opml/>"
    ) as response:
        message = await response.json()
    assert message["document"]["mime_type"] == "text/x-opml"
    assert message["caption"] == "/import"
    file_id = message["document"]["file_id"]
    async with client.session.get(f"/control/files/{file_id}") as response:
        assert await response.read() == b"<opml/>"
        assert response.headers["Content-Disposition"].endswith("UTF-8''%D1%97.opml")
    assert (await client.get("/control/files/none"))[0] == 404
    async with client.session.post(where, data=b"x") as response:
        assert await response.json() == {"error": "name must be a text."}


async def test_a_person_sends_an_inline_query_and_chooses_a_result(client: Client) -> None:
    ann = await add_ann(client)
    place = {"person_id": ann["id"], "chat_id": ann["id"]}
    _, asked = await client.post("/control/inline", query="bridge", **place)
    assert asked["answer"] is None
    result = {
        "type": "article",
        "id": "1",
        "title": "Bridge",
        "input_message_content": {"message_text": "The bridge is open."},
    }
    await client.call(
        "answerInlineQuery", inline_query_id=asked["inline_query_id"], results=[result]
    )
    _, again = await client.post("/control/inline", query="bridge", **place)
    assert [it["title"] for it in again["answer"]["results"]] == ["Bridge"]
    chosen = {"person_id": ann["id"], "result_id": "1"}
    _, message = await client.post(
        "/control/inline/choose", inline_query_id=again["inline_query_id"], **chosen
    )
    assert message["text"] == "The bridge is open."
    assert (await client.post("/control/inline/choose", inline_query_id="x", **chosen))[0] == 404
