import pytest

from bot_playground.bot_api.errors import (
    BotApiError,
    bad_request,
    forbidden,
    too_large,
    too_many_requests,
)


@pytest.mark.parametrize(
    ("reason", "description"),
    [
        ("Wrong HTTP URL", "Bad Request: wrong HTTP URL"),
        ("BUTTON_DATA_INVALID", "Bad Request: BUTTON_DATA_INVALID"),
        ("chat not found", "Bad Request: chat not found"),
    ],
)
def test_a_bad_request_begins_in_lower_case_unless_it_is_a_code(
    reason: str, description: str
) -> None:
    refusal = bad_request(reason)
    assert (refusal.code, refusal.description) == (400, description)


def test_other_errors_have_telegrams_texts() -> None:
    assert forbidden("user is deactivated").description == "Forbidden: user is deactivated"
    assert str(too_large()) == "413 Request Entity Too Large"
    wait = too_many_requests(5)
    assert wait.description == "Too Many Requests: retry after 5"
    assert wait.parameters == {"retry_after": 5}
    assert str(BotApiError(401, "Unauthorized")) == "401 Unauthorized"
