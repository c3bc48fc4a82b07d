import pytest

from bot_playground.bot_api.errors import BotApiError, Json
from bot_playground.formatting.content import caption_content, reply_target, text_content


def entity(kind: str = "bold", offset: int = 0, length: int = 2, **more: object) -> Json:
    return {"type": kind, "offset": offset, "length": length, **more}


def test_html_becomes_text_and_entities() -> None:
    assert text_content({"text": " <b>hi</b>", "parse_mode": "html"}) == {
        "text": "hi",
        "entities": [entity()],
    }


def test_without_a_mode_a_tag_is_text() -> None:
    assert text_content({"text": "<b>hi</b>"}) == {"text": "<b>hi</b>"}


def test_entities_may_be_sent_instead() -> None:
    link = entity("text_link", 2, 2, url="a.example")
    content = text_content({"text": "👍hi", "entities": [entity("mention"), link]})
    assert content["entities"] == [{**link, "url": "http://a.example/"}]


def test_the_link_preview_options_are_kept() -> None:
    assert text_content({"text": "x", "disable_web_page_preview": True}) == {
        "text": "x",
        "link_preview_options": {"is_disabled": True},
    }
    options = {"url": "https://a.example/", "prefer_small_media": True}
    content = text_content({"text": "x", "link_preview_options": options})
    assert content["link_preview_options"] == options


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "й" * 16385}, "text is too long"),
        (
            {"text": "<p>", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "p" at byte offset 0',
        ),
        ({"text": "*x*", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
        ({"text": "x", "link_preview_options": {"urls": ""}}, 'unknown field "urls"'),
    ],
)
def test_an_invalid_text_is_refused(parameters: Json, refusal: str) -> None:
    with pytest.raises(BotApiError) as caught:
        text_content(parameters)
    assert refusal in caught.value.description


def test_the_length_is_counted_after_the_tags_are_gone() -> None:
    text = "<b>" + "x" * 4096 + "</b>"
    assert len(str(text_content({"text": text, "parse_mode": "HTML"})["text"])) == 4096


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (entity(offset=1), "begins in a middle of a UTF-16 symbol at offset 1"),
        (entity(length=1), "ends in a middle of a UTF-16 symbol"),
        (entity(length=9), "ends after the end of the text"),
        (entity(offset=-1), "wrong offset"),
        (entity(length=0), "wrong length"),
        (entity("loud"), "Unsupported type specified"),
        ({"type": "bold", "offset": 0}, 'Can\'t find field "length"'),
        (entity("text_link", url="http://localhost/"), "entity Wrong HTTP URL"),
        (entity(colour="red"), 'unknown field "colour"'),
    ],
)
def test_an_entity_that_is_not_in_the_text_is_refused(given: Json, refusal: str) -> None:
    with pytest.raises(BotApiError) as caught:
        text_content({"text": "👍hi", "entities": [given]})
    assert refusal in caught.value.description


@pytest.mark.parametrize(
    ("parameters", "target"),
    [
        ({}, (None, False)),
        ({"reply_parameters": {"message_id": 5}}, (5, False)),
        (
            {"reply_parameters": {"message_id": 5, "allow_sending_without_reply": True}},
            (5, True),
        ),
        ({"reply_to_message_id": 5, "allow_sending_without_reply": True}, (5, True)),
    ],
)
def test_a_reply_names_its_message(parameters: Json, target: tuple[int | None, bool]) -> None:
    assert reply_target(parameters) == target


def test_a_caption_is_shorter_than_a_text_and_may_be_missing() -> None:
    assert caption_content({}) == {}
    bold = caption_content({"caption": "<b>hi</b>", "parse_mode": "HTML"})
    assert bold == {"caption": "hi", "caption_entities": [entity()]}
    given = caption_content({"caption": "hi", "caption_entities": [entity()]})
    assert given == bold
    with pytest.raises(BotApiError, match="message caption is too long"):
        caption_content({"caption": "x" * 1025})
