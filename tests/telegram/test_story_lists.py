"""What lists look like is tested in `handlers/reading/test_lists.py`."""

from datetime import UTC, datetime

import pytest
from aiogram.types import Chat, Message

from bot.telegram.story_lists import query_in


def message(text: str | None) -> Message:
    chat = Chat(id=1, type="private")
    return Message(message_id=1, date=datetime(2026, 3, 2, tzinfo=UTC), chat=chat, text=text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("🔎 міст: 5 <км>\n\n• Story", "міст: 5 <км>"),
        ("The newest\n\n• 🔎 Story", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_query_of_a_list_stands_in_its_first_line(text: str | None, query: str) -> None:
    assert query_in(message(text)) == query
