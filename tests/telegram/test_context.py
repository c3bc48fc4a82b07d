from bot_playground.state.chats import Person
from tests.telegram.conftest import Conversation


async def test_an_anonymous_admin_may_command_his_group(conversation: Conversation) -> None:
    telegram = conversation.telegram
    ann: Person = telegram.person("Ann", language="en")
    group = telegram.supergroup("Friends", admins=[ann])
    update = telegram.say(ann, "/latest", chat=group)
    update.body["sender_chat"] = {"id": group.id, "type": "supergroup", "title": "Friends"}
    update.body["from"] = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    await conversation.settle()
    message = conversation.last(group)
    assert message is not None
    assert message.text.startswith("Nothing yet.")


async def test_a_channel_that_posts_in_a_group_may_not_command_it(
    conversation: Conversation,
) -> None:
    telegram = conversation.telegram
    ann = telegram.person("Ann", language="en")
    group = telegram.supergroup("Friends", admins=[ann])
    await conversation.settle()
    before = conversation.last(group)
    update = telegram.say(ann, "/latest", chat=group)
    update.body["sender_chat"] = {"id": -100777, "type": "channel", "title": "Elsewhere"}
    await conversation.settle()
    assert conversation.last(group) is before


async def test_a_button_pressed_by_an_anonymous_admin_counts_as_his_own(
    conversation: Conversation,
) -> None:
    telegram = conversation.telegram
    ann = telegram.person("Ann", language="en")
    group = telegram.supergroup("Friends", admins=[ann])
    await conversation.settle()
    message = conversation.last(group)
    assert message is not None
    assert await conversation.press(ann, message, "🪖 War") == "✅ War"
