import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language, Phrase, PhraseId, TopicSlug, Word
from bot.telegram.keyboards.words import PAGE_SIZE, label, word_list, word_page
from tests.support.builders import SPORT, TOPICS

WORDS = [
    Word(
        text="W" * 60,
        phrase=Phrase(stems=f" {number} "),
        muted=True,
        topic=SPORT,
        id=PhraseId(2**53 + number),
    )
    for number in range(100)
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("skipped", [0, 8, 96, 100, 999])
def test_each_button_has_a_label_and_callback_data_within_64_bytes(
    language: Language, skipped: int
) -> None:
    say = speak(language)
    for keyboard in (word_list(WORDS, skipped, TOPICS, say), word_page(WORDS[0], TOPICS, say)):
        for row in keyboard.inline_keyboard:
            for button in row:
                assert button.text.strip()
                assert len((button.callback_data or "").encode()) <= 64
                assert len(button.text) <= 64 + len(" · Спорт")


def test_a_page_beyond_the_end_is_the_first_one() -> None:
    rows = word_list(WORDS[:3], PAGE_SIZE, TOPICS, speak("en")).inline_keyboard
    assert len(rows) == 3 + 2


def test_a_topic_that_no_longer_exists_is_not_named() -> None:
    word = Word(text="tram", phrase=Phrase(stems=" tram "), topic=TopicSlug("gone"))
    assert label(word, TOPICS, speak("en")) == "🔔 tram"
