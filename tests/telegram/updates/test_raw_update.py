import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.updates.raw_update import read, read_all

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
def test_an_update_happens_in_a_chat_or_with_a_person_or_nowhere(
    kind: str, event: Any, chat_id: int
) -> None:
    found = read({"update_id": 7, kind: event})
    assert found is not None
    assert (found.id, found.kind, found.chat_id) == (7, kind, chat_id)
    assert json.loads(found.content) == {"update_id": 7, kind: event}


def test_an_update_without_an_event_is_kept_too() -> None:
    found = read({"update_id": 7})
    assert found is not None
    assert found.kind == "nothing"


@pytest.mark.parametrize("update", [None, [], "x", {}, {"update_id": "7"}, {"update_id": 1 << 63}])
def test_what_is_no_update_is_none(update: object) -> None:
    assert read(update) is None


def test_half_a_character_can_be_stored() -> None:
    found = read({"update_id": 7, "message": {"text": "\ud83d"}})
    assert found is not None
    found.content.encode()


@given(st.lists(ANYTHING | st.fixed_dictionaries({"update_id": st.integers(), "m": ANYTHING})))
def test_whatever_comes_is_read_or_left_out(updates: list[object]) -> None:
    assert all(-(1 << 63) <= it.id < 1 << 63 for it in read_all(updates))
