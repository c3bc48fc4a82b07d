import pytest

pytest.importorskip("pymorphy3")
pytest.importorskip("wordfreq")

from quality.forms_sources import Lemma
from quality.forms_weights import estimate

MOUNTAIN, TO_BURN = Lemma("гора", "noun"), Lemma("горіти", "verb")
PARADIGMS = {
    MOUNTAIN: frozenset({"гора", "гори", "горою"}),
    TO_BURN: frozenset({"горіти", "горить", "гори"}),
    Lemma("нора", "noun"): frozenset({"нора", "нори", "норою"}),
    Lemma("сиріти", "verb"): frozenset({"сиріти", "сирить", "сири"}),
}
RATES = {
    "гора": 10.0, "горою": 5.0, "гори": 20.0, "горіти": 10.0, "горить": 30.0,
    "нора": 10.0, "норою": 5.0, "нори": 12.0, "сиріти": 10.0, "сирить": 30.0, "сири": 0.1,
}  # fmt: skip


def test_a_form_of_several_words_is_of_the_one_whose_like_have_that_ending() -> None:
    shares = estimate(PARADIGMS, RATES).shares["гори"]
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[MOUNTAIN] > 0.9


def test_all_occurrences_are_shared_out() -> None:
    words = estimate(PARADIGMS, RATES).words
    assert sum(words.values()) == pytest.approx(sum(RATES.values()))


def test_shares_that_were_counted_stay() -> None:
    counted = {"гори": {MOUNTAIN: 0.25, TO_BURN: 0.75}}
    known = estimate(PARADIGMS, RATES, counted)
    assert known.shares["гори"] == counted["гори"]
    assert known.words[MOUNTAIN] == pytest.approx(20.0)


def test_a_word_without_a_form_of_its_own_takes_few() -> None:
    week, weeks = Lemma("week", "noun"), Lemma("weeks", "noun")
    day = Lemma("day", "noun")
    paradigms = {
        week: frozenset({"week", "weeks"}),
        weeks: frozenset({"weeks"}),
        day: frozenset({"day", "days"}),
    }
    rates = {"week": 300.0, "weeks": 200.0, "day": 300.0, "days": 200.0}
    shares = estimate(paradigms, rates).shares["weeks"]
    assert shares[week] > 0.9
