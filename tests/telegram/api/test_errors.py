import pytest

from bot.telegram.api.errors import closes_chat, closes_thread, ends_thread


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Bad Request: chat not found", (True, False, False)),
        ("Bad Request: CHAT_WRITE_FORBIDDEN", (True, False, False)),
        ("Bad Request: TOPIC_CLOSED", (False, True, False)),
        ("Bad Request: TOPIC_DELETED", (False, False, True)),
        ("Bad Request: message thread not found", (False, False, True)),
        ("Bad Request: can't parse entities", (False, False, False)),
        ("Bad Request: message to edit not found", (False, False, False)),
    ],
)
def test_closed_chats_and_threads_are_known_by_the_error_text(
    message: str, expected: tuple[bool, bool, bool]
) -> None:
    assert (closes_chat(message), closes_thread(message), ends_thread(message)) == expected
