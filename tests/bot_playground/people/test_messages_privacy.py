import pytest

from bot_playground.people import actions
from bot_playground.state.chats import Person
from bot_playground.state.world import World
from tests.bot_playground.people.test_actions import friends, kinds, updates


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
