"""The command menu and the bot's own description, in each language, kept at Telegram."""

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


def commands(say: Translator) -> tuple[tuple[str, str], ...]:
    """Return each command with what it does, in the order of the menu."""
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
    """Return what only those who run the bot can do."""
    return (
        ("admin", say.plain("how the bot is doing")),
        ("broadcast", say.plain("as a reply: write that to all")),
    )


async def register(bot: Bot) -> None:
    """Give Telegram the menus and descriptions where they differ from what it has.

    These methods are strictly rate-limited, so that asking first is the polite way.
    """
    for code, say in [("", speak("en")), *((code, speak(code)) for code in LANGUAGES)]:
        await _register_commands(bot, code, say)
        await _register_descriptions(bot, code, say)


async def register_for_admins(bot: Bot, admins: Mapping[ChatId, Language]) -> None:
    """Give each of the chats a menu of its own, in its language, with what nobody else can do."""
    for chat_id, language in admins.items():
        say = speak(language)
        wanted = admin_commands(say) + commands(say)
        await _set(bot, wanted, scope=BotCommandScopeChat(chat_id=chat_id))


async def _register_commands(bot: Bot, code: str, say: Translator) -> None:
    for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllChatAdministrators()):
        await _set(bot, commands(say), scope=scope, code=code)


async def _set(
    bot: Bot, wanted: Sequence[tuple[str, str]], *, scope: BotCommandScopeUnion, code: str = ""
) -> None:
    known = await bot.get_my_commands(scope=scope, language_code=code)
    if [(it.command, it.description) for it in known] != list(wanted):
        menu = [BotCommand(command=name, description=what) for name, what in wanted]
        await bot.set_my_commands(menu, scope=scope, language_code=code)


async def _register_descriptions(bot: Bot, code: str, say: Translator) -> None:
    long = say.plain(
        "I read many newspapers for you: each story once, in a few sentences, with links worth"
        " reading next. Press START and tap your topics."
    )
    short = say.plain("News by topic: each story once, with links worth reading next.")
    if (await bot.get_my_description(language_code=code)).description != long:
        await bot.set_my_description(long, language_code=code)
    if (await bot.get_my_short_description(language_code=code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)
