import pytest

from bot_playground.bot_api.errors import BotApiError
from bot_playground.bot_api.parameters import STR, canonical_name, check_fields, read_parameters


def test_forms_and_json_mean_the_same() -> None:
    as_form = {
        "chat_id": "1001",
        "text": "7",
        "disable_notification": "true",
        "entities": "[]",
        "reply_markup": '{"inline_keyboard": []}',
    }
    as_json = {
        "chat_id": 1001,
        "text": "7",
        "disable_notification": True,
        "entities": [],
        "reply_markup": {"inline_keyboard": []},
    }
    assert read_parameters("sendMessage", as_form) == as_json
    assert read_parameters("sendMessage", as_json) == as_json


def test_a_chat_may_have_a_name() -> None:
    assert read_parameters("getChat", {"chat_id": "@news"}) == {"chat_id": "@news"}


def test_null_is_the_same_as_absent() -> None:
    given = {"chat_id": 1, "text": "x", "parse_mode": None}
    assert read_parameters("sendMessage", given) == {"chat_id": 1, "text": "x"}


@pytest.mark.parametrize(
    ("method", "given", "description"),
    [
        ("getMe", {"text": "x"}, 'getMe takes no parameter "text"'),
        ("sendMessage", {"chat_id": 1, "txt": "x"}, 'sendMessage takes no parameter "txt"'),
        ("sendMessage", {"text": "x"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 1}, "message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": ""}, "message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": 7}, 'parameter "text" must be a string'),
        (
            "sendMessage",
            {"chat_id": True, "text": "x"},
            'parameter "chat_id" must be an integer or a @username',
        ),
        (
            "sendMessage",
            {"chat_id": 1 << 64, "text": "x"},
            'parameter "chat_id" must be an integer or a @username',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "disable_notification": "perhaps"},
            'parameter "disable_notification" must be a boolean',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "entities": "[{"},
            'parameter "entities" must be an array',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": "{"},
            "can't parse reply keyboard markup JSON object",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": []},
            "object expected as reply markup",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "business_connection_id": "b"},
            'the playground does not act out the parameter "business_connection_id"',
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "callback_query_id": "b"},
            'the playground does not act out the parameter "callback_query_id"',
        ),
        ("editMessageText", {"chat_id": 1, "text": "x"}, "message identifier is not specified"),
        ("deleteMessage", {"chat_id": 1, "message_id": "x"}, 'parameter "message_id" must be '),
        ("getChatMember", {"chat_id": 1}, "invalid user_id specified"),
        ("sendChatAction", {"chat_id": 1}, "wrong parameter action in request"),
        ("setMyCommands", {}, "commands are not specified"),
        ("answerCallbackQuery", {}, "query is too old and response timeout expired or query ID"),
    ],
)
def test_a_bad_call_is_refused(method: str, given: dict[str, object], description: str) -> None:
    with pytest.raises(BotApiError) as caught:
        read_parameters(method, given)
    assert caught.value.code == 400
    assert caught.value.description.startswith(f"Bad Request: {description}")


def test_an_answer_to_a_callback_query_needs_no_text() -> None:
    assert read_parameters("answerCallbackQuery", {"callback_query_id": "1"})
    assert read_parameters("setChatMenuButton", {}) == {}


def test_a_method_is_known_in_any_case_of_letters() -> None:
    assert canonical_name("SENDMESSAGE") == "sendMessage"
    with pytest.raises(BotApiError, match="404 Not Found"):
        canonical_name("sendTelegram")


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("x", "can't parse thing: object expected"),
        ({"a": "x", "b": "y"}, 'can\'t parse thing: unknown field "b"'),
        ({"a": 1}, 'can\'t parse thing: field "a" must be a string'),
    ],
)
def test_an_object_has_only_the_fields_it_may_have(value: object, refusal: str) -> None:
    with pytest.raises(BotApiError, match=refusal):
        check_fields(value, {"a": STR}, what="thing")
    assert check_fields({"a": "x"}, {"a": STR}, what="thing") == {"a": "x"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": "half \ud83d"},
        {"text": "Hi", "reply_markup": {"inline_keyboard": [[{"text": "\ude00"}]]}},
        {"text": "Hi", "reply_markup": r'{"inline_keyboard": [[{"text": "\ude00"}]]}'},
    ],
)
def test_half_a_character_is_refused_wherever_it_is(parameters: dict[str, object]) -> None:
    with pytest.raises(BotApiError, match="must be encoded in UTF-8"):
        read_parameters("sendMessage", {"chat_id": 1, **parameters})
