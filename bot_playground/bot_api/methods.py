"""Table of the Bot API methods, and those about updates, chats and the bot's profile."""

from collections.abc import Callable, Mapping

from bot_playground.bot_api import messages
from bot_playground.bot_api.errors import BotApiError, Json, bad_request
from bot_playground.bot_api.objects import chat_member, full_chat
from bot_playground.bot_api.permissions import find_chat, readable_chat
from bot_playground.people.inline import answer_inline_query
from bot_playground.state.call_log import Call
from bot_playground.state.profile import check_language, parse_commands, parse_scope
from bot_playground.state.updates import MAX_TIMEOUT
from bot_playground.state.world import World

_CAPABILITIES = ("can_join_groups",)
_MISSING_CAPABILITIES = (
    "can_read_all_group_messages",
    "can_connect_to_business",
    "has_main_web_app",
    "has_topics_enabled",
    "allows_users_to_create_topics",
    "can_manage_bots",
    "supports_guest_queries",
    "supports_join_request_queries",
)
_MAX_UPDATES = 100
_MAX_CONNECTIONS = 40
_WEBHOOK_IS_SET = "Conflict: terminated by setWebhook request"
_WEBHOOK_IS_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)

Method = Callable[[World, Json, Call], object]


async def execute(world: World, call: Call) -> object:
    """Execute a call and return its result, ready for JSON.

    Raises:
        BotApiError: with Telegram's error answer.
    """
    if call.method == "getUpdates":
        return await _get_updates(world, call.parameters)
    return _METHODS[call.method](world, call.parameters, call)


def bot_user(world: World) -> Json:
    """Return the User object that getMe answers."""
    user = {**world.bot.user(), "first_name": world.profile.text("name", "")}
    capabilities = {
        **dict.fromkeys(_CAPABILITIES, True),
        **dict.fromkeys(_MISSING_CAPABILITIES, False),
    }
    return {**user, **capabilities, "supports_inline_queries": world.inline.is_on}


async def _get_updates(world: World, parameters: Json) -> list[Json]:
    if world.webhook.url:
        raise BotApiError(409, _WEBHOOK_IS_ACTIVE)
    _set_allowed(world, parameters)
    world.updates.confirm(_number(parameters, "offset", 0))
    limit = _number(parameters, "limit", _MAX_UPDATES)
    if not 1 <= limit <= _MAX_UPDATES:
        limit = _MAX_UPDATES
    seconds = min(max(_number(parameters, "timeout", 0), 0), MAX_TIMEOUT)
    return await world.updates.poll(limit=limit, seconds=seconds)


def _set_allowed(world: World, parameters: Json) -> None:
    allowed = parameters.get("allowed_updates")
    if isinstance(allowed, list):
        world.updates.allow(allowed)


def get_chat(world: World, parameters: Json, _: Call) -> Json:
    """Return the ChatFullInfo of a chat."""
    chat = readable_chat(world, parameters)
    return full_chat(chat, world.chats.chat_object(chat))


def get_chat_member(world: World, parameters: Json, _: Call) -> Json:
    """Return a ChatMember; only administrators of a channel see its members."""
    chat = readable_chat(world, parameters)
    user = world.chats.user(_number(parameters, "user_id", 0))
    if user is None:
        raise bad_request("user not found")
    if chat.type == "channel" and not chat.is_admin(world.bot.id):
        raise bad_request("member list is inaccessible")
    is_muted = user.id in chat.muted
    return chat_member(user, chat.status_of(user.id), chat.type, is_muted=is_muted)


def get_chat_administrators(world: World, parameters: Json, _: Call) -> list[Json]:
    """Return the ChatMembers of all administrators."""
    chat = readable_chat(world, parameters)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    admins = [
        world.chats.user(user_id) for user_id in chat.member_statuses if chat.is_admin(user_id)
    ]
    return [chat_member(admin, chat.status_of(admin.id), chat.type) for admin in admins if admin]


def leave_chat(world: World, parameters: Json, _: Call) -> bool:
    """Leave a group, supergroup or channel."""
    chat = find_chat(world, parameters)
    if chat.type == "private":
        raise bad_request("can't leave private chats")
    readable_chat(world, parameters)
    chat.member_statuses[world.bot.id] = "left"
    world.announce(chat)
    return True


def set_my_commands(world: World, parameters: Json, _: Call) -> bool:
    """Set the command menu of a scope and a language."""
    key = _menu_key(world, parameters)
    commands = parameters["commands"]
    assert isinstance(commands, list)
    world.profile.menus[key] = parse_commands(commands)
    world.events.publish("commands", {})
    return True


def get_my_commands(world: World, parameters: Json, _: Call) -> list[Json]:
    """Return the command menu of exactly this scope and language."""
    return world.profile.menus.get(_menu_key(world, parameters), [])


def delete_my_commands(world: World, parameters: Json, _: Call) -> bool:
    """Remove the command menu of a scope and a language."""
    world.profile.menus.pop(_menu_key(world, parameters), None)
    world.events.publish("commands", {})
    return True


def _menu_key(world: World, parameters: Json) -> tuple[tuple[object, ...], str]:
    scope = parse_scope(parameters.get("scope"))
    if len(scope) > 1:
        find_chat(world, {"chat_id": scope[1]})
    return scope, check_language(str(parameters.get("language_code", "")))


def _text_setter(name: str) -> Method:
    def set_text(world: World, parameters: Json, _: Call) -> bool:
        language = str(parameters.get("language_code", ""))
        world.profile.set_text(name, str(parameters.get(name, "")), language)
        world.events.publish("bot", {})
        return True

    return set_text


def _text_getter(name: str) -> Method:
    def get_text(world: World, parameters: Json, _: Call) -> Json:
        language = check_language(str(parameters.get("language_code", "")))
        return {name: world.profile.text(name, language)}

    return get_text


def set_chat_menu_button(world: World, parameters: Json, _: Call) -> bool:
    """Set the menu button of a chat, or of all."""
    button = parameters.get("menu_button")
    chat_id = parameters.get("chat_id")
    default: Json = {"type": "default"}
    world.profile.menu_buttons[chat_id if isinstance(chat_id, int) else None] = (
        button if isinstance(button, dict) else default
    )
    return True


def get_chat_menu_button(world: World, parameters: Json, _: Call) -> Json:
    """Return the menu button of a chat, else that of all, else the default."""
    buttons, chat_id = world.profile.menu_buttons, parameters.get("chat_id")
    own = buttons.get(chat_id) if isinstance(chat_id, int) else None
    return own or buttons.get(None) or {"type": "commands"}


def set_webhook(world: World, parameters: Json, call: Call) -> bool:
    """Set the webhook and end a waiting getUpdates; an empty URL removes it."""
    url = str(parameters.get("url", "")).strip()
    if not url:
        return delete_webhook(world, parameters, call)
    world.webhook.set(
        url,
        secret=str(parameters.get("secret_token", "")),
        max_connections=_number(parameters, "max_connections", _MAX_CONNECTIONS),
    )
    _set_allowed(world, parameters)
    _drop_pending(world, parameters)
    # End the waiting getUpdates, and wake up the delivery of pending updates.
    world.updates.interrupt(conflict=_WEBHOOK_IS_SET)
    world.updates.changed.set()
    return True


def delete_webhook(world: World, parameters: Json, _: Call) -> bool:
    """Remove the webhook."""
    world.webhook.delete()
    _drop_pending(world, parameters)
    return True


def _drop_pending(world: World, parameters: Json) -> None:
    if parameters.get("drop_pending_updates"):
        world.updates.pending.clear()


def get_webhook_info(world: World, _: Json, __: Call) -> Json:
    """Return the WebhookInfo."""
    return world.webhook.info(world.updates)


def _number(parameters: Json, name: str, default: int) -> int:
    value = parameters.get(name, default)
    assert isinstance(value, int)
    return value


_METHODS: Mapping[str, Method] = {
    "getMe": lambda world, _, __: bot_user(world),
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": messages.send_message,
    "sendDocument": messages.send_document,
    "getFile": messages.get_file,
    "editMessageText": messages.edit_message_text,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "answerCallbackQuery": messages.answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "sendChatAction": messages.send_chat_action,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "leaveChat": leave_chat,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _text_setter("name"),
    "getMyName": _text_getter("name"),
    "setMyDescription": _text_setter("description"),
    "getMyDescription": _text_getter("description"),
    "setMyShortDescription": _text_setter("short_description"),
    "getMyShortDescription": _text_getter("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
