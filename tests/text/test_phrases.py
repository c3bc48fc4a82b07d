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
    united,
)
from bot.text.stemming import STOP_WORDS


def occurs(typed: str, title: str, summary: str = "") -> bool:
    phrase = parse_phrase(typed)
    assert phrase is not None
    return contains(story_text(title, summary), phrase)


@pytest.mark.parametrize(
    ("typed", "title"),
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
        ("93-тя бригада", "Бійці 93-ї бригади"),
        ("93 бригада", "Бійці 93‑ї бригади"),
        ("5-й канал", "Журналісти 5-го каналу"),
        ("Нью Йорк", "Дощ у Нью-Йорку"),
        ("Ивано-Франковск", "В Івано–Франківську дощ"),
        ("Камʼянець-Подільський", "У Кам`янці-Подільському"),
        ("Ґонґадзе", "Справа Гонгадзе"),
        ("Горбачев", "Музей Горбачёва"),
        ("Харкiв", "Тиша у Харкові"),
        ("Орбелман", "Слово Орбелмана"),
        ("гора", "Гори вкрив сніг"),
        ("школа", "Дев'ять шкіл"),
        ("писать", "Он пишет книгу"),
        ("біткойн", "Курс біткоїна"),
        ("биткоин", "Курс біткойна"),
        ("best", "The best of the year"),
        ("hope", "Hoping for rain"),
        ("pass", "The law passed"),
    ],
)
def test_a_word_is_found_in_any_form_and_a_name_in_any_spelling(typed: str, title: str) -> None:
    assert occurs(typed, title)


@pytest.mark.parametrize(
    ("typed", "title", "summary"),
    [
        ("Путін", "Питання без відповіді", ""),
        ("штучний інтелект", "Інтелект, зовсім не штучний", ""),
        ("штучний інтелект", "Сад був штучний", "Інтелект ні до чого"),
        ("спорт", "Spirit Airlines lands", ""),
        ("рим", "Мир настав", ""),
        ("Трамп", "Трамвай став", ""),
        ("bridge", "A fridge was sold", ""),
        ("treaty", "Patients treated", ""),
        ("дим", "У домі тепло", ""),
    ],
)
def test_a_phrase_is_not_found_in_a_text_that_only_looks_similar(
    typed: str, title: str, summary: str
) -> None:
    assert not occurs(typed, title, summary)


@pytest.mark.parametrize(
    "typed", ["", " ", "…", "і", "the", "🙂", "a" * (MAX_CHARS + 1), "a " * (MAX_WORDS + 1)]
)
def test_stop_words_and_long_texts_are_no_phrase(typed: str) -> None:
    assert parse_phrase(typed) is None


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("Зеленський", ("Зеленський",)),
        ("штучний  інтелект", ("штучний інтелект",)),
        ("«штучний інтелект» Усик", ("штучний інтелект", "Усик")),
        ('Усик, "штучний інтелект"; міст\nміст', ("штучний інтелект", "Усик", "міст")),
        ('"Усик', ('"Усик',)),
        (" , ;", ()),
    ],
)
def test_a_list_is_split_at_quotation_marks_and_commas(typed: str, parts: tuple[str, ...]) -> None:
    assert split_phrases(typed) == parts


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200))
def test_any_phrase_is_contained_in_its_own_text(typed: str, title: str, summary: str) -> None:
    phrase = parse_phrase(typed)
    if phrase is not None:
        assert contains(story_text(typed, summary), phrase)
        assert contains(story_text(title, typed), phrase)
        assert lookup_key(phrase.stems) in phrase.stems.split()


def test_stop_words_count_within_a_phrase() -> None:
    assert {"новий", "рік"} <= STOP_WORDS
    assert not occurs("війна в Україні", "Війна і Україна")
    assert occurs("війна в Україні", "Про війну в Україні")


def test_no_phrase_matches_across_two_articles() -> None:
    whole = united([story_text("Guns fall", ""), story_text("silent nights", "")])
    guns, across, nights = map(parse_phrase, ("fall", "fall silent", "silent nights"))
    assert guns
    assert across
    assert nights
    assert [contains(whole, phrase) for phrase in (guns, across, nights)] == [True, False, True]
