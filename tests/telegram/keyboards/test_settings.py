import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, ChatId, Language, Subscriber
from bot.telegram.keyboards import settings
from tests.support.builders import WAR


@pytest.mark.parametrize("language", LANGUAGES)
def test_callback_data_keeps_to_telegrams_limit_of_64_bytes(language: Language) -> None:
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
        settings.settings_keyboard(say),
        settings.language_choice(ann, say),
        settings.picture_choice("important", say),
        settings.confirm_deletion(say),
        settings.resume(say),
    ):
        for row in keyboard.inline_keyboard:
            for button in row:
                assert button.callback_data is not None
                assert 1 <= len(button.callback_data.encode()) <= 64
