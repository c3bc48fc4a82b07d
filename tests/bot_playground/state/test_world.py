from bot_playground.state.chats import Person
from bot_playground.state.world import World, bot_status


def test_every_change_is_published_to_watchers(world: World, ann: Person) -> None:
    chat = world.chats.chats[ann.id]
    message = world.post(chat, {"text": "x"}, sender_id=ann.id)
    world.edit(message, {"text": "y"})
    world.delete(message)
    world.announce(chat)
    kinds = [event["kind"] for _, event in world.events.replay]
    assert kinds == ["message", "edit", "delete", "chat"]
    assert chat.messages == {}


def test_a_blocked_bot_is_kicked(world: World, ann: Person) -> None:
    chat = world.chats.chats[ann.id]
    assert bot_status(world, chat) == "member"
    world.chats.blocked.add(ann.id)
    assert bot_status(world, chat) == "kicked"


def test_the_bots_id_is_in_its_token(world: World) -> None:
    assert world.bot.id == 42
