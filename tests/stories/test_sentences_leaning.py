import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.sentences_leaning import leans


@pytest.mark.parametrize(
    "sentence",
    [
        "Он также сообщил о ремонте моста.",
        "По его словам, мост откроют весной.",
        "За її словами, міст відкриють навесні.",
        "Також у місті ремонтують набережну.",
        "Это решение принял городской совет.",
        "По темпам роста этого показателя область вторая.",
        "При этом движение не остановили.",
        "«Він готовий», сказали в мерії.",
        "However, the bridge stays closed.",
        "In this case the council pays.",
    ],
)
def test_a_sentence_about_what_was_named_before_leans(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "По",
        "Мэр Приречья сообщил, что он доволен.",
        "На этой неделе мост откроют.",
        "Цього тижня міст відкриють.",
        "This week the bridge opens.",
        "В Приречье открыли мост.",
        "The council said it would pay.",
    ],
)
def test_a_sentence_that_stands_alone_does_not(sentence: str) -> None:
    assert not leans(sentence)


@given(st.text())
def test_only_the_beginning_decides(text: str) -> None:
    assert not leans(f"Міст у Дніпрогаї відкрили вчора зранку, {text}")
