import pytest
from pydantic import ValidationError

from bot.i18n import speak
from bot.telegram.keyboards.menu import SendCommand, menu


def test_the_menu_has_what_most_people_look_for() -> None:
    labels = [button.text for row in menu(speak("en")).inline_keyboard for button in row]
    assert labels == ["📰 The newest", "🗂 Topics", "⚙️ Settings", "❓ Help"]


@pytest.mark.parametrize("data", ["send:", "send:/start", "send:stop now", "send:ABC"])
def test_only_a_name_can_be_sent(data: str) -> None:
    with pytest.raises(ValidationError):
        SendCommand.unpack(data)
