"""Command menus (setMyCommands) and descriptions of the bot at Telegram, in each language."""

import logging
from collections.abc import Iterator, Mapping, Sequence

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
)

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, ChatId, Language

log = logging.getLogger(__name__)

Commands = tuple[tuple[str, str], ...]

# What the menu of a private chat offers, and that of a group; all others stand in /help.
_PRIVATE_MENU = ("topics", "latest", "search", "digest", "saved", "settings", "help")
_GROUP_MENU = ("topics", "latest", "search", "digest", "here", "settings", "help")
# What means nothing in the other kind of chat.
_PRIVATE_ONLY = frozenset({"saved", "channel"})
_GROUP_ONLY = frozenset({"here"})


def subjects(say: Translator) -> tuple[tuple[str, Commands], ...]:
    """Return the commands and their descriptions by subject, as /help lists them."""
    return (
        (
            say.plain("Reading"),
            (
                ("latest", say.plain("the newest stories")),
                ("search", say.plain("look for stories by words")),
                ("digest", say.plain("my digest, right now")),
                ("best", say.plain("the most covered stories of the day")),
                ("saved", say.plain("the stories you saved")),
                ("why", say.plain("as a reply: why a story came")),
            ),
        ),
        (
            say.plain("What comes"),
            (
                ("topics", say.plain("choose your topics")),
                ("follow", say.plain("follow a word in any topic")),
                ("unfollow", say.plain("stop following a word")),
                ("mute", say.plain("hide stories with a word")),
                ("unmute", say.plain("show stories with a word again")),
                ("sources", say.plain("choose sources")),
                ("add", say.plain("add a feed of your own")),
                ("remove", say.plain("remove a feed of your own")),
                ("import", say.plain("import feeds (OPML)")),
            ),
        ),
        (
            say.plain("When and where"),
            (
                ("when", say.plain("when news comes, and quiet hours")),
                ("pause", say.plain("pause the news")),
                ("resume", say.plain("resume the news")),
                ("here", say.plain("send topics to this forum thread")),
                ("channel", say.plain("manage a channel from here")),
            ),
        ),
        (
            say.plain("This chat"),
            (
                ("settings", say.plain("all settings in one place")),
                ("language", say.plain("bot language and news languages")),
                ("start", say.plain("start, or start over")),
                ("help", say.plain("all commands")),
                ("export", say.plain("everything stored about this chat, as a file")),
                ("privacy", say.plain("what I know about you")),
                ("stop", say.plain("delete everything about this chat")),
            ),
        ),
    )


def commands(say: Translator) -> Commands:
    """Return all commands of everybody and their descriptions."""
    return tuple(command for _, listed in subjects(say) for command in listed)


def help_lines(say: Translator, *, is_private: bool) -> Iterator[str]:
    """Yield a paragraph for each subject, with the commands that mean something in the chat."""
    foreign = _GROUP_ONLY if is_private else _PRIVATE_ONLY
    for subject, listed in subjects(say):
        lines = [f"/{name} — {what}" for name, what in listed if name not in foreign]
        yield "\n".join([f"<b>{subject}</b>", *lines])


def menu(say: Translator, *, is_private: bool) -> Commands:
    """Return the commands of Telegram's menu button, in its order."""
    described = dict(commands(say))
    return tuple((name, described[name]) for name in (_PRIVATE_MENU if is_private else _GROUP_MENU))


def admin_commands(say: Translator) -> Commands:
    """Return the commands that only admins have, and their descriptions."""
    return (
        ("admin", say.plain("how the bot is doing")),
        ("broadcast", say.plain("as a reply: send it to all")),
    )


async def try_to_register(bot: Bot, admins: Mapping[ChatId, Language]) -> None:
    """Register all menus; a failure is logged, and the next start tries again."""
    try:
        await register(bot)
        await register_for_admins(bot, admins)
    except TelegramAPIError as error:
        log.warning("the command menus could not be registered: %s", error.message)


async def register(bot: Bot) -> None:
    """Set the menus and descriptions that differ from Telegram's.

    They are compared first, because the methods that set them are strictly rate-limited.
    """
    for code, say in [("", speak("en")), *((code, speak(code)) for code in LANGUAGES)]:
        in_private, in_group = (menu(say, is_private=is_private) for is_private in (True, False))
        await _set_commands(bot, in_private, scope=BotCommandScopeAllPrivateChats(), code=code)
        await _set_commands(bot, in_group, scope=BotCommandScopeAllChatAdministrators(), code=code)
        long = say.plain(
            "I read many newspapers for you: each story once, in a few sentences, with links worth"
            " reading next. Press START and tap your topics."
        )
        short = say.plain("News by topic: each story once, with links worth reading next.")
        if (await bot.get_my_description(language_code=code)).description != long:
            await bot.set_my_description(long, language_code=code)
        if (await bot.get_my_short_description(language_code=code)).short_description != short:
            await bot.set_my_short_description(short, language_code=code)


async def register_for_admins(bot: Bot, admins: Mapping[ChatId, Language]) -> None:
    """Set a menu with the admin commands in each of the chats, in its language."""
    for chat_id, language in admins.items():
        say = speak(language)
        scope = BotCommandScopeChat(chat_id=chat_id)
        await _set_commands(bot, admin_commands(say) + menu(say, is_private=True), scope=scope)


async def _set_commands(
    bot: Bot, wanted: Sequence[tuple[str, str]], *, scope: BotCommandScopeUnion, code: str = ""
) -> None:
    current = await bot.get_my_commands(scope=scope, language_code=code)
    if [(command.command, command.description) for command in current] != list(wanted):
        menu = [BotCommand(command=name, description=text) for name, text in wanted]
        await bot.set_my_commands(menu, scope=scope, language_code=code)
