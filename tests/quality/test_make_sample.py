import json
import lzma
import re
import tarfile
from pathlib import Path

import pytest

from quality import make_sample
from quality.data import SAMPLE

DOCUMENTED = {
    name: set(re.findall(r"`(\w+)`", keys))
    for names, keys in re.findall(
        r"^\|(`[^|]+jsonl[^|]*)\|([^|]+)\|$",
        (SAMPLE.parent / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    for name in re.findall(r"`([^`]+)`", names)
}


def test_the_docs_name_each_file_of_the_sample_and_nothing_else() -> None:
    files = {path.relative_to(SAMPLE).as_posix() for path in SAMPLE.rglob("*.jsonl*")}
    assert files == DOCUMENTED.keys(), "python -m quality.make_sample, then quality/README.md"


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_each_row_of_the_sample_has_the_documented_keys(name: str) -> None:
    content = (SAMPLE / name).read_bytes()
    text = (lzma.decompress(content) if name.endswith(".xz") else content).decode()
    rows = [json.loads(line) for line in text.splitlines()]
    assert rows
    assert all(row.keys() == DOCUMENTED[name] for row in rows)


def test_the_archives_hold_feeds_and_the_pages_that_are_marked() -> None:
    with tarfile.open(SAMPLE / "feeds_real.tar.xz") as archive:
        assert len(archive.getnames()) >= 20
    gold = lzma.decompress((SAMPLE / "pages_gold.jsonl.xz").read_bytes()).decode().splitlines()
    with tarfile.open(SAMPLE / "pages.tar.xz") as archive:
        assert set(archive.getnames()) == {json.loads(line)["file"] for line in gold}


def test_the_sample_is_made_of_the_invented_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_sample, "REPORTS", 250)
    make_sample.main(tmp_path)
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {path.relative_to(SAMPLE) for path in SAMPLE.rglob("*") if path.is_file()}
