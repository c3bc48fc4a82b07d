from typing import Any

import pytest

from bot_playground.bot_api.errors import Json, RefusalError
from bot_playground.people.inline import checked_offer

TEXT = {"message_text": "<b>Bridge</b>", "parse_mode": "HTML"}


def article(id_: str = "1", **more: object) -> dict[str, object]:
    return {
        "type": "article",
        "id": id_,
        "title": "Bridge opens",
        "input_message_content": TEXT,
        **more,
    }


def offered(*results: object, **more: object) -> Any:
    return checked_offer({"results": list(results), **more})


def test_an_article_is_shown_with_the_message_that_it_sends() -> None:
    preview = {"url": "https://a.example/", "prefer_small_media": True}
    markup = {"inline_keyboard": [[{"text": "Read", "url": "https://a.example/"}]]}
    content = {**TEXT, "link_preview_options": preview}
    made = offered(article(description="2 h", input_message_content=content, reply_markup=markup))
    (result,) = made["results"]
    assert (result["title"], result["description"]) == ("Bridge opens", "2 h")
    message = result["message"]
    assert message["text"] == "Bridge"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 6}]
    assert (message["link_preview_options"], message["reply_markup"]) == (preview, markup)


def test_there_may_be_no_results_and_a_button_above() -> None:
    button = {"text": "Open the bot", "start_parameter": "inline"}
    assert offered(button=button, next_offset="50") == {
        "results": [],
        "next_offset": "50",
        "button": button,
    }
    assert offered()["button"] is None


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"results": [article(str(n)) for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("")]}, "RESULT_ID_INVALID"),
        ({"results": [article("ї" * 33)]}, "RESULT_ID_INVALID"),
        ({"results": [article(title=" ")]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [{"type": "article", "id": "1", "title": "x"}]}, "message_text"),
        ({"results": [article(input_message_content={"message_text": ""})]}, "text is empty"),
        ({"results": [article(input_message_content={"text": "x"})]}, 'unknown field "text"'),
        ({"results": [article(subtitle="x")]}, 'unknown field "subtitle"'),
        ({"results": [{"type": "photo", "id": "1"}]}, "plays articles only"),
        ({"results": ["x"]}, "plays articles only"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": ""}}, "BUTTON_TEXT_INVALID"),
        ({"results": [], "button": {"text": "x"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "x", "start_parameter": "ї"}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "x", "web_app": {}}}, "no web apps"),
    ],
)
def test_what_telegram_does_not_take_is_refused(parameters: Json, refusal: str) -> None:
    with pytest.raises(RefusalError) as caught:
        checked_offer(parameters)
    assert refusal in caught.value.description
