from quality.data import is_held_out, said, table


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("x", 1 / 3), (2, "–")]) == "|a|b|\n|---|---|\n|x|0.33|\n|2|–|\n"


def test_half_of_the_keys_are_held_out_and_always_the_same() -> None:
    kept = [is_held_out(f"https://courier.example/{number}") for number in range(1000)]
    assert 400 < sum(kept) < 600
    assert kept[:2] == [is_held_out(f"https://courier.example/{number}") for number in range(2)]


def test_what_a_row_does_not_say_is_empty() -> None:
    assert said({"title": None}, "title") == said({}, "title") == ""
    assert said({"year": 2026}, "year") == "2026"
