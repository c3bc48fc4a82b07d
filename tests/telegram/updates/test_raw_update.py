import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.updates.raw_update import EVENT_KINDS, parse_update, parse_updates
from tests.telegram.conftest import Conversation

CHAT = {"id": -5, "type": "group"}
ANN = {"id": 1001, "is_bot": False, "first_name": "Ann"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("kind", "event", "chat_id"),
    [
        ("message", {"chat": CHAT, "from": ANN}, -5),
        ("channel_post", {"chat": CHAT}, -5),
        ("my_chat_member", {"chat": CHAT, "from": ANN}, -5),
        ("callback_query", {"message": {"chat": CHAT}, "from": ANN}, -5),
        ("callback_query", {"inline_message_id": "x", "from": ANN}, 1001),
        ("inline_query", {"from": ANN}, 1001),
        ("poll", {"id": "7"}, 0),
        ("message", "nonsense", 0),
        ("message", {"chat": {"id": "x"}}, 0),
        ("message", {"chat": {"id": 1 << 63}}, 0),
        ("message", {"chat": {"id": True}}, 0),
    ],
)
def test_an_update_belongs_to_a_chat_or_a_person_or_to_neither(
    kind: str, event: Any, chat_id: int
) -> None:
    parsed = parse_update({"update_id": 7, kind: event})
    assert parsed is not None
    assert (parsed.id, parsed.kind, parsed.chat_id) == (7, kind, chat_id)
    assert json.loads(parsed.content) == {"update_id": 7, kind: event}


def test_a_field_beside_the_event_does_not_hide_it() -> None:
    parsed = parse_update(
        {"update_id": 7, "hologram": {"chat": {"id": 1}}, "message": {"chat": CHAT}}
    )
    assert parsed is not None
    assert (parsed.kind, parsed.chat_id) == ("message", -5)


def test_every_kind_of_update_that_has_a_handler_is_known(conversation: Conversation) -> None:
    handle = conversation.inbox.handle
    assert isinstance(handle, partial)
    dispatcher, _ = handle.args
    assert set(dispatcher.resolve_used_update_types()) <= EVENT_KINDS


def test_an_update_without_an_event_is_an_update_too() -> None:
    parsed = parse_update({"update_id": 7})
    assert parsed is not None
    assert parsed.kind == "nothing"


@pytest.mark.parametrize("update", [None, [], "x", {}, {"update_id": "7"}, {"update_id": 1 << 63}])
def test_anything_else_is_no_update(update: object) -> None:
    assert parse_update(update) is None


def test_a_lone_surrogate_can_be_stored() -> None:
    parsed = parse_update({"update_id": 7, "message": {"text": "\ud83d"}})
    assert parsed is not None
    parsed.content.encode()


@given(st.lists(ANYTHING | st.fixed_dictionaries({"update_id": st.integers(), "m": ANYTHING})))
def test_any_json_is_parsed_or_left_out(updates: list[object]) -> None:
    assert all(-(1 << 63) <= update.id < 1 << 63 for update in parse_updates(updates))


@pytest.mark.parametrize(
    ("event", "person_id"),
    [
        ({"chat": CHAT, "from": ANN}, 1001),
        ({"message": {"chat": CHAT}, "from": ANN}, 1001),
        ({"chat": CHAT}, -5),
        ({"chat": CHAT, "from": "nonsense"}, -5),
        ({"chat": CHAT, "from": {"id": "x"}}, -5),
        ("nonsense", 0),
    ],
)
def test_an_update_is_of_the_person_who_caused_it_else_of_its_chat(
    event: Any, person_id: int
) -> None:
    parsed = parse_update({"update_id": 7, "message": event})
    assert parsed is not None
    assert parsed.person_id == person_id
