import pytest

from bot_playground.control import fields
from bot_playground.control.fields import FieldError
from bot_playground.state.chats import Person
from bot_playground.state.world import World


def test_fields_are_read_or_have_a_default() -> None:
    given = {"text": "x", "number": 7, "digits": "-7", "yes": True}
    assert fields.text(given, "text") == "x"
    assert fields.text(given, "other", "") == ""
    assert fields.number(given, "number") == 7
    assert fields.number(given, "digits") == -7
    assert fields.number(given, "other", 0) == 0
    assert fields.boolean(given, "yes", default=False) is True
    assert fields.boolean(given, "other", default=False) is False
    assert fields.choice(given, "text", {"x": "", "y": ""}, "y") == "x"


@pytest.mark.parametrize("value", [None, "", 7])
def test_a_value_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(FieldError, match="it must be a text"):
        fields.text({"it": value}, "it")


@pytest.mark.parametrize("value", [None, "x", 1.5, True])
def test_a_value_that_is_no_integer_is_refused(value: object) -> None:
    with pytest.raises(FieldError, match="it must be a whole number"):
        fields.number({"it": value}, "it")


def test_other_wrong_fields_are_refused(world: World) -> None:
    with pytest.raises(FieldError, match="it must be true or false"):
        fields.boolean({"it": "yes"}, "it", default=True)
    with pytest.raises(FieldError, match="it is one of: x, y"):
        fields.choice({"it": "z"}, "it", {"x": "", "y": ""}, "x")
    with pytest.raises(FieldError, match="it must be a list of ids"):
        fields.people(world, {"it": 7}, "it")


def test_people_and_chats_are_found_by_id(world: World, ann: Person) -> None:
    assert fields.person(world, {"person_id": ann.id}) is ann
    assert fields.people(world, {"admins": [ann.id]}, "admins") == (ann,)
    assert fields.chat(world, {"chat_id": str(ann.id)}).title == "Ann"
    with pytest.raises(LookupError, match="no such person"):
        fields.person(world, {"person_id": 7})
    with pytest.raises(LookupError, match="no such chat"):
        fields.chat(world, {"chat_id": 7})
