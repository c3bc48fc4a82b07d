from typing import Any

from bot_playground.fake_telegram import Lookalike
from tests.bot_playground.asking import Client


async def add_ann(client: Client) -> Any:
    return (await client.post("/control/people", first_name="Ann", language_code="uk"))[1]


async def test_a_person_sends_a_file_and_saves_one(client: Client, telegram: Lookalike) -> None:
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


async def test_a_person_asks_the_bot_inline_and_chooses(client: Client) -> None:
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
