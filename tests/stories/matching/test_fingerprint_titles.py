import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.matching.fingerprint_titles import title_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Парламент ухвалив бюджет на рік", "ПАРЛАМЕНТ УХВАЛИВ БЮДЖЕТ НА РІК!"),
        ("Новый мост открыли в Приречье", "В Приречье открыли новый мост"),
        ("Surf win the Valmora cup", "«Surf» win “Valmora” cup…"),
        ("Пожежа в порту Лугового", "⚡️ Терміново: пожежа в порту Лугового (ВІДЕО)"),
        ("Storm closes the harbour", "[Harbour Courier] Storm closes the harbour | Courier"),
        ("Обʼєднання громад схвалено", "Об'єднання громад схвалено"),
    ],
)
def test_the_same_words_make_the_same_key(one: str, other: str) -> None:
    assert title_key(one) == title_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Порт працюватиме взимку", "Порт не працюватиме взимку"),
        ("Storm closes the harbour", "Storm opens the harbour"),
        ("Велодень у Луговому — день 2-й", "Велодень у Луговому — день 3-й"),
        ("Прибій обіграв Речник 2:1", "Прибій обіграв Речник 3:1"),
    ],
)
def test_one_word_makes_another_key(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)


@pytest.mark.parametrize("title", ["", "!!!", "Погода на завтра", "Фото дня", "[Fire]"])
def test_a_title_of_few_words_has_no_key(title: str) -> None:
    assert title_key(title) == ""


@given(st.lists(st.text("абвгґдеєжзиіїйклм", min_size=1)))
def test_order_and_case_never_matter(said: list[str]) -> None:
    assert title_key(" ".join(reversed(said)).upper()) == title_key(" ".join(said))
