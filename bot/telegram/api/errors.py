"""Do these words of Telegram mean that a chat, or a thread of it, is closed to us? Pure.

Telegram has no code for it; the wording is all there is. Codes in capitals are its servers' own,
handed through: https://core.telegram.org/api/errors, https://github.com/tdlib/telegram-bot-api.
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
_THREAD_FOR_NOW = re.compile(r"TOPIC_CLOSED")
_THREAD_FOR_GOOD = re.compile(
    r"message thread not found|TOPIC_(?:DELETED|ID_INVALID)", re.IGNORECASE
)


def closes_chat(words: str) -> bool:
    """Tell whether we may not write to the chat at all."""
    return _CHAT.search(words) is not None


def closes_thread(words: str) -> bool:
    """Tell whether the thread, or General, takes no messages until it is opened again."""
    return _THREAD_FOR_NOW.search(words) is not None


def ends_thread(words: str) -> bool:
    """Tell whether the thread is no more."""
    return _THREAD_FOR_GOOD.search(words) is not None
