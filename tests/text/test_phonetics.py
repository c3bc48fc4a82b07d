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
def test_a_name_sounds_alike_in_all_three_languages(spellings: str) -> None:
    assert len({phonetic_key(word) for word in spellings.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("путин", "путь"), ("trump", "tramway"), ("рим", "мир")]
)
def test_other_words_sound_otherwise(one: str, other: str) -> None:
    assert phonetic_key(one) != phonetic_key(other) or phonetic_key(one) == ""


@pytest.mark.parametrize("word", ["deal", "дело", "xi", "си", "", "2024", "🙂", "日本"])
def test_what_has_too_few_consonants_has_no_sound(word: str) -> None:
    assert phonetic_key(word) == ""


@given(st.text(max_size=50))
def test_a_sound_is_empty_or_of_enough_consonants(word: str) -> None:
    heard = phonetic_key(word.casefold())
    assert heard == "" or (len(heard) >= MIN_KEY_LENGTH and heard.isascii() and heard.isalpha())


def test_names_are_capitals_within_a_sentence() -> None:
    text = "Вчера в Киеве «Газпром» и Владимир Зеленский. Потом дождь"
    assert find_names(text) == ("киеве", "газпром", "владимир", "зеленский")
