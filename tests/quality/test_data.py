from pathlib import Path

import pytest

from quality import data
from quality.data import SAMPLE, data_folder, is_held_out, said, table, written_path


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("x", 1 / 3), (2, "–")]) == "|a|b|\n|---|---|\n|x|0.33|\n|2|–|\n"


def test_half_of_the_keys_are_held_out_and_always_the_same() -> None:
    kept = [is_held_out(f"https://courier.example/{number}") for number in range(1000)]
    assert 400 < sum(kept) < 600
    assert kept[:2] == [is_held_out(f"https://courier.example/{number}") for number in range(2)]


def test_what_a_row_does_not_say_is_empty() -> None:
    assert said({"title": None}, "title") == said({}, "title") == ""
    assert said({"year": 2026}, "year") == "2026"


def test_the_data_is_what_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", str(tmp_path))
    assert data_folder() == tmp_path


def test_without_data_it_is_the_sample_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATA", raising=False)
    monkeypatch.setattr(data, "_SHARED", tmp_path / "absent")
    assert data_folder() == SAMPLE
    monkeypatch.setattr(data, "DATA", SAMPLE)
    data.mention_sample()
    assert "DATA=folder" in capsys.readouterr().err


def test_a_table_made_of_the_sample_replaces_none_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Path("bot/resources/rarity.txt").absolute()
    monkeypatch.setattr(data, "DATA", tmp_path)
    assert written_path(table) == table
    monkeypatch.setattr(data, "DATA", SAMPLE)
    monkeypatch.setattr(data, "_HERE", tmp_path / "quality")
    assert written_path(table) == tmp_path / "data" / "of-sample" / "rarity.txt"


def test_a_file_that_is_absent_is_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "DATA", tmp_path)
    with pytest.raises(SystemExit, match=r"no file .*topics\.jsonl\.xz: quality/README\.md lists"):
        data.rows("topics")
