"""Bot API objects: ChatMember, ChatFullInfo, MessageOriginChannel, fields of a topic message."""

from bot_playground.bot_api.errors import Json
from bot_playground.state.chats import Chat, ChatMessage, ChatType, MemberStatus, Person

_RIGHTS = (
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
    "can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
)
_MISSING_RIGHTS = "can_be_edited is_anonymous can_promote_members can_send_welcome_messages"
_MORE_RIGHTS = {
    "channel": "can_post_messages can_edit_messages",
    "group": "can_pin_messages",
    "supergroup": "can_pin_messages can_manage_topics",
}
_RESTRICTED = (
    "can_send_audios can_send_documents can_send_photos can_send_videos can_send_video_notes "
    "can_send_voice_notes can_send_polls can_send_other_messages can_add_web_page_previews "
    "can_react_to_messages can_edit_tag can_change_info can_invite_users can_pin_messages "
    "can_manage_topics"
)


def chat_member(
    user: Person, status: MemberStatus, chat_type: ChatType, *, is_muted: bool = False
) -> Json:
    """Return a ChatMember; administrators have all usual rights but cannot promote.

    `is_muted` takes the right to write from a restricted member or an administrator.
    """
    member: Json = {"user": user.user(), "status": status}
    match status:
        case "creator":
            return {**member, "is_anonymous": False}
        case "administrator":
            rights = f"{_RIGHTS} {_MORE_RIGHTS.get(chat_type, '')}".split()
            refused = dict.fromkeys(_MISSING_RIGHTS.split(), False)
            granted = dict.fromkeys(rights, True)
            if "can_post_messages" in granted:
                granted["can_post_messages"] = not is_muted
            return {**member, **granted, **refused}
        case "restricted":
            granted = dict.fromkeys(_RESTRICTED.split(), False)
            more = {"is_member": True, "can_send_messages": not is_muted, "until_date": 0}
            return {**member, **granted, **more}
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


def thread_fields(thread_id: int | None) -> Json:
    """Return the fields of a message in a topic; none for General."""
    if thread_id is None:
        return {}
    return {"message_thread_id": thread_id, "is_topic_message": True}


def channel_origin(post: ChatMessage) -> Json:
    """Return the MessageOriginChannel of a forwarded post."""
    chat, date = post.body["chat"], post.body["date"]
    return {"type": "channel", "chat": chat, "message_id": post.id, "date": date}
