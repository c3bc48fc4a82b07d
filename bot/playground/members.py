"""How does the Bot API describe someone's standing in a chat? Pure."""

from bot.playground.chats import Chat, ChatType, Person, Standing
from bot.playground.refusals import Json

_RIGHTS = (
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
    "can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
)
_NO_RIGHTS = "can_be_edited is_anonymous can_promote_members can_send_welcome_messages"
_MORE_RIGHTS = {
    "channel": "can_post_messages can_edit_messages",
    "group": "can_pin_messages",
    "supergroup": "can_pin_messages can_manage_topics",
}


def member_object(user: Person, standing: Standing, chat_type: ChatType) -> Json:
    """Return a ChatMember; every administrator has the usual rights, none may promote."""
    member: Json = {"user": user.user(), "status": standing}
    match standing:
        case "creator":
            return {**member, "is_anonymous": False}
        case "administrator":
            rights = f"{_RIGHTS} {_MORE_RIGHTS.get(chat_type, '')}".split()
            refused = dict.fromkeys(_NO_RIGHTS.split(), False)
            return {**member, **dict.fromkeys(rights, True), **refused}
        case "kicked":
            return {**member, "until_date": 0}
        case _:
            return member


def full_chat(chat: Chat, chat_object: Json) -> Json:
    """Return the ChatFullInfo of a chat."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    accepted = dict.fromkeys((*gifts, "gifts_from_channels"), False)
    full = {**chat_object, "accent_color_id": 0, "max_reaction_count": 11}
    full["accepted_gift_types"] = accepted
    if chat.username:
        full["active_usernames"] = [chat.username]
    return full
