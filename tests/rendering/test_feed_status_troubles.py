from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language, Trouble
from bot.rendering.feed_status_troubles import trouble


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trouble_has_words_of_its_own(language: Language) -> None:
    said = [trouble(its, speak(language)) for its in get_args(Trouble)]
    assert len(set(said)) == len(said)
