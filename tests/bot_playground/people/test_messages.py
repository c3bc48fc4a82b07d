"""Checks and entities of what people write; who may write where is in `test_actions.py`."""

import pytest

from bot_playground.people import actions
from bot_playground.people.messages import ActionError, formatted_fields, reply_object, write
from bot_playground.state.chats import Person
from bot_playground.state.world import World
from tests.bot_playground.people.test_actions import friends, kinds, updates


def test_a_text_has_detected_entities() -> None:
    command = {"type": "bot_command", "offset": 0, "length": 7}
    assert formatted_fields(" /import", "message", max_length=9) == {
        "text": "/import",
        "entities": [command],
    }
    assert formatted_fields("/import", "caption", max_length=9) == {
        "caption": "/import",
        "caption_entities": [command],
    }
    assert formatted_fields("", "caption", max_length=9) == {}


@pytest.mark.parametrize("text", ["", "1234567890"])
def test_a_text_too_short_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(ActionError, match="A message has 1 to 9 characters"):
        formatted_fields(text, "message", min_length=1, max_length=9)


def test_a_message_in_a_reply_has_no_reply_of_its_own(world: World, ann: Person) -> None:
    own = world.chats.chats[ann.id]
    first = write(world, ann, own, {"text": "a"})
    second = write(world, ann, own, {"text": "b"}, reply_to=first.id)
    assert second.body["reply_to_message"] == first.body
    assert "reply_to_message" not in reply_object(second)


@pytest.mark.parametrize(
    ("text", "is_seen"),
    [
        ("good morning", False),
        ("/topics", True),
        ("/topics@readalso_bot", True),
        ("/topics@other_bot", False),
        ("ask @ReadAlso_bot", True),
        ("ask @somebody", False),
        ("https://a.example/", False),
    ],
)
def test_privacy_mode_hides_what_is_not_for_the_bot(
    world: World, ann: Person, text: str, is_seen: bool
) -> None:
    actions.say(world, ann, friends(world, ann), text)
    assert kinds(world) == (["message"] if is_seen else [])


def test_a_reply_to_the_bot_is_for_the_bot(world: World, ann: Person) -> None:
    chat = friends(world, ann)
    mine = world.post(chat, {"text": "x"}, sender_id=ann.id)
    its = world.post(chat, {"text": "y"}, sender_id=world.bot.id)
    actions.say(world, ann, chat, "hm", reply_to=mine.id)
    reply = actions.say(world, ann, chat, "thanks", reply_to=its.id)
    assert updates(world) == [{"message": reply.body}]
    assert reply.body["reply_to_message"] == its.body
    again = actions.say(world, ann, chat, "well", reply_to=reply.id)
    inner = again.body["reply_to_message"]
    assert isinstance(inner, dict)
    assert "reply_to_message" not in inner
