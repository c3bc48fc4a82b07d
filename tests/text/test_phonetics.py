import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.phonetics import MIN_KEY_LENGTH, find_names, phonetic_key


@pytest.mark.parametrize(
    "spellings",
    [
        "zelensky zelenskyy зеленський зеленского зеленському",
        "netanyahu нетаньяху",
        "johnson джонсон джонсона",
        "hudson гудзон хадсон",
        "macron макрон макрона",
        "zhytomyr житомир",
        "erdogan эрдоган ердоган",
        "scholz шольц",
        "chișinău chisinau кишинев",
        "chornobyl чорнобиль чернобыль",
    ],
)
def test_a_name_has_one_key_in_all_three_languages(spellings: str) -> None:
    assert len({phonetic_key(word) for word in spellings.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("путин", "путь"), ("trump", "tramway"), ("рим", "мир")]
)
def test_other_words_have_other_keys(one: str, other: str) -> None:
    assert phonetic_key(one) != phonetic_key(other) or phonetic_key(one) == ""


@pytest.mark.parametrize("word", ["deal", "дело", "xi", "си", "", "2024", "🙂", "日本"])
def test_a_word_of_too_few_consonants_has_no_key(word: str) -> None:
    assert phonetic_key(word) == ""


@given(st.text(max_size=50))
def test_a_key_is_empty_or_long_enough(word: str) -> None:
    key = phonetic_key(word.casefold())
    assert key == "" or (len(key) >= MIN_KEY_LENGTH and key.isascii() and key.isalpha())


def test_names_are_capitalised_words_within_a_sentence() -> None:
    text = "Вчера в Киеве «Газпром» и Владимир Зеленский. Потом дождь"
    assert find_names(text) == ("киеве", "газпром", "владимир", "зеленский")
