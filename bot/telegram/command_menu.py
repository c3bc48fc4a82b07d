"""Command menus (setMyCommands) and descriptions of the bot at Telegram, in each language."""

from collections.abc import Mapping, Sequence

from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
)

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, ChatId, Language

# Those that end what others begin; their answers name them.
HIDDEN_COMMANDS = ("unfollow", "unmute", "remove")


def commands(say: Translator) -> tuple[tuple[str, str], ...]:
    """Return the commands and their descriptions, in the order of the menu."""
    return (
        ("start", say.plain("start, or start over")),
        ("topics", say.plain("choose your topics")),
        ("latest", say.plain("the newest stories")),
        ("search", say.plain("look for stories by words")),
        ("digest", say.plain("my digest, right now")),
        ("top", say.plain("what most newspapers tell today")),
        ("settings", say.plain("all settings in one place")),
        ("follow", say.plain("follow words, whatever their topic")),
        ("mute", say.plain("keep stories with certain words away")),
        ("sources", say.plain("choose newspapers")),
        ("add", say.plain("add a feed of your own")),
        ("saved", say.plain("the stories you saved")),
        ("why", say.plain("as a reply: why a story came")),
        ("language", say.plain("my language and the news languages")),
        ("when", say.plain("when news comes, and quiet hours")),
        ("here", say.plain("bring topics to this thread of a forum")),
        ("channel", say.plain("manage a channel from here")),
        ("pause", say.plain("quiet for a while")),
        ("resume", say.plain("news again")),
        ("help", say.plain("what you can tell me")),
        ("import", say.plain("take over feeds from another reader")),
        ("export", say.plain("all that I know of this chat, as a file")),
        ("privacy", say.plain("what I know about you")),
        ("stop", say.plain("delete everything about this chat")),
    )


def admin_commands(say: Translator) -> tuple[tuple[str, str], ...]:
    """Return the commands that only admins have, and their descriptions."""
    return (
        ("admin", say.plain("how the bot is doing")),
        ("broadcast", say.plain("as a reply: write that to all")),
    )


async def register(bot: Bot) -> None:
    """Set the menus and descriptions that differ from Telegram's.

    They are compared first, because the methods that set them are strictly rate-limited.
    """
    for code, say in [("", speak("en")), *((code, speak(code)) for code in LANGUAGES)]:
        for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllChatAdministrators()):
            await _set_commands(bot, commands(say), scope=scope, code=code)
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
        await _set_commands(bot, admin_commands(say) + commands(say), scope=scope)


async def _set_commands(
    bot: Bot, wanted: Sequence[tuple[str, str]], *, scope: BotCommandScopeUnion, code: str = ""
) -> None:
    current = await bot.get_my_commands(scope=scope, language_code=code)
    if [(command.command, command.description) for command in current] != list(wanted):
        menu = [BotCommand(command=name, description=text) for name, text in wanted]
        await bot.set_my_commands(menu, scope=scope, language_code=code)
