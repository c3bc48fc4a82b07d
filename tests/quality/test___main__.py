import json
import lzma
import sys
import tarfile
import types
from collections.abc import Sequence
from pathlib import Path

import pytest

from quality import data
from quality.__main__ import PARTS, chosen, main, read_parts, require, told

DAMAGES = (
    lzma.LZMAError("Corrupt input data"),
    EOFError("ended before the end"),
    tarfile.ReadError("not a tar file"),
    json.JSONDecodeError("Expecting value", "", 0),
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], PARTS),
        (["related", "pages"], ("pages", "related")),
        (["topics", "topics"], ("topics",)),
    ],
)
def test_parts_come_once_and_in_the_order_of_the_newsroom(
    names: Sequence[str], expected: Sequence[str]
) -> None:
    assert chosen(names) == list(expected)


@pytest.mark.parametrize("name", ["", "--help", "topic", "../bot", "topics "])
def test_an_unknown_part_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(SystemExit, match=r"^no part .*: there are feeds, .*, judged$"):
        chosen(["topics", name])


def test_without_data_a_sentence_says_so_and_no_document_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(data, "DATA", tmp_path / "absent")
    with pytest.raises(SystemExit, match=r"no data to measure by: .*absent is no folder"):
        main(["pages"])
    assert capsys.readouterr().out == ""


def test_a_file_in_the_place_of_the_data_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    require(tmp_path)
    with pytest.raises(SystemExit, match="is no folder"):
        require(tmp_path / "data")


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where the package is there, and was used, neither it nor what uses it may be remembered.
    used = [name for name in sys.modules if name.partition(".")[0] == "sumy"]
    for name in ("quality.summaries", *used):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr("quality.summaries", raising=False)
    monkeypatch.setitem(sys.modules, "sumy", None)
    with pytest.raises(SystemExit, match=r"^the package 'sumy' is not installed: `make quality`"):
        read_parts(["summaries"])


def test_a_module_of_our_own_that_is_missing_is_no_matter_of_installing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "quality.languages", raising=False)
    monkeypatch.setitem(sys.modules, "bot.stories.sentences", None)
    with pytest.raises(ModuleNotFoundError):
        read_parts(["languages"])


def test_a_section_comes_with_its_progress_on_the_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told("pages", lambda: "## Pages\n") == "## Pages\n"
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "pages ...\npages: 0 s\n"


def test_a_file_that_is_absent_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "DATA", tmp_path)
    with pytest.raises(SystemExit, match=r"^no file .*topics\.jsonl\.xz: quality"):
        told("pages", lambda: str(data.rows("topics")))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: type(damage).__name__)
def test_damaged_data_is_told_of_in_a_sentence(damage: Exception) -> None:
    def report() -> str:
        raise damage

    with pytest.raises(SystemExit, match=r"^pages: a file of the data is damaged: "):
        told("pages", report)


def test_a_mistake_of_ours_is_not_taken_for_damage() -> None:
    with pytest.raises(ZeroDivisionError):
        told("pages", lambda: str(1 // 0))


def test_the_document_names_the_machine_once_and_has_the_sections_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(data, "DATA", tmp_path)
    for name in ("pages", "topics"):
        part = types.ModuleType(name)
        part.report = f"## {name.title()}\n".__str__  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"quality.{name}", part)
    main(["topics", "pages"])
    shown = capsys.readouterr().out
    assert shown.startswith("# Figures\n\nBy `python -m quality`, on ")
    assert shown.count("CPython") == 1
    sections = [line for line in shown.splitlines() if line.startswith("## ")]
    assert sections == ["## Pages", "## Topics"]
