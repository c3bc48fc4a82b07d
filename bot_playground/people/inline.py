"""What may a bot offer in answer to an inline query? Pure.

Articles with a text to send are played; photos, files and the like are not.

Source: https://core.telegram.org/bots/api#answerinlinequery; codes in capitals are Telegram's own.
"""

import re

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import ARRAY, INT, OBJECT, STR, only_fields
from bot_playground.formatting.content import text_content
from bot_playground.formatting.keyboards import checked_keyboard

MOST_RESULTS = 50
MAX_ID_BYTES = 64
MAX_OFFSET_BYTES = 64
_ARTICLE = {
    "type": STR,
    "id": STR,
    "title": STR,
    "input_message_content": OBJECT,
    "reply_markup": OBJECT,
    "url": STR,
    "description": STR,
    "thumbnail_url": STR,
    "thumbnail_width": INT,
    "thumbnail_height": INT,
}
_TEXT = {
    "message_text": STR,
    "parse_mode": STR,
    "entities": ARRAY,
    "link_preview_options": OBJECT,
}
_BUTTON = {"text": STR, "web_app": OBJECT, "start_parameter": STR}
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


def checked_offer(parameters: Json) -> Json:
    """Return results, the next offset and the button above, as people see them.

    Raises:
        RefusalError: with Telegram's text.
    """
    given = parameters["results"]
    assert isinstance(given, list)
    if len(given) > MOST_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    results = [_result(result) for result in given]
    if len({str(it["id"]) for it in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    offset = str(parameters.get("next_offset", ""))
    if len(offset.encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    return {"results": results, "next_offset": offset, "button": _button(parameters.get("button"))}


def _result(given: object) -> Json:
    if not isinstance(given, dict) or given.get("type") != "article":
        raise bad_request("can't parse inline query result: the playground plays articles only")
    only_fields(given, _ARTICLE, what="inline query result")
    if not 0 < len(str(given.get("id", "")).encode()) <= MAX_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if not str(given.get("title", "")).strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    shown = {name: it for name, it in given.items() if name != "input_message_content"}
    markup = given.get("reply_markup")
    keyboard = checked_keyboard(markup) if isinstance(markup, dict) else None
    message = _message(given.get("input_message_content"))
    return {**shown, "message": message | ({"reply_markup": keyboard} if keyboard else {})}


def _message(given: object) -> Json:
    """Return the content of the message that the result sends."""
    if given is None:
        raise bad_request("can't parse inline query result: Can't find field \"message_text\"")
    content = only_fields(given, _TEXT, what="input message content")
    return text_content({**content, "text": content.get("message_text", "")})


def _button(given: object) -> Json | None:
    if given is None:
        return None
    button = only_fields(given, _BUTTON, what="inline query results button")
    if not str(button.get("text", "")).strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if "web_app" in button:
        raise bad_request("the playground plays no web apps")
    if not _START_PARAMETER.fullmatch(str(button.get("start_parameter", ""))):
        raise bad_request("START_PARAM_INVALID")
    return button
