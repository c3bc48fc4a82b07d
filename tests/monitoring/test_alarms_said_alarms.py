from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Alarm, Language
from bot.monitoring.alarms_said_alarms import cleared, raised
from tests.fakes import NOON
from tests.monitoring.test_alarms import FINE, flow, with_room

ALARMS: tuple[Alarm, ...] = get_args(Alarm)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("alarm", ALARMS)
def test_each_alarm_has_words_for_its_beginning_and_its_end(
    alarm: Alarm, language: Language
) -> None:
    say = speak(language)
    assert raised(alarm, FINE, say).startswith("🔴 <b>")
    assert cleared(alarm, FINE, say).startswith("🟢 ")


def test_they_say_how_bad_it_is() -> None:
    facts = replace(FINE, flow=flow(failing=20, hours=8), due_since=NOON - timedelta(minutes=17))
    assert "20 of 60" in raised("feeds", facts, speak("en"))
    assert "за 8 годин, хоча опитуються 60" in raised("silence", facts, speak("uk"))
    assert "уже 17 минут" in raised("late", facts, speak("ru"))
    assert "150 MB" in raised("disk", with_room(150), speak("en"))
    broken = replace(FINE, database_problem="<disk> is full")
    assert "&lt;disk&gt; is full" in raised("database", broken, speak("en"))
