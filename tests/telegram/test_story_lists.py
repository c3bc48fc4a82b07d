"""How lists look is seen in `handlers/reading/test_lists.py`; here, what they keep."""

from datetime import UTC, datetime

import pytest
from aiogram.types import Chat, Message

from bot.telegram.story_lists import query_in


def message(text: str | None) -> Message:
    chat = Chat(id=1, type="private")
    return Message(message_id=1, date=datetime(2026, 3, 2, tzinfo=UTC), chat=chat, text=text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("🔎 міст: 5 <км>\n\n• Story", "міст: 5 <км>"),
        ("The newest\n\n• 🔎 Story", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_what_a_list_was_asked_for_stands_in_its_first_line(text: str | None, asked: str) -> None:
    assert query_in(message(text)) == asked
