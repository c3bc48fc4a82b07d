import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language, Phrase, PhraseId, TopicSlug, Word
from bot.telegram.keyboards.words import LISTED, label, word_list, word_page
from tests.support.builders import SPORT, TOPICS

WORDS = [
    Word(
        said="W" * 60,
        phrase=Phrase(stems=f" {number} "),
        muted=True,
        topic=SPORT,
        id=PhraseId(2**53 + number),
    )
    for number in range(100)
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("skipped", [0, 8, 96, 100, 999])
def test_each_button_says_something_and_fits_what_telegram_takes_back(
    language: Language, skipped: int
) -> None:
    say = speak(language)
    for keyboard in (word_list(WORDS, skipped, TOPICS, say), word_page(WORDS[0], TOPICS, say)):
        for row in keyboard.inline_keyboard:
            for it in row:
                assert it.text.strip()
                assert len((it.callback_data or "").encode()) <= 64
                assert len(it.text) <= 64 + len(" · Спорт")


def test_a_page_beyond_the_end_is_the_first_one() -> None:
    rows = word_list(WORDS[:3], LISTED, TOPICS, speak("en")).inline_keyboard
    assert len(rows) == 3 + 1


def test_a_topic_that_is_no_more_is_not_named() -> None:
    word = Word(said="tram", phrase=Phrase(stems=" tram "), topic=TopicSlug("gone"))
    assert label(word, TOPICS, speak("en")) == "🔔 tram"
