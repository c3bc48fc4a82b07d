"""What does each method of the Bot API do? One table."""

from collections.abc import Callable, Mapping

from bot_playground.bot_api import messages
from bot_playground.bot_api.errors import Json, RefusalError, bad_request
from bot_playground.bot_api.objects import full_chat, member_object
from bot_playground.bot_api.permissions import known_chat, readable_chat
from bot_playground.people import inline_deeds
from bot_playground.state.call_log import Call
from bot_playground.state.profile import checked_commands, checked_language, checked_scope
from bot_playground.state.updates import MAX_TIMEOUT
from bot_playground.state.world import World

_CAN = ("can_join_groups",)
_CANNOT = (
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


async def carry_out(world: World, call: Call) -> object:
    """Do what the call asks for and return its result, ready for JSON.

    Raises:
        RefusalError: with Telegram's answer, if it does not do it.
    """
    if call.method == "getUpdates":
        return await _get_updates(world, call.parameters)
    return _METHODS[call.method](world, call.parameters, call)


def me(world: World) -> Json:
    """Return the User object that getMe answers."""
    user = {**world.bot.user(), "first_name": world.profile.text("name", "")}
    can = {**dict.fromkeys(_CAN, True), **dict.fromkeys(_CANNOT, False)}
    return {**user, **can, "supports_inline_queries": world.inline.is_on}


async def _get_updates(world: World, parameters: Json) -> list[Json]:
    if world.webhook.url:
        raise RefusalError(409, _WEBHOOK_IS_ACTIVE)
    _allow(world, parameters)
    world.updates.confirm(_number(parameters, "offset", 0))
    limit = _number(parameters, "limit", _MAX_UPDATES)
    if not 1 <= limit <= _MAX_UPDATES:
        limit = _MAX_UPDATES
    seconds = min(max(_number(parameters, "timeout", 0), 0), MAX_TIMEOUT)
    return await world.updates.poll(limit=limit, seconds=seconds)


def _allow(world: World, parameters: Json) -> None:
    allowed = parameters.get("allowed_updates")
    if isinstance(allowed, list):
        world.updates.allow(allowed)


def _get_me(world: World, _: Json, __: Call) -> Json:
    return me(world)


def _get_chat(world: World, parameters: Json, _: Call) -> Json:
    chat = readable_chat(world, parameters)
    return full_chat(chat, world.chats.chat_object(chat))


def _get_chat_member(world: World, parameters: Json, _: Call) -> Json:
    chat = readable_chat(world, parameters)
    user = world.chats.user(_number(parameters, "user_id", 0))
    if user is None:
        raise bad_request("user not found")
    if chat.type == "channel" and not chat.is_admin(world.bot.id):
        raise bad_request("member list is inaccessible")
    is_muted = user.id in chat.muted
    return member_object(user, chat.standing(user.id), chat.type, is_muted=is_muted)


def _get_chat_administrators(world: World, parameters: Json, _: Call) -> list[Json]:
    chat = readable_chat(world, parameters)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    admins = [world.chats.user(user_id) for user_id in chat.standings if chat.is_admin(user_id)]
    return [member_object(it, chat.standing(it.id), chat.type) for it in admins if it]


def _leave_chat(world: World, parameters: Json, _: Call) -> bool:
    chat = known_chat(world, parameters)
    if chat.type == "private":
        raise bad_request("can't leave private chats")
    readable_chat(world, parameters)
    chat.standings[world.bot.id] = "left"
    world.announce(chat)
    return True


def _set_my_commands(world: World, parameters: Json, _: Call) -> bool:
    key = _menu_key(world, parameters)
    commands = parameters["commands"]
    assert isinstance(commands, list)
    world.profile.menus[key] = checked_commands(commands)
    world.events.publish("commands", {})
    return True


def _get_my_commands(world: World, parameters: Json, _: Call) -> list[Json]:
    return world.profile.menus.get(_menu_key(world, parameters), [])


def _delete_my_commands(world: World, parameters: Json, _: Call) -> bool:
    world.profile.menus.pop(_menu_key(world, parameters), None)
    world.events.publish("commands", {})
    return True


def _menu_key(world: World, parameters: Json) -> tuple[tuple[object, ...], str]:
    scope = checked_scope(parameters.get("scope"))
    if len(scope) > 1:
        known_chat(world, {"chat_id": scope[1]})
    return scope, checked_language(str(parameters.get("language_code", "")))


def _set_text(which: str) -> Method:
    def set_text(world: World, parameters: Json, _: Call) -> bool:
        language = str(parameters.get("language_code", ""))
        world.profile.set_text(which, str(parameters.get(which, "")), language)
        world.events.publish("bot", {})
        return True

    return set_text


def _get_text(which: str) -> Method:
    def get_text(world: World, parameters: Json, _: Call) -> Json:
        language = checked_language(str(parameters.get("language_code", "")))
        return {which: world.profile.text(which, language)}

    return get_text


def _set_chat_menu_button(world: World, parameters: Json, _: Call) -> bool:
    button = parameters.get("menu_button")
    chat_id = parameters.get("chat_id")
    default: Json = {"type": "default"}
    world.profile.buttons[chat_id if isinstance(chat_id, int) else None] = (
        button if isinstance(button, dict) else default
    )
    return True


def _get_chat_menu_button(world: World, parameters: Json, _: Call) -> Json:
    buttons, chat_id = world.profile.buttons, parameters.get("chat_id")
    own = buttons.get(chat_id) if isinstance(chat_id, int) else None
    return own or buttons.get(None) or {"type": "commands"}


def _set_webhook(world: World, parameters: Json, call: Call) -> bool:
    url = str(parameters.get("url", "")).strip()
    if not url:
        return _delete_webhook(world, parameters, call)
    world.webhook.set(
        url,
        secret=str(parameters.get("secret_token", "")),
        max_connections=_number(parameters, "max_connections", _MAX_CONNECTIONS),
    )
    _allow(world, parameters)
    _drop(world, parameters)
    # A poll that waits is over, and what waits is brought.
    world.updates.interrupt(conflict=_WEBHOOK_IS_SET)
    world.updates.changed.set()
    return True


def _delete_webhook(world: World, parameters: Json, _: Call) -> bool:
    world.webhook.delete()
    _drop(world, parameters)
    return True


def _drop(world: World, parameters: Json) -> None:
    if parameters.get("drop_pending_updates"):
        world.updates.waiting.clear()


def _get_webhook_info(world: World, _: Json, __: Call) -> Json:
    return world.webhook.info(world.updates)


def _number(parameters: Json, name: str, default: int) -> int:
    value = parameters.get(name, default)
    assert isinstance(value, int)
    return value


_METHODS: Mapping[str, Method] = {
    "getMe": _get_me,
    "setWebhook": _set_webhook,
    "deleteWebhook": _delete_webhook,
    "getWebhookInfo": _get_webhook_info,
    "sendMessage": messages.send_message,
    "sendDocument": messages.send_document,
    "getFile": messages.get_file,
    "editMessageText": messages.edit_message_text,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "answerCallbackQuery": messages.answer_callback_query,
    "answerInlineQuery": inline_deeds.answer_inline_query,
    "sendChatAction": messages.send_chat_action,
    "getChat": _get_chat,
    "getChatMember": _get_chat_member,
    "getChatAdministrators": _get_chat_administrators,
    "leaveChat": _leave_chat,
    "setMyCommands": _set_my_commands,
    "getMyCommands": _get_my_commands,
    "deleteMyCommands": _delete_my_commands,
    "setMyName": _set_text("name"),
    "getMyName": _get_text("name"),
    "setMyDescription": _set_text("description"),
    "getMyDescription": _get_text("description"),
    "setMyShortDescription": _set_text("short_description"),
    "getMyShortDescription": _get_text("short_description"),
    "setChatMenuButton": _set_chat_menu_button,
    "getChatMenuButton": _get_chat_menu_button,
}
