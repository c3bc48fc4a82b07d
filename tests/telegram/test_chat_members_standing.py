import pytest
from aiogram.types import ChatMemberUnion
from pydantic import TypeAdapter

from bot.telegram import chat_members_standing as standing
from bot_playground.bot_api.objects import member_object
from bot_playground.state.chats import ChatType, Person, Standing

BOT = Person(id=42, first_name="ReadAlso", is_bot=True)


def member(how: Standing, chat_type: ChatType, *, is_muted: bool = False) -> ChatMemberUnion:
    found: ChatMemberUnion = TypeAdapter(ChatMemberUnion).validate_python(
        member_object(BOT, how, chat_type, is_muted=is_muted)
    )
    return found


@pytest.mark.parametrize(
    ("how", "chat_type", "is_muted", "may"),
    [
        ("member", "private", False, True),
        ("kicked", "private", False, False),
        ("member", "group", False, True),
        ("left", "group", False, False),
        ("administrator", "supergroup", False, True),
        ("restricted", "supergroup", False, True),
        ("restricted", "supergroup", True, False),
        ("administrator", "channel", False, True),
        ("administrator", "channel", True, False),
        ("member", "channel", False, False),
    ],
)
def test_a_bot_may_write_where_its_standing_lets_it(
    how: Standing, chat_type: ChatType, is_muted: bool, may: bool
) -> None:
    assert standing.may_write(member(how, chat_type, is_muted=is_muted), chat_type) is may


def test_owners_and_administrators_are_admins_and_those_who_left_are_out() -> None:
    everyone: list[Standing] = ["creator", "administrator", "member", "left", "kicked"]
    found = [member(how, "supergroup") for how in everyone]
    assert [standing.is_admin(it) for it in found] == [True, True, False, False, False]
    assert [standing.is_out(it) for it in found] == [False, False, False, True, True]
