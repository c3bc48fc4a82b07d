import pytest
from aiogram import Bot, Dispatcher
from aiogram.filters import Command

from bot.i18n import speak
from bot.model import LANGUAGES, ChatId, Language
from bot.telegram import command_menu
from bot_playground.fake_telegram import FakeTelegram
from tests.telegram.conftest import Conversation


async def test_each_person_sees_the_menu_in_his_language(bot: Bot, telegram: FakeTelegram) -> None:
    await command_menu.register(bot)
    for code, first in (("uk", "обрати"), ("ru", "выбрать"), ("en", "choose"), ("pt", "choose")):
        commands = telegram.commands(telegram.person("Ann", language=code))
        assert [command["command"] for command in commands] == [
            "topics", "latest", "search", "digest", "saved", "settings", "help",
        ]  # fmt: skip
        assert str(commands[0]["description"]).startswith(first)


async def test_a_menu_that_telegram_has_is_not_set_again(bot: Bot, telegram: FakeTelegram) -> None:
    await command_menu.register(bot)
    calls = len([call for call in telegram.call_log.calls if call.method.startswith("set")])
    await command_menu.register(bot)
    assert len([call for call in telegram.call_log.calls if call.method.startswith("set")]) == calls


def test_every_command_is_described_in_every_language() -> None:
    described = [dict(command_menu.commands(speak(language))) for language in ("uk", "ru", "en")]
    assert described[0].keys() == described[1].keys() == described[2].keys()
    assert all(len(set(texts)) == 3 for texts in zip(*(d.values() for d in described), strict=True))


async def test_only_admins_see_their_commands_and_all_others_too(
    bot: Bot, telegram: FakeTelegram
) -> None:
    ann, ada = (telegram.person(name, language="uk") for name in ("Ann", "Ada"))
    for person in (ann, ada):
        telegram.say(person, "/start")
    await command_menu.register(bot)
    for _ in range(2):
        await command_menu.register_for_admins(bot, {ChatId(ada.id): "uk"})
    names = [str(command["command"]) for command in telegram.commands(ada)]
    assert names[:3] == ["admin", "broadcast", "topics"]
    assert "admin" not in {command["command"] for command in telegram.commands(ann)}
    sets = [call for call in telegram.calls("setMyCommands") if str(ada.id) in str(call.parameters)]
    assert len(sets) == 1


def commands_of(dispatcher: Dispatcher) -> set[str]:
    """Return the names of all commands that some handler of messages takes."""
    return {
        str(name)
        for router in dispatcher.chain_tail
        for handler in router.message.handlers
        for each in handler.filters or ()
        if isinstance(each.callback, Command)
        for name in each.callback.commands
    }


async def test_help_lists_every_command_once_and_none_is_the_beginning_of_another(
    conversation: Conversation,
) -> None:
    listed = [name for name, _ in command_menu.commands(speak("en"))]
    admins = [name for name, _ in command_menu.admin_commands(speak("en"))]
    assert len(listed) == len(set(listed))
    # /top is the former name of /best.
    assert commands_of(conversation.dispatcher) - {"top"} == {*listed, *admins}
    every = [*listed, *admins]
    assert not [(a, b) for a in every for b in every if a != b and b.startswith(a)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_menu_and_the_help_depend_on_the_kind_of_chat(
    conversation: Conversation, language: Language
) -> None:
    say = speak(language)
    assert dict(command_menu.menu(say, is_private=False)).keys() == {
        "topics", "latest", "search", "digest", "here", "settings", "help",
    }  # fmt: skip
    ann = conversation.telegram.person("Ann", language=language)
    group = conversation.telegram.group("Town", admins=[ann])
    in_private = await conversation.say(ann, "/help")
    in_group = await conversation.say(ann, "/help", chat=group)
    assert in_private is not None
    assert in_group is not None
    assert "/saved" in in_private.text
    assert "/here" not in in_private.text
    assert "/saved" not in in_group.text
    assert "/here" in in_group.text
