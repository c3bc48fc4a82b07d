"""How does Telegram say no? Pure."""

Json = dict[str, object]


class RefusalError(Exception):
    """Telegram's answer to a call that it does not carry out.

    `parameters` is the ResponseParameters object (`retry_after`, `migrate_to_chat_id`), empty for
    most refusals.
    """

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(reason: str) -> RefusalError:
    """Return a 400; like Telegram, put the first letter in lower case unless it begins a CODE."""
    if reason[:1].isupper() and reason[1:2].islower():
        reason = reason[0].lower() + reason[1:]
    return RefusalError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> RefusalError:
    """Return a 403."""
    return RefusalError(403, f"Forbidden: {reason}")


def too_many_requests(retry_after: int) -> RefusalError:
    """Return a 429 that asks to wait for `retry_after` whole seconds."""
    text = f"Too Many Requests: retry after {retry_after}"
    return RefusalError(429, text, retry_after=retry_after)


def too_large() -> RefusalError:
    """Return a 413, for more than the Bot API takes."""
    return RefusalError(413, "Request Entity Too Large")
