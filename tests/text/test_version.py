from pathlib import Path

import pytest

from bot.text import version
from bot.text.version import stem_version


def test_the_version_follows_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stem_version()
    other = tmp_path / "forms_en.txt.xz"
    other.write_bytes(b"another table")
    stem_version.cache_clear()
    monkeypatch.setattr(version, "PATHS", {"en": other})
    changed = stem_version()
    stem_version.cache_clear()
    assert changed != before
