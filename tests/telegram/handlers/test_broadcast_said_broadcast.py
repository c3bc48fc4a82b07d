from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language
from bot.storage.outbox.broadcasts import Audience
from bot.telegram.handlers.broadcast_said_broadcast import audience_name, progress

AUDIENCES: tuple[Audience, ...] = get_args(Audience)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_audience_has_a_name_of_its_own(language: Language) -> None:
    names = {audience_name(it, speak(language)) for it in AUDIENCES}
    assert len(names) == len(AUDIENCES)


@pytest.mark.parametrize(
    ("states", "is_stopped", "heading"),
    [
        ({"sent": 3, "sending": 1}, False, "📣 <b>On its way.</b>"),
        ({"sent": 3, "pending": 1}, False, "📣 <b>On its way.</b>"),
        ({"sent": 3}, False, "✅ <b>Everybody has it.</b>"),
        ({"sent": 3, "sending": 1}, True, "⏹ <b>Stopped.</b>"),
    ],
)
def test_the_heading_says_whether_it_goes_on(
    states: dict[str, int], is_stopped: bool, heading: str
) -> None:
    text = progress(states, speak("en"), is_stopped=is_stopped)
    assert text.startswith(heading)


def test_all_states_are_counted() -> None:
    states = {"sent": 1200, "sending": 1, "pending": 2, "gone": 4, "rejected": 5}
    text = progress(states, speak("en"), is_stopped=False)
    assert text.endswith("Sent: 1,200\nWaiting: 3\nCannot be written to: 4\nRefused: 5")
