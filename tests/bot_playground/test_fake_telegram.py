import pytest

from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.limits import LimitMode
from tests.support.bot_api_client import Client


async def test_a_test_sees_what_a_person_sees(telegram: FakeTelegram, client: Client) -> None:
    ann = telegram.person("Ann", language="uk-UA")
    said = telegram.say(ann, "/start")
    await client.call("sendMessage", chat_id=ann.id, text="hi")
    assert telegram.messages(ann)[0] is said
    assert [message.text for message in telegram.messages(ann)] == ["/start", "hi"]
    assert [message.text for message in telegram.messages(ann, of_bot=True)] == ["hi"]
    telegram.say(ann, "well", reply_to=telegram.messages(ann)[-1])
    menu = [{"command": "start", "description": "Почати"}]
    await client.call("setMyCommands", commands=menu, language_code="uk")
    assert telegram.commands(ann) == menu


async def test_wait_for_ends_when_the_condition_holds_or_the_time_is_over(
    telegram: FakeTelegram,
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    await telegram.wait_for(lambda: telegram.messages(ann))
    with pytest.raises(TimeoutError):
        await telegram.wait_for(lambda: False, timeout=0.02)


async def test_faults_limits_and_revocation_are_switched_by_hand(
    telegram: FakeTelegram, client: Client
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    telegram.set_rate_limits(LimitMode.STRICT)
    for _ in range(2):
        await client.call("sendMessage", chat_id=ann.id, text="x")
    assert telegram.violations == 1
    telegram.deactivate(ann)
    assert (await client.call("sendMessage", chat_id=ann.id, text="x"))[0] == 403
    group = telegram.group("Friends", admins=[telegram.person("Bob")])
    telegram.set_bot_status(group, "kicked")
    assert (await client.call("sendMessage", chat_id=group.id, text="x"))[0] == 403
    telegram.clear_faults()


async def test_the_same_seed_gives_the_same_update_ids(telegram: FakeTelegram) -> None:
    assert 10**8 <= telegram.world.updates.next_id < 10**9
