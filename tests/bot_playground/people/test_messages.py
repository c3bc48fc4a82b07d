"""What people may write where is seen in `test_actions.py`; here, what is made of their words."""

import pytest

from bot_playground.people.messages import DeedError, quoted, worded, write
from bot_playground.state.chats import Person
from bot_playground.state.world import World


def test_words_come_with_what_telegram_finds_in_them() -> None:
    command = {"type": "bot_command", "offset": 0, "length": 7}
    assert worded(" /import", "message", most=9) == {"text": "/import", "entities": [command]}
    assert worded("/import", "caption", most=9) == {
        "caption": "/import",
        "caption_entities": [command],
    }
    assert worded("", "caption", most=9) == {}


@pytest.mark.parametrize("text", ["", "1234567890"])
def test_too_few_or_too_many_are_refused(text: str) -> None:
    with pytest.raises(DeedError, match="A message has 1 to 9 characters"):
        worded(text, "message", least=1, most=9)


def test_a_quoted_message_quotes_no_further(world: World, ann: Person) -> None:
    own = world.chats.chats[ann.id]
    first = write(world, ann, own, {"text": "a"})
    second = write(world, ann, own, {"text": "b"}, reply_to=first.id)
    assert second.body["reply_to_message"] == first.body
    assert "reply_to_message" not in quoted(second)
