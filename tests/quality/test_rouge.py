import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.rouge import longest_common, rouge

TOKENS = st.lists(st.sampled_from("abcd"), max_size=12)


def test_forms_of_a_word_are_one_word() -> None:
    found = rouge("мостами закрыли", "мосты закрыли вчера")
    assert found.one == pytest.approx(4 / 5)
    assert found.two == pytest.approx(2 / 3)
    assert found.long == pytest.approx(4 / 5)


def test_the_order_of_words_counts_for_pairs_and_for_the_longest_run() -> None:
    found = rouge("bridge mayor opens", "mayor opens bridge")
    assert found.one == 1
    assert found.two == pytest.approx(1 / 2)
    assert found.long == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("made", "reference"), [("", ""), ("bridge", ""), ("", "bridge"), ("!", "?")]
)
def test_nothing_is_like_nothing(made: str, reference: str) -> None:
    found = rouge(made, reference)
    assert (found.one, found.two, found.long) == (0, 0, 0)


@given(TOKENS, TOKENS)
def test_the_longest_common_run_is_the_one_that_the_slow_way_finds(
    one: list[str], other: list[str]
) -> None:
    row = [0] * (len(other) + 1)
    for token in one:
        before = row
        row = [0]
        for place, match in enumerate(other):
            row.append(before[place] + 1 if token == match else max(before[place + 1], row[place]))
    assert longest_common(one, other) == row[-1]
