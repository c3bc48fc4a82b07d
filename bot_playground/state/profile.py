"""Profile of the bot: name, descriptions, command menus and menu buttons.

Source: https://core.telegram.org/bots/api#determining-list-of-commands
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import BOOL, CHAT, INT, STR, check_fields
from bot_playground.state.chats import Chat

_MAX_LENGTHS = {"name": 64, "description": 512, "short_description": 120}
_SCOPES: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
_SCOPE = {"type": STR, "chat_id": CHAT, "user_id": INT}
_COMMAND = {"command": STR, "description": STR, "is_ephemeral": BOOL}
Scope = tuple[object, ...]


@dataclass(slots=True, kw_only=True)
class Profile:
    """Texts by (field, language) and menus by (scope, language); "" is every other language."""

    name: str
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menus: dict[tuple[Scope, str], list[Json]] = field(default_factory=dict)
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)

    def set_text(self, name: str, text: str, language: str) -> None:
        """Set `name`, `description` or `short_description`; an empty text removes it.

        Raises:
            BotApiError: if the text is too long, or the language code is invalid.
        """
        if len(text) > _MAX_LENGTHS[name]:
            raise bad_request(f"{name} must not be longer than {_MAX_LENGTHS[name]} characters")
        self.texts[name, check_language(language)] = text

    def text(self, name: str, language: str) -> str:
        """Return the text that people of a language see."""
        fallback = self.name if name == "name" else ""
        own = self.texts.get((name, language))
        return own or self.texts.get((name, "")) or fallback

    def menu(self, chat: Chat, person_id: int, language: str) -> list[Json]:
        """Return the commands that a person sees in a chat: those of the narrowest scope."""
        for scope in _scopes(chat, person_id):
            for code in (language, ""):
                if menu := self.menus.get((scope, code)):
                    return menu
        return []


def parse_scope(scope: object) -> Scope:
    """Return the scope as a key of `Profile.menus`.

    Raises:
        BotApiError: for an unknown type of scope, or one without its chat or user.
    """
    if scope is None:
        return ("default",)
    fields = check_fields(scope, _SCOPE, what="BotCommandScope")
    kind = str(fields.get("type"))
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    missing = [name for name in _SCOPES[kind] if name not in fields]
    if missing:
        raise bad_request(f"can't parse BotCommandScope: Can't find field \"{missing[0]}\"")
    return (kind, *(fields[name] for name in _SCOPES[kind]))


def check_language(language: str) -> str:
    """Return the code if it is two lower-case letters or empty; raise BotApiError otherwise."""
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return language


def parse_commands(commands: list[object]) -> list[Json]:
    """Return the commands of a menu as Telegram stores them.

    Raises:
        BotApiError: for more than 100 commands, a bad name or a bad description.
    """
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_parse_command(command) for command in commands]


def _parse_command(command: object) -> Json:
    fields = check_fields(command, _COMMAND, what="BotCommand")
    for name in ("command", "description"):
        if name not in fields:
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    # Telegram accepts "/start" for "start".
    name = str(fields["command"]).strip().removeprefix("/")
    description = str(fields["description"]).strip()
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _scopes(chat: Chat, person_id: int) -> Iterator[Scope]:
    if chat.type == "private":
        yield ("chat", chat.id)
        yield ("all_private_chats",)
    else:
        yield ("chat_member", chat.id, person_id)
        if chat.is_admin(person_id):
            yield ("chat_administrators", chat.id)
        yield ("chat", chat.id)
        if chat.is_admin(person_id):
            yield ("all_chat_administrators",)
        yield ("all_group_chats",)
    yield ("default",)
