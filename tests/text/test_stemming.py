import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.stemming import MAX_CHARS, MAX_WORD_CHARS, snowball_stems, stem, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Парламент УХВАЛИВ бюджет!", ("парламент", "ухвалив", "бюджет")),
        ("пʼять п’ять п'ять", ("п'ять",) * 3),
        ("F-16 і COVID-19, С-300", ("f16", "і", "covid", "19", "с300")),
        ("19-летний призёр", ("19", "летний", "призёр")),
        ("Порт-Еллін", ("порт", "еллін")),
        ("топ-менеджер і топменеджер", ("топ", "менеджер", "і", "топ", "менеджер")),
        ("Експрезидент, эксминистр", ("екс", "президент", "экс", "министр")),
        ("віцепрем’єр, вебсайти", ("віце", "прем'єр", "веб", "сайти")),
        ("Пресслужба, пресслужба", ("прес", "служба", "прес", "служба")),
        ("топонім, експорт, эксперты, Вебера", ("топонім", "експорт", "эксперты", "вебера")),
        ("опера\u0301 ман\u00adна", ("опера", "манна")),
        ("и\u0306од", ("йод",)),
        ("2:1, 4,2 млрд", ("2", "1", "4", "2", "млрд")),
        ("a\x00b \ud800 c_d", ("a", "b", "c", "d")),
        ("«» — …", ()),
    ],
)
def test_text_is_split_into_the_words_a_reader_sees(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected


def test_text_beyond_the_limit_is_not_read() -> None:
    assert words("а " * MAX_CHARS) == ("а",) * (MAX_CHARS // 2)
    assert words("б" * (MAX_WORD_CHARS + 1) + " слово") == ("слово",)


@pytest.mark.parametrize(
    "forms",
    [
        "війна війни війну війною война войны войной",
        "Київ Києва Києві Києвом Киев Киева Киеве",
        "Харків Харкова Харкові Харьков Харькова Харьковом",
        "Україна України Україні Україною Украина Украины Украину",
        "Зеленський Зеленського Зеленському Зеленский Зеленским",
        "Росія Росії Росією Россия России Россией",
        "українська української украинская украинской",
        "президент президентові президента президентом",
        "солдати солдатів солдатам солдаты солдатами",
        "спортивні спортивних спортивный спортивного",
        "election elections",
        "bank banks banking",
        "Ukraine Ukraine's",
        "2026",
    ],
)
def test_the_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(word) for word in words(forms)}) == 1


@pytest.mark.parametrize(
    "forms",
    [
        "Орбелман Орбелмана Орбелманом",
        "Трубежит Трубежита Трубежите",
        "Гавринець Гавринця Гавринцем",
        "Ковтаєць Ковтайця",
        "Бурмистів Бурмистова Бурмистовим Бурмистов",
        "Ґрамлинський Грамлинского Грамлинской",
        "Тремпавія Тремпавії Тремпавією Тремпавия Тремпавией",
        "недоткливість недоткливості",
        "шурхотітиме шурхотіти",
        "шурхотітиметься шурхотітися",
    ],
)
def test_the_forms_of_a_word_that_no_dictionary_has_share_a_stem(forms: str) -> None:
    assert len({stem(word) for word in words(forms)}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("часть", "частый"),
        ("страна", "странный"),
        ("місце", "місцевий"),
        ("створення", "створений"),
        ("самый", "сам"),
        ("большой", "больший"),
        ("говорит", "говорится"),
        ("національний", "нація"),
        ("nation", "national"),
        ("different", "difference"),
        ("report", "reporter"),
        ("import", "important"),
        ("путь", "путин"),
        ("мир", "мэр"),
        ("війна", "вітер"),
        ("2025", "2026"),
        ("war", "warm"),
    ],
)
def test_different_words_have_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_stems_leave_out_stop_words() -> None:
    assert snowball_stems("Президент заявив, що та і the of и в бюджет") == ("президент", "бюджет")


@given(st.text())
def test_a_stem_is_one_word_of_letters_and_digits(text: str) -> None:
    for form in snowball_stems(text):
        assert form.isalnum()
