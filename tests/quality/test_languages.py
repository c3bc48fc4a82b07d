import pytest

from bot.model import LANGUAGES
from quality.foreign import SENTENCES
from quality.languages import share


@pytest.mark.parametrize("language", SENTENCES)
def test_a_foreign_sentence_is_in_none_of_our_languages(language: str) -> None:
    assert {share(SENTENCES[language], "other", prior=prior) for prior in LANGUAGES} == {100}


def test_the_share_is_in_percent() -> None:
    texts = ("У Дніпрогаї відкрили міст", "The new bridge is open to everyone")
    assert share(texts, "uk", prior="ru") == 50
