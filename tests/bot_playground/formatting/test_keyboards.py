import pytest

from bot_playground.bot_api.errors import BotApiError
from bot_playground.formatting.keyboards import callback_data, normalize_keyboard


def inline(*buttons: object) -> dict[str, object]:
    return {"inline_keyboard": [list(buttons)]}


def test_an_inline_keyboard_is_stored_with_normalized_urls() -> None:
    call = {"text": "Done", "callback_data": "d", "style": "primary"}
    link = {"text": "Site", "url": "a.example"}
    assert normalize_keyboard(inline(call, link)) == {
        "inline_keyboard": [[call, {"text": "Site", "url": "http://a.example/"}]]
    }


def test_empty_rows_and_an_empty_keyboard_are_dropped() -> None:
    button = {"text": "Done", "callback_data": "d"}
    assert normalize_keyboard({"inline_keyboard": [[], [button]]}) == inline(button)
    assert normalize_keyboard({"inline_keyboard": [[]]}) is None
    assert normalize_keyboard({}) is None


@pytest.mark.parametrize(
    "markup",
    [
        {"keyboard": [["Yes", {"text": "No"}]], "resize_keyboard": True},
        {"remove_keyboard": True},
        {"force_reply": True, "selective": True},
    ],
)
def test_a_reply_keyboard_is_not_part_of_the_message(markup: dict[str, object]) -> None:
    assert normalize_keyboard(markup) is None


@pytest.mark.parametrize("letters", ["x" * 64, "й" * 32])
def test_callback_data_has_up_to_64_bytes(letters: str) -> None:
    assert normalize_keyboard(inline({"text": "a", "callback_data": letters}))
    with pytest.raises(BotApiError, match="BUTTON_DATA_INVALID"):
        normalize_keyboard(inline({"text": "a", "callback_data": letters + "x"}))


@pytest.mark.parametrize(
    ("markup", "refusal"),
    [
        ({"inline_keyboard": 1}, 'field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": [1]}, 'field "inline_keyboard" must be an Array of Arrays'),
        ({"keyboard": [1]}, 'field "keyboard" must be an Array of Arrays'),
        ({"buttons": []}, 'unknown field "buttons"'),
        ({"remove_keyboard": True, "x": 1}, 'unknown field "x"'),
        (inline("x"), "InlineKeyboardButton must be an Object"),
        (inline({"callback_data": "d"}), 'Can\'t find field "text"'),
        (inline({"text": "a"}), "Text buttons are unallowed in the inline keyboard"),
        (inline({"text": " ", "callback_data": "d"}), "inline keyboard button text is empty"),
        (inline({"text": "a", "data": "d"}), 'unknown field "data"'),
        (inline({"text": "a", "callback_data": 1}), 'field "callback_data" must be a string'),
        (inline({"text": "a", "callback_data": "d", "style": "big"}), "Invalid button style"),
        (inline({"text": "a", "callback_data": "d", "url": "a.b"}), "both url and callback_data"),
        (
            inline({"text": "a", "url": "http://localhost/"}),
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
        (
            {"inline_keyboard": [[{"text": "a", "callback_data": "d"}]] * 101},
            "reply markup is too long",
        ),
    ],
)
def test_a_bad_keyboard_is_refused(markup: dict[str, object], refusal: str) -> None:
    with pytest.raises(BotApiError) as caught:
        normalize_keyboard(markup)
    assert refusal in caught.value.description


def test_only_callback_buttons_have_data() -> None:
    markup = inline({"text": "a", "callback_data": "d"}, {"text": "b", "url": "a.b"})
    assert callback_data(markup) == (("a", "d"),)
    assert callback_data(None) == ()


@pytest.mark.parametrize(
    "action",
    [
        {"switch_inline_query": ""},
        {"switch_inline_query": "bridge"},
        {"switch_inline_query_current_chat": ""},
        {"switch_inline_query_chosen_chat": {"query": "bridge", "allow_user_chats": True}},
    ],
)
def test_a_button_may_switch_to_an_inline_query_empty_or_not(action: dict[str, object]) -> None:
    markup = inline({"text": "Share", **action})
    assert normalize_keyboard(markup) == markup
    assert callback_data(markup) == ()


def test_switch_to_a_chosen_chat_takes_known_fields_only() -> None:
    chosen = {"text": "Share", "switch_inline_query_chosen_chat": {"allow_everyone": True}}
    with pytest.raises(BotApiError, match='unknown field "allow_everyone"'):
        normalize_keyboard(inline(chosen))


@pytest.mark.parametrize(
    ("length", "is_accepted"), [(0, False), (1, True), (256, True), (257, False)]
)
def test_a_button_copies_one_to_256_characters(length: int, is_accepted: bool) -> None:
    button = {"text": "Copy", "copy_text": {"text": "a" * length}}
    markup = inline(button)
    if is_accepted:
        assert normalize_keyboard(markup) == markup
    else:
        with pytest.raises(BotApiError, match="BUTTON_COPY_TEXT_INVALID"):
            normalize_keyboard(markup)
