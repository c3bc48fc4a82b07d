import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language
from bot.telegram.keyboards.topics import thread_topics, topic_choice
from tests.support.builders import TOPICS, WAR


@pytest.mark.parametrize("language", LANGUAGES)
def test_callback_data_keeps_to_telegrams_limit_of_64_bytes(language: Language) -> None:
    say = speak(language)
    for keyboard in (topic_choice(TOPICS, [WAR], say), thread_topics(TOPICS, [WAR], say)):
        for row in keyboard.inline_keyboard:
            for button in row:
                assert button.callback_data is not None
                assert 1 <= len(button.callback_data.encode()) <= 64


def test_topics_stand_two_in_a_row_for_a_phone() -> None:
    rows = topic_choice(TOPICS, [], speak("en")).inline_keyboard
    assert [len(row) for row in rows] == [2] * 6 + [1, 1, 1, 1]


def test_callback_data_names_the_state_wanted_not_a_change() -> None:
    rows = topic_choice(TOPICS, [WAR], speak("en")).inline_keyboard
    assert rows[0][0].callback_data == "topic:war:0"
    assert rows[0][1].callback_data == "topic:politics:1"
