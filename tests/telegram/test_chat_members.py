import pytest
from aiogram import Bot
from aiogram.types import Chat, ChatMemberUnion
from pydantic import TypeAdapter

from bot.telegram import chat_members
from bot_playground.bot_api.objects import chat_member
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import ChatType, MemberStatus, Person

BOT = Person(id=42, first_name="ReadAlso", is_bot=True)


@pytest.mark.parametrize(
    ("username", "title", "name"),
    [
        ("harbour_news", "Harbour", "@harbour_news"),
        (None, "Cats &\nCo", "Cats & Co"),
        (None, "Cats " * 20, f"{('Cats ' * 12).strip()}…"),
    ],
)
def test_a_channel_is_named_by_its_username_else_by_its_title(
    username: str | None, title: str, name: str
) -> None:
    chat = Chat(id=-1001, type="channel", username=username, title=title)
    assert chat_members.channel_name(chat) == name


@pytest.mark.parametrize("name", ["harbour news", "@x", "https://elsewhere.example/harbour", ""])
async def test_a_text_that_is_no_username_is_not_looked_up(
    bot: Bot, telegram: FakeTelegram, name: str
) -> None:
    assert await chat_members.find_chat(bot, name) is None
    assert telegram.calls("getChat") == []


@pytest.mark.parametrize(
    ("membership_status", "is_found", "may_post"),
    [("administrator", True, True), ("member", True, False), ("kicked", False, False)],
)
async def test_a_channel_is_seen_and_posted_in_as_the_membership_allows(
    bot: Bot,
    telegram: FakeTelegram,
    membership_status: MemberStatus,
    is_found: bool,
    may_post: bool,
) -> None:
    channel = telegram.channel("Harbour", admins=[telegram.person("Ann")], bot=membership_status)
    chat = await chat_members.get_chat(bot, channel.id)
    assert (chat is not None) == is_found
    assert await chat_members.may_post(bot, Chat(id=channel.id, type="channel")) == may_post


def membership(
    status: MemberStatus, chat_type: ChatType, *, is_muted: bool = False
) -> ChatMemberUnion:
    parsed: ChatMemberUnion = TypeAdapter(ChatMemberUnion).validate_python(
        chat_member(BOT, status, chat_type, is_muted=is_muted)
    )
    return parsed


@pytest.mark.parametrize(
    ("status", "chat_type", "is_muted", "may"),
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
def test_a_bot_may_write_where_its_membership_allows(
    status: MemberStatus, chat_type: ChatType, is_muted: bool, may: bool
) -> None:
    assert (
        chat_members.may_write(membership(status, chat_type, is_muted=is_muted), chat_type) is may
    )


def test_owners_and_administrators_are_admins_and_those_who_left_are_out() -> None:
    everyone: list[MemberStatus] = ["creator", "administrator", "member", "left", "kicked"]
    members = [membership(status, "supergroup") for status in everyone]
    assert [chat_members.administers(member) for member in members] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [chat_members.has_left(member) for member in members] == [
        False,
        False,
        False,
        True,
        True,
    ]
