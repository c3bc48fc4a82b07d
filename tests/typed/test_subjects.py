import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed.subjects import language_of, split_verb, subject_of


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("новини про мости", "мости"),
        ("новости о мостах, реках", "мостах, реках"),
        ("news about bridges", "bridges"),
        ("please, all the news about bridges, thank you!", "bridges"),
        ("усе, що стосується мостів, будь ласка", "мостів"),
        ("что случилось в Риге?", "Риге?"),
        ("the word “sale”", "“sale”"),
        ("“news about bridges”", "“news about bridges”"),
        ("«пожалуйста»", "«пожалуйста»"),
        ("#please bridges", "#please bridges"),
        ("word games", "word games"),
        ("news from Riga", "Riga"),
        ("from Riga", "from Riga"),
        ("news", "news"),
        ("news about", "news about"),
        ("please", "please"),
        (" мости ", "мости"),
        ("🙏", "🙏"),
        ("", ""),
    ],
)
def test_what_stands_around_a_subject_is_no_part_of_it(text: str, subject: str) -> None:
    assert subject_of(text) == subject


def test_only_verbs_of_the_given_kinds_are_dropped() -> None:
    assert subject_of("будь ласка, не показуй футбол", ["away"]) == "футбол"
    assert subject_of("I don't want to see football", ["away", "mute"]) == "football"
    assert subject_of("don't show me football", ["follow"]) == "don't show me football"
    assert subject_of("заглуши", ["mute"]) == "заглуши"


@pytest.mark.parametrize(
    ("text", "kind", "rest", "whole"),
    [
        ("Please mute football, thanks", "mute", "football", "mute football"),
        ("ПАУЗА на 2 години", "pause", "на 2 години", "ПАУЗА на 2 години"),
        ("следи за «Новой почтой»", "follow", "«Новой почтой»", "следи за «Новой почтой»"),
        ("mutе football", "mute", "football", "mutе football"),
        ("bridges", "", "bridges", "bridges"),
    ],
)
def test_the_verb_that_leads_a_sentence_is_split_off(
    text: str, kind: str, rest: str, whole: str
) -> None:
    kinds, *parts = split_verb(text)
    assert kind in kinds if kind else kinds == ()
    assert parts == [rest, whole]


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        ("українською|по-украински|Ukrainian please|говори українською", "uk"),
        ("російською|на русском|speak Russian", "ru"),
        ("English|англійська мова|переключи на английский", "en"),
        ("English breakfast|мова|", None),
    ],
)
def test_a_language_is_known_by_its_name(texts: str, language: str | None) -> None:
    assert {language_of(text) for text in texts.split("|")} == {language}


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    subject_of(text, ["away"])
    split_verb(text)
    language_of(text)
