import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, ChatId, Language, Subscriber
from bot.telegram.keyboards import common
from tests.support.builders import TOPICS, WAR


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_keeps_to_telegrams_limit_of_64_bytes(language: Language) -> None:
    say = speak(language)
    ann = Subscriber(
        chat_id=ChatId(1),
        kind="private",
        language=language,
        news_languages=frozenset({language}),
        topics=frozenset({WAR}),
        paused=False,
    )
    for keyboard in (
        common.topics(TOPICS, ann.topics, say),
        common.languages(ann, say),
        common.forget(say),
        common.resume(say),
    ):
        for row in keyboard.inline_keyboard:
            for button in row:
                assert button.callback_data is not None
                assert 1 <= len(button.callback_data.encode()) <= 64


def test_topics_stand_two_in_a_row_for_a_phone() -> None:
    rows = common.topics(TOPICS, [], speak("en")).inline_keyboard
    assert [len(row) for row in rows] == [2] * 6 + [1, 1, 1]


def test_a_press_names_the_state_it_wants_not_a_change() -> None:
    rows = common.topics(TOPICS, [WAR], speak("en")).inline_keyboard
    assert rows[0][0].callback_data == "topic:war:0"
    assert rows[0][1].callback_data == "topic:politics:1"
