from aiogram import Bot

from bot.i18n import speak
from bot.model import ChatId
from bot.telegram import command_menu
from bot_playground.fake_telegram import FakeTelegram


async def test_each_person_sees_the_menu_in_his_language(bot: Bot, telegram: FakeTelegram) -> None:
    await command_menu.register(bot)
    for code, first in (("uk", "почати"), ("ru", "начать"), ("en", "start"), ("pt", "start")):
        commands = telegram.commands(telegram.person("Ann", language=code))
        assert [command["command"] for command in commands][:3] == ["start", "topics", "latest"]
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
    assert names[:3] == ["admin", "broadcast", "start"]
    assert "admin" not in {command["command"] for command in telegram.commands(ann)}
    sets = [call for call in telegram.calls("setMyCommands") if str(ada.id) in str(call.parameters)]
    assert len(sets) == 1
