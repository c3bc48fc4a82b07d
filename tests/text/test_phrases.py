import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.phrases import (
    MAX_CHARS,
    MAX_WORDS,
    contains,
    lookup_key,
    parse_phrase,
    split_phrases,
    story_text,
)
from bot.text.stemming import STOP_WORDS


def stands(said: str, title: str, summary: str = "") -> bool:
    phrase = parse_phrase(said)
    assert phrase is not None
    return contains(story_text(title, summary), phrase)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Зеленський", "В Париже ждут Зеленского"),
        ("Зеленський", "Із Зеленським говорили годину"),
        ("Зеленський", "Zelensky met the press"),
        ("Zelensky", "Зеленський зустрівся з пресою"),
        ("зеленський", "Зеленский прибыл"),
        ("Володимир Зеленський", "Владимир Зеленский прибыл"),
        ("Олександр Усик", "Александр Усик защитил титул"),
        ("Усик", "Бой Усика перенесли"),
        ("Дніпро", "У Дніпрі відкрили міст"),
        ("Дніпро", "Пожар в Днепре"),
        ("Дніпро", "Вода Днепра поднялась"),
        ("Київ", "Пожар в Киеве"),
        ("Львів", "Трамвай у Львові"),
        ("Львів", "Во Львове открыли мост"),
        ("Ірпінь", "Жители Ирпеня"),
        ("Ірпінь", "Мешканці Ірпеня"),
        ("Харків", "Метро Харькова"),
        ("Чернігів", "Мост в Чернигове"),
        ("Трамп", "Trump is back"),
        ("футбол", "Новини футболу"),
        ("футбол", "Сборная по футболу"),
        ("штучний інтелект", "Про штучного інтелекту закон"),
        ("F-16", "Two F‑16 landed"),
        ("bridge", "Bridges of the county"),
        ("Новий рік", "Новий рік настав"),
        ("COVID-19", "The end of covid-19"),
    ],
)
def test_a_word_is_found_in_any_form_and_a_name_in_any_spelling(said: str, title: str) -> None:
    assert stands(said, title)


@pytest.mark.parametrize(
    ("said", "title", "summary"),
    [
        ("Путін", "Питання без відповіді", ""),
        ("штучний інтелект", "Інтелект, зовсім не штучний", ""),
        ("штучний інтелект", "Сад був штучний", "Інтелект ні до чого"),
        ("спорт", "Spirit Airlines lands", ""),
        ("рим", "Мир настав", ""),
        ("Трамп", "Трамвай став", ""),
        ("bridge", "A fridge was sold", ""),
    ],
)
def test_what_only_looks_alike_is_not_found(said: str, title: str, summary: str) -> None:
    assert not stands(said, title, summary)


@pytest.mark.parametrize(
    "said", ["", " ", "…", "і", "the", "🙂", "a" * (MAX_CHARS + 1), "a " * (MAX_WORDS + 1)]
)
def test_what_says_nothing_or_too_much_is_no_phrase(said: str) -> None:
    assert parse_phrase(said) is None


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("Зеленський", ("Зеленський",)),
        ("штучний  інтелект", ("штучний інтелект",)),
        ("«штучний інтелект» Усик", ("штучний інтелект", "Усик")),
        ('Усик, "штучний інтелект"; міст\nміст', ("штучний інтелект", "Усик", "міст")),
        ('"Усик', ('"Усик',)),
        (" , ;", ()),
    ],
)
def test_parts_are_named_in_quotation_marks_or_between_commas(
    said: str, parts: tuple[str, ...]
) -> None:
    assert split_phrases(said) == parts


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200))
def test_whatever_is_said_is_a_phrase_that_its_own_text_holds_or_none(
    said: str, title: str, summary: str
) -> None:
    phrase = parse_phrase(said)
    if phrase is not None:
        assert contains(story_text(said, summary), phrase)
        assert contains(story_text(title, said), phrase)
        assert lookup_key(phrase.stems) in phrase.stems.split()


def test_function_words_are_words_within_a_phrase() -> None:
    assert {"новий", "рік"} <= STOP_WORDS
    assert not stands("війна в Україні", "Війна і Україна")
    assert stands("війна в Україні", "Про війну в Україні")
