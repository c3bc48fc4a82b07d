"""What does the bot say about itself? Its name, its descriptions, its menus of commands.

Source: https://core.telegram.org/bots/api#determining-list-of-commands
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import BOOL, CHAT, INT, STR, only_fields
from bot_playground.state.chats import Chat

_LIMITS = {"name": 64, "description": 512, "short_description": 120}
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
    """Texts by (which, language) and menus by (scope, language); "" is every other language."""

    name: str
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menus: dict[tuple[Scope, str], list[Json]] = field(default_factory=dict)
    buttons: dict[int | None, Json] = field(default_factory=dict)

    def set_text(self, which: str, text: str, language: str) -> None:
        """Set the name, description or short_description; an empty one is taken away.

        Raises:
            RefusalError: if it is too long, or the language is none.
        """
        if len(text) > _LIMITS[which]:
            raise bad_request(f"{which} must not be longer than {_LIMITS[which]} characters")
        self.texts[which, checked_language(language)] = text

    def text(self, which: str, language: str) -> str:
        """Return the text that readers of a language see."""
        fallback = self.name if which == "name" else ""
        own = self.texts.get((which, language))
        return own or self.texts.get((which, "")) or fallback

    def menu(self, chat: Chat, person_id: int, language: str) -> list[Json]:
        """Return the commands that a person sees in a chat, the narrowest scope first."""
        for scope in _scopes_of(chat, person_id):
            for code in (language, ""):
                if menu := self.menus.get((scope, code)):
                    return menu
        return []


def checked_scope(scope: object) -> Scope:
    """Return the scope as a key.

    Raises:
        RefusalError: for an unknown kind of scope, or one without its chat or member.
    """
    if scope is None:
        return ("default",)
    fields = only_fields(scope, _SCOPE, what="BotCommandScope")
    kind = str(fields.get("type"))
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    missing = [name for name in _SCOPES[kind] if name not in fields]
    if missing:
        raise bad_request(f"can't parse BotCommandScope: Can't find field \"{missing[0]}\"")
    return (kind, *(fields[name] for name in _SCOPES[kind]))


def checked_language(language: str) -> str:
    """Return the code if it has two small letters or none; raise a refusal for any other."""
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return language


def checked_commands(commands: list[object]) -> list[Json]:
    """Return the menu.

    Raises:
        RefusalError: for more than 100 commands, a bad name or a bad description.
    """
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_command(command) for command in commands]


def _command(command: object) -> Json:
    fields = only_fields(command, _COMMAND, what="BotCommand")
    for name in ("command", "description"):
        if name not in fields:
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    # "/start" is accepted for "start".
    name = str(fields["command"]).strip().removeprefix("/")
    description = str(fields["description"]).strip()
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _scopes_of(chat: Chat, person_id: int) -> Iterator[Scope]:
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
