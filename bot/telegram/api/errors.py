"""Error texts of the Bot API: they tell what is refused, a chat, a thread of a forum or a text.

The Bot API has no codes for these cases, only texts. Those in capitals come from Telegram's
servers: https://core.telegram.org/api/errors, https://github.com/tdlib/telegram-bot-api.
"""

import re

_CHAT = re.compile(
    r"chat not found|user not found|not enough rights|have no rights to send"
    r"|need administrator rights|bot is not a member|bot was (?:kicked|blocked)"
    r"|chat was (?:deleted|deactivated)|user is deactivated"
    r"|CHAT_(?:WRITE_FORBIDDEN|RESTRICTED|ADMIN_REQUIRED|FORBIDDEN|ID_INVALID|INVALID)"
    r"|CHAT_(?:GUEST_SEND|SEND_PLAIN)_FORBIDDEN|CHANNEL_(?:PRIVATE|INVALID)|PEER_ID_INVALID"
    r"|USER_IS_BLOCKED|YOU_BLOCKED_USER|USER_BANNED_IN_CHANNEL|(?:INPUT_)?USER_DEACTIVATED"
    r"|USER_DELETED|USER_KICKED|USER_NOT_PARTICIPANT",
    re.IGNORECASE,
)
_THREAD_CLOSED = re.compile(r"TOPIC_CLOSED")
_THREAD_DELETED = re.compile(
    r"message thread not found|TOPIC_(?:DELETED|ID_INVALID)", re.IGNORECASE
)

_TEXT = re.compile(
    r"message is not modified|message to (?:edit|delete) not found|message can't be edited"
    r"|can't parse entities|is too long|text (?:is|must be) (?:non-)?empty|query is too old",
    re.IGNORECASE,
)


def closes_chat(message: str) -> bool:
    """Return whether the bot may not write to the chat at all."""
    return _CHAT.search(message) is not None


def closes_thread(message: str) -> bool:
    """Return whether the thread, or General, takes no messages until it is reopened."""
    return _THREAD_CLOSED.search(message) is not None


def ends_thread(message: str) -> bool:
    """Return whether the thread does not exist any more."""
    return _THREAD_DELETED.search(message) is not None


def concerns_text(message: str) -> bool:
    """Return whether the text or the edited message is refused, whatever the options are."""
    return _TEXT.search(message) is not None
