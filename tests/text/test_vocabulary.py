import pytest

from bot.text.stemming import stem
from bot.text.vocabulary import MAX_IDF, concept, event_verbs, idf


@pytest.mark.parametrize(
    ("headline", "told"),
    [
        ("Власти опровергли закрытие моста", {"deny"}),
        ("У Кабміні спростували чутки", {"deny"}),
        ("Kremlin reacts to sanctions", {"react"}),
        ("Суд отпустил задержанных", {"free", "arrest"}),
        ("Flight postponed", {"postpone"}),
        ("Мост не закроют", {"no"}),
        ("Мост открыт", set()),
        ("", set()),
    ],
)
def test_turns_of_events_are_found_in_every_language(headline: str, told: set[str]) -> None:
    assert event_verbs(headline) == told


@pytest.mark.parametrize(
    ("english", "others"),
    [
        ("earthquake", "землетрясение землетрус"),
        ("fire", "пожар пожежа пожежі"),
        ("killed", "погибли загинули загиблих"),
        ("us", "сша америка американский"),
    ],
)
def test_words_of_one_meaning_meet(english: str, others: str) -> None:
    assert {concept(stem(word)) for word in others.split()} == {concept(stem(english))}


def test_a_word_that_the_list_lacks_means_itself() -> None:
    assert concept("блакитнокрил") == "блакитнокрил"


def test_the_word_ukraine_is_not_taken_for_another() -> None:
    assert concept(stem("україна")) == concept(stem("ukraine")) != concept(stem("theft"))


def test_what_the_table_lacks_is_the_rarest() -> None:
    assert idf("блакитнокрил") == MAX_IDF


def test_a_common_word_is_less_rare() -> None:
    assert 0 < idf("presid") < idf("volcano") <= MAX_IDF


def test_weights_are_halves_so_that_sums_do_not_depend_on_their_order() -> None:
    assert (idf("presid") * 2).is_integer()
