import io

import pytest

from bot.cli import json_lines
from bot.cli.json_lines import error_text, read_lines


def test_a_long_line_is_cut_off_and_the_next_one_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_BYTES", 4)
    assert list(read_lines(io.BytesIO(b"abcdefghij\nxy\nz"))) == [b"abcd", b"xy\n", b"z"]


def test_an_unknown_error_is_named_with_its_type() -> None:
    assert error_text(KeyError("x")) == "cannot be read: KeyError: 'x'"
