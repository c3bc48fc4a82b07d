import io

import pytest

from bot.cli import json_lines
from bot.cli.json_lines import error_text, load_line, read_lines


def test_a_long_line_is_cut_off_and_the_next_one_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_BYTES", 4)
    assert list(read_lines(io.BytesIO(b"abcdefghij\nxy\nz"))) == [b"abcd", b"xy\n", b"z"]


def test_an_unknown_error_is_named_with_its_type() -> None:
    assert error_text(KeyError("x")) == "cannot be read: KeyError: 'x'"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"9" * 5000, "a number of 5000 digits"),
        (b"-" + b"9" * 5000, "a number of 5001 digits"),
        (b"1e999", "1e999 is too large, or no number"),
        (b"NaN", "NaN is too large, or no number"),
        (b"-Infinity", "-Infinity is too large, or no number"),
    ],
)
def test_a_number_that_json_cannot_hold_is_named(line: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        load_line(b'{"title": ' + line + b"}")


def test_numbers_are_those_of_json() -> None:
    assert load_line(b"[1, -2, 1.5, 1e3]") == [1, -2, 1.5, 1000.0]
