import pytest

from bot.text.stemming import stem
from bot.text.vocabulary_concepts import meaning


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
    assert {meaning(stem(word)) for word in others.split()} == {meaning(stem(english))}


def test_a_word_that_the_list_lacks_means_itself() -> None:
    assert meaning("блакитнокрил") == "блакитнокрил"


def test_the_word_ukraine_is_not_taken_for_another() -> None:
    assert meaning(stem("україна")) == meaning(stem("ukraine")) != meaning(stem("theft"))
