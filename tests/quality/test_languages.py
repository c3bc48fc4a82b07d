import pytest

from bot.model import LANGUAGES
from quality.foreign import SENTENCES
from quality.languages import longest_unmarked_run, share


@pytest.mark.parametrize("language", SENTENCES)
def test_a_foreign_sentence_is_in_none_of_our_languages(language: str) -> None:
    assert {share(SENTENCES[language], "other", prior=prior) for prior in LANGUAGES} == {100}


def test_the_share_is_in_percent() -> None:
    texts = ("У Дніпрогаї відкрили міст", "The new bridge is open to everyone")
    assert share(texts, "uk", prior="ru") == 50


def test_the_longest_run_of_words_without_letters_of_one_language_is_measured() -> None:
    sentence = "Її слова про новий завод чули всі, але завод стоїть"
    assert longest_unmarked_run(sentence) == "слова про новий завод чули"
    assert not longest_unmarked_run("Це є новий завод")
