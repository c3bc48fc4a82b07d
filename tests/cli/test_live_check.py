import pytest
from click.testing import CliRunner

from bot.cli.live_check import check_live
from bot.cli.main import main
from bot.settings import Settings, read_settings
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.fakes import TOKEN

KINDS = [
    "plain text",
    "a story",
    "a story with a preview",
    "a story with buttons",
    "a bundle of 20 stories",
    "a reply with a quote",
    "an edit",
]

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture
def admin(live_telegram: FakeTelegram) -> Person:
    return live_telegram.person("Ada", language="en")


@pytest.fixture
def operator(live_telegram: FakeTelegram, admin: Person) -> Settings:
    return read_settings(bot_token=TOKEN, telegram_api=live_telegram.url, admins=str(admin.id))


async def findings(settings: Settings) -> list[tuple[bool | None, str]]:
    return [(each.ok, each.words) for each in await check_live(settings, gap_seconds=0)]


async def test_each_kind_of_message_is_accepted_and_none_is_left(
    live_telegram: FakeTelegram, admin: Person, operator: Settings
) -> None:
    live_telegram.say(admin, "/start")
    assert await findings(operator) == [(True, f"{kind}: accepted") for kind in KINDS]
    assert live_telegram.messages(admin, of_bot=True) == []


async def test_what_telegram_refuses_is_named_in_its_words_and_the_others_are_tried(
    live_telegram: FakeTelegram, admin: Person, operator: Settings
) -> None:
    live_telegram.say(admin, "/start")
    live_telegram.inject_fault(Fault(kind=FaultKind.REFUSAL, method="sendMessage", times=1))
    first, *others = await findings(operator)
    assert not first[0]
    assert first[1].startswith("plain text: ")
    assert [ok for ok, _ in others] == [True] * (len(KINDS) - 1)
    assert live_telegram.messages(admin, of_bot=True) == []


async def test_an_admin_who_never_wrote_to_the_bot_is_told_to(operator: Settings) -> None:
    ((ok, words),) = await findings(operator)
    assert not ok
    assert words.endswith("; write /start to the bot first")


async def test_without_an_admin_nothing_is_sent(live_telegram: FakeTelegram) -> None:
    settings = read_settings(bot_token=TOKEN, telegram_api=live_telegram.url)
    ((ok, words),) = await findings(settings)
    assert not ok
    assert "ADMINS" in words
    assert live_telegram.calls("sendMessage") == []


def test_offline_and_live_cannot_both_be() -> None:
    result = CliRunner().invoke(main, ["check", "--offline", "--live"])
    assert result.exit_code == 2
    assert "choose one" in result.output
