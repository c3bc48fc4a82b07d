import pytest

from bot_playground.fake_telegram import FakeTelegram
from tests.support.bot_api_client import Client


async def test_a_person_blocks_and_unblocks_the_bot_and_deletes_the_account(
    client: Client, telegram: FakeTelegram
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    refusals = []
    for path, body in [
        ("block", {}),
        ("block", {"blocked": False}),
        ("deactivate", {}),
    ]:
        assert (await client.post(f"/control/{path}", person_id=ann.id, **body))[0] == 200
        _, answer = await client.call("sendMessage", chat_id=ann.id, text="x")
        refusals.append(answer.get("description"))
    assert refusals == [
        "Forbidden: bot was blocked by the user",
        None,
        "Forbidden: user is deactivated",
    ]


async def test_the_bot_is_kicked_and_added_and_the_group_is_migrated(
    client: Client, telegram: FakeTelegram
) -> None:
    ann = telegram.person("Ann")
    group = telegram.group("Friends", admins=[ann])
    await client.post("/control/kick", chat_id=group.id)
    assert group.status_of(42) == "kicked"
    await client.post("/control/add", chat_id=group.id, status="administrator", person_id=ann.id)
    assert group.status_of(42) == "administrator"
    assert (await client.post("/control/add", chat_id=group.id, status="king"))[0] == 400
    _, supergroup = await client.post("/control/migrate", chat_id=group.id)
    assert group.migrated_to == supergroup["chat_id"]


async def test_faults_are_added_listed_and_cleared(client: Client) -> None:
    fault = {"kind": "refusal", "method": "getMe", "code": 418, "times": None, "share": 1}
    status, added = await client.post("/control/faults", **fault)
    assert (status, added) == (200, {"fault_id": 1})
    await client.post("/control/faults", kind="delay", seconds=0.5, chat_id=7)
    _, listed = await client.get("/control/faults")
    assert [(it["fault_id"], it["kind"], it["code"]) for it in listed] == [
        (1, "refusal", 418),
        (2, "delay", 400),
    ]
    assert (await client.call("getMe"))[0] == 418
    async with client.session.delete("/control/faults?fault_id=1") as response:
        assert response.status == 200
    assert (await client.call("getMe"))[0] == 200
    async with client.session.delete("/control/faults"):
        assert await client.get("/control/faults") == (200, [])


@pytest.mark.parametrize("fault", [{"kind": "flood"}, {"time": 1}, {"times": "1"}])
async def test_an_invalid_fault_is_refused(client: Client, fault: dict[str, object]) -> None:
    assert (await client.post("/control/faults", **fault))[0] == 400


async def test_the_token_is_revoked(client: Client) -> None:
    await client.post("/control/revoke")
    assert (await client.call("getMe"))[0] == 401
    await client.post("/control/revoke", revoked=False)
    assert (await client.call("getMe"))[0] == 200


async def test_rate_limits_are_switched_and_the_report_counts(
    client: Client, telegram: FakeTelegram
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "/start")
    assert await client.post("/control/limits", mode="strict") == (200, {"mode": "strict"})
    for _ in range(2):
        await client.call("sendMessage", chat_id=ann.id, text="x")
    assert await client.get("/control/report") == (
        200,
        {
            "calls": 2,
            "methods": {"sendMessage": 2},
            "accepted": 1,
            "accepted_but_torn": 0,
            "refused": {"429": 1},
            "violations": 1,
            "limits": "strict",
            "updates_waiting": 1,
        },
    )
