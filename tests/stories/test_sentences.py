import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.sentences import broken_quotations, depends_on_context, split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["Міст відкрили.", "Рух почався."],
        ["Це м. Дніпрогай на вул. Липовій.", "Тут живе В. О. Гринчак."],
        ["Mr. Hald met Dr. Moren on Sept. 22.", "They talked."],
        ["Цена выросла до 3 млн. долл. США.", "Почему?", "Никто не знает!"],
        ["«Так!» – сказав він.", "«Ні.»", "— Чому?"],
        ["Рост составил 3.5 процента.", "2026 год будет лучше."],
        ["Паром вышел в море…", "Он не вернулся."],
        ["Підозра за ч. 1 ст. 111 Кодексу.", "Суд триває."],
        ["The U.S. Senate voted.", "It passed."],
        ["Він сказав: це кінець... так і сталося."],
        ["Без крапки"],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(sentences: list[str]) -> None:
    assert list(split_sentences(" ".join(sentences))) == sentences


def test_a_line_ends_its_sentence_too() -> None:
    assert split_sentences("Subtitle without a stop\n\n The first sentence. \n") == (
        "Subtitle without a stop",
        "The first sentence.",
    )


@given(st.text())
def test_nothing_is_lost_but_space(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_a_stop_after_an_opening_quote_ends_a_sentence() -> None:
    assert split_sentences('He shouted ". Then silence') == ('He shouted ".', "Then silence")


def test_a_line_of_dots_is_one_sentence() -> None:
    assert split_sentences("." * 10_000) == ("." * 10_000,)


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("Міст відкрили. «Так», сказав він. Рух почався.", "..."),
        ("Він сказав: «Міст відкрили. Рух почався». Кінець.", "xx."),
        ('"One. Two. Three," he said. End.', "xxx."),
        ("“One. Two,” he said. End.", "xx."),
        ("«Міст відкрили. Рух почався. Кінець.", "x.."),
        ("Міст відкрили. Рух почався». Кінець.", ".x."),
        ("Рада «Дніпра» за. Газета «Маяк «Взморья»» за. Кінець.", "..."),
        ("«Одне. Він сказав «так» і пішов. Кінець.", "x.."),
        ('Висота 12" рівно. Кінець.', "x."),
        ("", ""),
    ],
)
def test_a_part_of_a_quotation_is_broken_and_a_whole_one_is_not(text: str, broken: str) -> None:
    assert "".join(".x"[each] for each in broken_quotations(split_sentences(text))) == broken


@given(st.lists(st.text('ab.«»"“” ')))
def test_every_sentence_has_an_answer(sentences: list[str]) -> None:
    assert len(broken_quotations(sentences)) == len(sentences)


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
def test_a_sentence_that_refers_to_the_one_before_depends_on_context(sentence: str) -> None:
    assert depends_on_context(sentence)


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
def test_a_self_contained_sentence_does_not(sentence: str) -> None:
    assert not depends_on_context(sentence)


@given(st.text())
def test_only_the_beginning_decides(text: str) -> None:
    assert not depends_on_context(f"Міст у Дніпрогаї відкрили вчора зранку, {text}")
