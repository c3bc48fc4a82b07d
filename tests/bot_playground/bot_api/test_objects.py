import pytest
from aiogram.types import ChatFullInfo, ChatMemberUnion
from pydantic import TypeAdapter

from bot_playground.bot_api.objects import chat_member, full_chat
from bot_playground.state.chats import Chat, ChatType, MemberStatus, Person

ANN = Person(id=1001, first_name="Ann")


@pytest.mark.parametrize("chat_type", ["group", "supergroup", "channel"])
@pytest.mark.parametrize(
    "status", ["creator", "administrator", "member", "restricted", "left", "kicked"]
)
def test_aiogram_reads_every_member(status: MemberStatus, chat_type: ChatType) -> None:
    member: ChatMemberUnion = TypeAdapter(ChatMemberUnion).validate_python(
        chat_member(ANN, status, chat_type)
    )
    assert member.status == status
    assert member.user.id == ANN.id


def test_an_administrator_of_a_channel_posts() -> None:
    assert chat_member(ANN, "administrator", "channel")["can_post_messages"] is True
    assert "can_post_messages" not in chat_member(ANN, "administrator", "group")


@pytest.mark.parametrize("username", [None, "news"])
def test_aiogram_reads_a_full_chat(username: str | None) -> None:
    chat = Chat(id=-5, type="group", title="Friends", username=username)
    full = full_chat(chat, {"id": -5, "type": "group", "title": "Friends"})
    assert ChatFullInfo.model_validate(full).active_usernames == ([username] if username else None)
