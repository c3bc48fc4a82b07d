import asyncio
from contextlib import suppress

import pytest

from bot_playground.bot_api.errors import BotApiError
from bot_playground.bot_api.parameters import METHODS
from bot_playground.people import actions
from bot_playground.state.chats import Person
from bot_playground.state.world import World
from tests.support.bot_api_client import ask


async def test_updates_come_until_they_are_confirmed(world: World, ann: Person) -> None:
    own = world.chats.chats[ann.id]
    for text in ("one", "two", "three"):
        actions.say(world, ann, own, text)
    found = await ask(world, "getUpdates", limit=2)
    assert [it["message"]["text"] for it in found] == ["one", "two"]
    assert len(await ask(world, "getUpdates", limit=0)) == 3
    rest = await ask(world, "getUpdates", offset=found[1]["update_id"] + 1)
    assert [it["message"]["text"] for it in rest] == ["three"]
    assert await ask(world, "getUpdates", offset=rest[0]["update_id"] + 1, timeout=-5) == []


async def test_allowed_updates_are_remembered(world: World, ann: Person) -> None:
    await ask(world, "getUpdates", allowed_updates=["callback_query"])
    await ask(world, "getUpdates")
    actions.say(world, ann, world.chats.chats[ann.id], "x")
    assert await ask(world, "getUpdates") == []


async def test_a_long_poll_waits(world: World, ann: Person) -> None:
    poll = asyncio.ensure_future(ask(world, "getUpdates", timeout=1000))
    await asyncio.sleep(0)
    actions.say(world, ann, world.chats.chats[ann.id], "x")
    assert len(await poll) == 1


async def test_the_bot_knows_its_name(world: World) -> None:
    me = await ask(world, "getMe")
    assert (me["id"], me["first_name"], me["username"]) == (42, "ReadAlso", "readalso_bot")
    assert await ask(world, "setMyName", name="Reads") is True
    assert (await ask(world, "getMe"))["first_name"] == "Reads"


@pytest.mark.parametrize(
    ("suffix", "field"),
    [("Name", "name"), ("Description", "description"), ("ShortDescription", "short_description")],
)
async def test_a_text_about_the_bot_is_kept_by_language(
    world: World, suffix: str, field: str
) -> None:
    await ask(world, f"setMy{suffix}", **{field: "Новини", "language_code": "uk"})
    assert await ask(world, f"getMy{suffix}", language_code="uk") == {field: "Новини"}
    assert await ask(world, f"getMy{suffix}") != {field: "Новини"}


async def test_a_menu_of_commands_is_kept_by_scope_and_language(world: World, ann: Person) -> None:
    menu = [{"command": "start", "description": "Begin"}]
    where = {"scope": {"type": "chat", "chat_id": ann.id}, "language_code": "uk"}
    assert await ask(world, "setMyCommands", commands=menu, **where) is True
    assert await ask(world, "getMyCommands", **where) == menu
    assert await ask(world, "getMyCommands") == []
    assert await ask(world, "deleteMyCommands", **where) is True
    assert await ask(world, "getMyCommands", **where) == []
    with pytest.raises(BotApiError, match="chat not found"):
        await ask(world, "getMyCommands", scope={"type": "chat", "chat_id": 7})


async def test_a_chat_and_its_members_can_be_read(world: World, ann: Person) -> None:
    bob = world.chats.add_person("Bob")
    group = actions.create_chat(world, "group", "Friends", admins=(ann,), members=(bob,))
    actions.set_bot_status(world, group, "administrator")
    assert (await ask(world, "getChat", chat_id=group.id))["title"] == "Friends"
    member = await ask(world, "getChatMember", chat_id=group.id, user_id=bob.id)
    assert (member["status"], member["user"]["first_name"]) == ("member", "Bob")
    admins = await ask(world, "getChatAdministrators", chat_id=group.id)
    assert [it["status"] for it in admins] == ["creator", "administrator"]
    with pytest.raises(BotApiError, match="user not found"):
        await ask(world, "getChatMember", chat_id=group.id, user_id=7)
    with pytest.raises(BotApiError, match="no administrators in the private chat"):
        await ask(world, "getChatAdministrators", chat_id=ann.id)


async def test_a_channel_hides_its_members_from_a_bot_without_rights(
    world: World, ann: Person
) -> None:
    channel = actions.create_chat(world, "channel", "News", admins=(ann,))
    actions.set_bot_status(world, channel, "member")
    with pytest.raises(BotApiError, match="member list is inaccessible"):
        await ask(world, "getChatMember", chat_id=channel.id, user_id=ann.id)


async def test_the_bot_can_leave_a_group(world: World, ann: Person) -> None:
    group = actions.create_chat(world, "group", "Friends", admins=(ann,))
    actions.set_bot_status(world, group, "member")
    assert await ask(world, "leaveChat", chat_id=group.id) is True
    with pytest.raises(BotApiError, match="bot is not a member of the group chat"):
        await ask(world, "leaveChat", chat_id=group.id)
    with pytest.raises(BotApiError, match="can't leave private chats"):
        await ask(world, "leaveChat", chat_id=ann.id)


async def test_a_menu_button_is_kept_for_a_chat_or_for_all(world: World, ann: Person) -> None:
    assert await ask(world, "getChatMenuButton") == {"type": "commands"}
    await ask(world, "setChatMenuButton", menu_button={"type": "default"})
    await ask(world, "setChatMenuButton", chat_id=ann.id, menu_button={"type": "commands"})
    assert await ask(world, "getChatMenuButton", chat_id=ann.id) == {"type": "commands"}
    assert await ask(world, "getChatMenuButton") == {"type": "default"}
    await ask(world, "setChatMenuButton", chat_id=ann.id)
    assert await ask(world, "getChatMenuButton", chat_id=ann.id) == {"type": "default"}


async def test_without_a_webhook_updates_wait_for_get_updates(world: World, ann: Person) -> None:
    actions.say(world, ann, world.chats.chats[ann.id], "x")
    assert await ask(world, "deleteWebhook") is True
    assert (await ask(world, "getWebhookInfo"))["pending_update_count"] == 1
    await ask(world, "deleteWebhook", drop_pending_updates=True)
    assert (await ask(world, "getWebhookInfo"))["pending_update_count"] == 0


async def test_with_a_webhook_get_updates_is_a_conflict(world: World) -> None:
    await ask(world, "setWebhook", url="https://bot.example/", allowed_updates=["message"])
    info = await ask(world, "getWebhookInfo")
    assert (info["url"], info["allowed_updates"]) == ("https://bot.example/", ["message"])
    with pytest.raises(BotApiError, match="while webhook is active"):
        await ask(world, "getUpdates")
    await ask(world, "setWebhook", url="")
    assert (await ask(world, "getWebhookInfo"))["url"] == ""
    assert await ask(world, "getUpdates") == []


async def test_a_webhook_ends_the_poll_that_waits(world: World) -> None:
    poll = asyncio.ensure_future(ask(world, "getUpdates", timeout=50))
    await asyncio.sleep(0)
    await ask(world, "setWebhook", url="https://bot.example/")
    with pytest.raises(BotApiError, match="terminated by setWebhook request"):
        await poll


@pytest.mark.parametrize("method", list(METHODS))
async def test_every_method_in_the_table_is_executed(world: World, method: str) -> None:
    with suppress(BotApiError):
        await ask(world, method)
