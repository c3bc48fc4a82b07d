from dataclasses import replace

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language, Phrase, PhraseId, TopicSlug, Word
from bot.story_filter import Reason
from bot.telegram.keyboards.story_why_keyboards import NAMES, named_in, turn_away
from tests.builders import TOPICS, WAR, story

WORD = Word(said="W" * 60, phrase=Phrase(stems=" w "), id=PhraseId(2**53))
BECAUSE = Reason(topics=(WAR, TopicSlug("gone")), words=(WORD,), own_feed=False)
LONG = replace(story("Then Ann met Bob, Cat and Dee", story_id=2**53), source="S" * 300)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("its", [None, BECAUSE, replace(BECAUSE, own_feed=True)])
def test_each_button_says_something_and_fits_what_telegram_takes_back(
    language: Language, its: Reason | None
) -> None:
    for row in turn_away(LONG, its, TOPICS, speak(language)).inline_keyboard:
        for it in row:
            assert it.text.strip()
            assert len(it.text) < 64
            assert len((it.callback_data or "").encode()) <= 64


def test_a_few_names_of_the_headline_can_be_muted() -> None:
    assert named_in(LONG) == ("ann", "bob", "cat")
    assert len(named_in(LONG)) == NAMES
