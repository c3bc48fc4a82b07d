import pytest

pytest.importorskip("pymorphy3")
pytest.importorskip("wordfreq")

from quality.forms_sources import normal, russian


def test_paradigms_have_all_forms_of_a_word_and_the_probabilities_of_its_readings() -> None:
    found = russian(["льда", "банка", "абырвалг"])
    by_word = {lemma.word: forms for lemma, forms in found.forms.items()}
    assert {"лед", "льду", "льдом"} <= by_word["лед"]
    assert {lemma.word for lemma in found.probabilities["банка"]} == {"банк", "банка"}
    assert sum(found.probabilities["банка"].values()) == pytest.approx(1)
    assert "абырвалг" not in found.probabilities


def test_a_word_that_the_dictionary_lacks_is_inflected_by_analogy() -> None:
    forms = {form for theirs in russian([]).forms.values() for form in theirs}
    assert {"шахед", "шахеда", "шахедами"} <= forms


def test_spellings_are_compared_without_their_apostrophes_and_dots() -> None:
    assert normal("Пʼятий Ёж") == "п'ятий еж"
