"""Error answers of the Bot API."""

Json = dict[str, object]


class BotApiError(Exception):
    """Error answer to a call.

    `parameters` is the ResponseParameters object (`retry_after`, `migrate_to_chat_id`), mostly
    empty.
    """

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(reason: str) -> BotApiError:
    """Return a 400; like Telegram, lower-case the first letter unless it begins a CODE."""
    if reason[:1].isupper() and reason[1:2].islower():
        reason = reason[0].lower() + reason[1:]
    return BotApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> BotApiError:
    """Return a 403."""
    return BotApiError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> BotApiError:
    """Return a 429 that asks to wait for `retry_after` whole seconds."""
    text = f"Too Many Requests: retry after {retry_after}"
    return BotApiError(429, text, retry_after=retry_after)


def too_large() -> BotApiError:
    """Return a 413: a file larger than the Bot API accepts."""
    return BotApiError(413, "Request Entity Too Large")
