"""What does a standing in a chat allow? Pure."""

from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import ChatMemberAdministrator, ChatMemberRestricted, ChatMemberUnion

_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)


def is_out(member: ChatMemberUnion) -> bool:
    """Tell whether the member has left the chat, or was thrown out."""
    return member.status in _OUT


def is_admin(member: ChatMemberUnion) -> bool:
    """Tell whether the member owns or administers the chat."""
    return member.status in (ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR)


def may_write(member: ChatMemberUnion, chat_type: str) -> bool:
    """Tell whether a bot that stands so may write to such a chat."""
    if chat_type == ChatType.CHANNEL:
        return isinstance(member, ChatMemberAdministrator) and bool(member.can_post_messages)
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return not is_out(member)
