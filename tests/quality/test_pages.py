import pytest

from quality.pages import compare


@pytest.mark.parametrize(
    ("made", "precision", "recall"),
    [
        ("One two three four five.", 1, 1),
        ("menu: ONE two three four five", 2 / 3, 1),
        ("two three four five", 1, 1 / 2),
        ("five four three two one", 0, 0),
        ("", 0, 0),
    ],
)
def test_a_text_is_judged_by_runs_of_four_words(made: str, precision: float, recall: float) -> None:
    found = compare(made, "one two three four, five")
    assert found.precision == pytest.approx(precision)
    assert found.recall == pytest.approx(recall)


def test_the_mean_of_nothing_is_nothing() -> None:
    assert compare("", "").f1 == 0
    assert compare("a b c d", "a b c d").f1 == 1
