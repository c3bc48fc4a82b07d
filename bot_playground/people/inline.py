"""Inline mode: queries that people type, the bot's answers, and the chosen results.

Only articles with a text message are supported as results.

Source: https://core.telegram.org/bots/api#answerinlinequery; codes in capitals are Telegram's own.
"""

import re

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import ARRAY, INT, OBJECT, STR, check_fields
from bot_playground.formatting.content import text_content
from bot_playground.formatting.keyboards import normalize_keyboard
from bot_playground.people.messages import ActionError, check_writer, write
from bot_playground.state.call_log import Call
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.inline import InlineQuery
from bot_playground.state.world import World

MAX_QUERY_LENGTH = 256
MAX_RESULTS = 50
MAX_ID_BYTES = 64
MAX_OFFSET_BYTES = 64
# Seconds. Telegram documents none; it refuses answers after about ten.
_MAX_ANSWER_DELAY = 10.0
_DEFAULT_CACHE_TIME = 300
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
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


def send_inline_query(
    world: World, person: Person, chat: Chat, text: str, *, offset: str = ""
) -> InlineQuery:
    """Type "@bot text" in a chat, and queue the inline query unless its answer is cached.

    `offset` is the `next_offset` of the results before these.

    Raises:
        ActionError: if the person cannot write there, or the inline mode is off.
    """
    check_writer(world, person, chat)
    if not world.inline.is_on:
        raise ActionError("The bot has no inline mode.")
    text = text.strip()[:MAX_QUERY_LENGTH]
    query = world.inline.open(person.id, chat.id, text, offset, at=world.now())
    if query.answer is None:
        is_own = chat.id == person.id
        update: Json = {
            "id": query.id,
            "from": person.user(),
            "query": text,
            "offset": offset,
            "chat_type": "sender" if is_own else chat.type,
        }
        world.updates.add("inline_query", update)
    return query


def choose_inline_result(
    world: World, person: Person, query: InlineQuery, result_id: str, *, thread: int | None = None
) -> ChatMessage:
    """Send the message of a result, "via @bot", to the chat of the query.

    Raises:
        ActionError: if the result was not offered to this person, or cannot be sent there.
    """
    result = query.result(result_id) if query.person_id == person.id else None
    if result is None:
        raise ActionError("There is no such result.")
    message = result["message"]
    assert isinstance(message, dict)
    content: Json = {**message, "via_bot": world.bot.user()}
    return write(world, person, world.chats.chats[query.chat_id], content, thread=thread)


def answer_inline_query(world: World, parameters: Json, _: Call) -> bool:
    """Store and publish the answer to an inline query: one answer, within ten seconds."""
    query = world.inline.queries.get(str(parameters["inline_query_id"]))
    if query is None or query.answer is not None or world.now() - query.at > _MAX_ANSWER_DELAY:
        raise bad_request(_TOO_OLD)
    answer = parse_inline_answer(parameters)
    cache_time = parameters.get("cache_time", _DEFAULT_CACHE_TIME)
    assert isinstance(cache_time, int)
    world.inline.answer(
        query,
        answer,
        until=world.now() + cache_time,
        is_personal=parameters.get("is_personal") is True,
    )
    world.events.publish("inline_answer", {"inline_query_id": query.id, **answer})
    return True


def parse_inline_answer(parameters: Json) -> Json:
    """Return the results, the next offset and the button above them, as people see them.

    Raises:
        BotApiError: with Telegram's text.
    """
    results = parameters["results"]
    assert isinstance(results, list)
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    parsed = [_parse_result(result) for result in results]
    if len({str(result["id"]) for result in parsed}) < len(parsed):
        raise bad_request("RESULT_ID_DUPLICATE")
    offset = str(parameters.get("next_offset", ""))
    if len(offset.encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = parameters.get("button")
    if button is not None:
        _check_button(button)
    return {"results": parsed, "next_offset": offset, "button": button}


def _parse_result(result: object) -> Json:
    """Return the result with `message`, the content of the message that it sends."""
    if not isinstance(result, dict) or result.get("type") != "article":
        raise bad_request("can't parse inline query result: the playground plays articles only")
    fields = dict(check_fields(result, _ARTICLE, what="inline query result"))
    if not 0 < len(str(fields.get("id", "")).encode()) <= MAX_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if not str(fields.get("title", "")).strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    markup = fields.get("reply_markup")
    keyboard = normalize_keyboard(markup) if isinstance(markup, dict) else None
    content = fields.pop("input_message_content", None)
    if content is None:
        raise bad_request("can't parse inline query result: Can't find field \"message_text\"")
    text = check_fields(content, _TEXT, what="input message content")
    message = text_content({**text, "text": text.get("message_text", "")})
    return {**fields, "message": message | ({"reply_markup": keyboard} if keyboard else {})}


def _check_button(button: object) -> None:
    fields = check_fields(button, _BUTTON, what="inline query results button")
    if not str(fields.get("text", "")).strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if "web_app" in fields:
        raise bad_request("the playground plays no web apps")
    if not _START_PARAMETER.fullmatch(str(fields.get("start_parameter", ""))):
        raise bad_request("START_PARAM_INVALID")
