import json
from typing import Any

import pytest
from aiogram import Bot, types
from aiogram.types.base import TelegramObject

from bot.errors import UnreadableError
from bot.telegram.api import lenient_parsing
from bot.telegram.api.lenient_parsing import load_update, parse

BOT = Bot("42:TEST")
HOLOGRAM = {"type": "hologram", "status": "hologram"}
CHAT = {"id": 1, "type": "private"}
USER = {"id": 5}
MEMBER = {"status": "member"}
# The least that the bot can work with, of each object that it reads.
LEAST: dict[type[TelegramObject], dict[str, Any]] = {
    types.Update: {"update_id": 7},
    types.Message: {"message_id": 2, "chat": CHAT},
    types.InaccessibleMessage: {"message_id": 2, "chat": CHAT},
    types.Chat: CHAT,
    types.ChatFullInfo: CHAT,
    types.User: USER,
    types.CallbackQuery: {"id": "3", "from": USER},
    types.InlineQuery: {"id": "3", "from": USER},
    types.ChosenInlineResult: {"result_id": "3", "from": USER},
    types.ChatMemberUpdated: {"chat": CHAT, "new_chat_member": MEMBER},
    types.Document: {"file_id": "f"},
    types.File: {"file_id": "f"},
    types.WebhookInfo: {"url": "https://bot.example/"},
    types.InlineKeyboardMarkup: {"inline_keyboard": []},
    types.InlineKeyboardButton: {"text": "More"},
}
MODELS = pytest.mark.parametrize("model", LEAST, ids=lambda model: model.__name__)


def optional_fields(model: type[TelegramObject]) -> list[str]:
    """Return the fields that the bot can do without; of an update it needs whichever event came."""
    keys = [info.alias or name for name, info in model.model_fields.items()]
    return [] if model is types.Update else [key for key in keys if key not in LEAST[model]]


def values(parsed: TelegramObject) -> dict[str, Any]:
    return parsed.model_dump(exclude_unset=True, by_alias=True, warnings=False)


def test_the_least_is_given_of_every_object_that_the_bot_reads() -> None:
    assert set(lenient_parsing._REQUIRED) <= set(LEAST)


@MODELS
def test_an_object_with_all_that_the_bot_needs_is_read(model: type[TelegramObject]) -> None:
    parsed = parse(model, LEAST[model], BOT)
    assert isinstance(parsed, model)
    assert parsed.bot is BOT
    for key in LEAST[model]:
        assert key in values(parsed)


@MODELS
def test_an_object_without_a_field_that_the_bot_needs_is_unreadable(
    model: type[TelegramObject],
) -> None:
    for key in LEAST[model]:
        raw = {name: value for name, value in LEAST[model].items() if name != key}
        with pytest.raises(UnreadableError, match=f"{key}: missing"):
            parse(model, raw, BOT)


@MODELS
def test_a_field_of_an_unknown_kind_is_passed_over(model: type[TelegramObject]) -> None:
    for field in optional_fields(model):
        parsed = parse(model, {**LEAST[model], field: HOLOGRAM}, BOT)
        assert isinstance(parsed, model), field
        for key in LEAST[model]:
            assert key in values(parsed), field


@MODELS
def test_a_new_field_is_passed_over(model: type[TelegramObject]) -> None:
    assert isinstance(parse(model, {**LEAST[model], "hologram": HOLOGRAM}, BOT), model)


@pytest.mark.parametrize("key", ["reply_to_message", "pinned_message"])
def test_a_message_within_a_message_keeps_what_can_be_read(key: str) -> None:
    document = {"file_id": "f", "file_unique_id": "u", "thumbnail": HOLOGRAM}
    inner = {"message_id": 1, "chat": CHAT, "document": document, "paid_media": HOLOGRAM}
    message = parse(types.Message, {"message_id": 2, "chat": CHAT, key: inner}, BOT)
    assert getattr(message, key).document.file_id == "f"


def test_unknown_items_of_a_list_are_passed_over_and_the_others_stay() -> None:
    bold = {"type": "bold", "offset": 0, "length": 1}
    raw = {"message_id": 2, "chat": CHAT, "text": "Hi", "entities": [HOLOGRAM, bold, 5]}
    message = parse(types.Message, raw, BOT)
    assert [entity.type for entity in message.entities] == ["bold"]
    assert message.text == "Hi"


def test_a_button_on_a_message_without_a_date_can_still_be_edited() -> None:
    query = {"id": "3", "from": USER, "message": {"message_id": 2, "chat": CHAT}}
    update = load_update(json.dumps({"update_id": 7, "callback_query": query}), BOT)
    assert update.callback_query is not None
    assert isinstance(update.callback_query.message, types.Message)


@pytest.mark.parametrize("event", [{}, {"hologram": HOLOGRAM}, {"message": None}])
def test_an_update_of_an_unknown_kind_is_unreadable(event: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match=r"^unknown kind$"):
        load_update(json.dumps({"update_id": 7, **event}), BOT)


def test_a_button_on_a_message_that_is_too_old_is_known_by_its_date() -> None:
    message = {"message_id": 2, "chat": {**CHAT, "title": 5}, "date": 0}
    query = parse(types.CallbackQuery, {"id": "3", "from": USER, "message": message}, BOT)
    assert isinstance(query.message, types.InaccessibleMessage)


def test_the_reason_names_the_place_and_quotes_nothing() -> None:
    secret = {"message_id": 2, "chat": {"id": "secret", "type": "private"}, "text": "secret"}
    with pytest.raises(UnreadableError, match=r"^message\.chat\.id: int_parsing$"):
        parse(types.Update, {"update_id": 7, "message": secret}, BOT)


@pytest.mark.parametrize("raw", [None, 5, "x", [], {}, [HOLOGRAM]])
@MODELS
def test_what_is_no_such_object_is_unreadable(model: type[TelegramObject], raw: object) -> None:
    with pytest.raises(UnreadableError):
        parse(model, raw, BOT)
