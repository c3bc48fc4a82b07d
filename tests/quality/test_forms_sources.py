import pytest

pytest.importorskip("pymorphy3")
pytest.importorskip("wordfreq")

from bot.text.stemming import words
from quality.forms_sources import Lemma, normal, regular_forms, russian


def test_paradigms_have_all_forms_of_a_word_and_the_shares_that_were_counted() -> None:
    paradigms, counted = russian(["льда", "часов", "абырвалг"])
    by_word = {lemma.word: forms for lemma, forms in paradigms.items()}
    assert {"лед", "льду", "льдом"} <= by_word["лед"]
    assert {lemma.word for lemma in counted["часов"]} == {"час", "часы"}
    assert sum(counted["часов"].values()) == pytest.approx(1)
    assert "абырвалг" not in counted


def test_words_that_are_spelt_alike_have_the_forms_of_both() -> None:
    paradigms, _ = russian(["писать"])
    assert {"пишет", "писает"} <= paradigms[Lemma("писать", "verb")]


def test_a_word_that_the_dictionary_lacks_is_inflected_by_analogy() -> None:
    paradigms, _ = russian([])
    forms = {form for theirs in paradigms.values() for form in theirs}
    assert {"шахед", "шахеда", "шахедами"} <= forms


VOCABULARY = words(
    "hope hopes hoped hoping hop hops hopped hopping discovery discoveries discover discovered"
    " report reports reporter big bigger biggest happy happier happiest pass passes passed passing"
    " see sees seeing play plays played playing breath breaths breathe breathes be best"
)


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("hope", "hopes hoped hoping"),
        ("hop", "hops hopped hopping"),
        ("discovery", "discoveries"),
        ("discover", "discovered"),
        ("report", "reports"),
        ("big", "bigger biggest"),
        ("happy", "happier happiest"),
        ("pass", "passes passed passing"),
        ("see", "sees seeing"),
        ("play", "plays played playing"),
        ("breath", "breaths"),
        ("be", ""),
    ],
)
def test_an_english_word_has_the_forms_that_its_spelling_makes(word: str, forms: str) -> None:
    assert regular_forms(word, VOCABULARY) == set(forms.split())


def test_spellings_are_compared_without_their_apostrophes_and_dots() -> None:
    assert normal("Пʼятий Ёж") == "п'ятий еж"
