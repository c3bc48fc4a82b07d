from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import __version__, version


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package = tmp_path / "bot"
    package.mkdir()
    monkeypatch.setattr(version, "_PACKAGE", package)
    version.commit.cache_clear()
    yield package
    version.commit.cache_clear()


def test_without_a_commit_the_number_stands_alone(package: Path) -> None:
    assert version.version_text() == __version__


def test_a_wheel_names_the_commit_it_was_built_from(package: Path) -> None:
    (package / "commit.txt").write_text("0123456789abcdef\n")
    assert version.version_text() == f"{__version__} (0123456)"


@pytest.mark.parametrize(
    "files",
    [
        {"HEAD": "0123456789abcdef\n"},
        {"HEAD": "ref: refs/heads/main\n", "refs/heads/main": "0123456789abcdef\n"},
        {
            "HEAD": "ref: refs/heads/main\n",
            "packed-refs": "# packed\nffff refs/heads/mainly\n0123456789abcdef refs/heads/main\n",
        },
    ],
)
def test_a_checkout_names_the_commit_that_is_checked_out(
    package: Path, files: dict[str, str]
) -> None:
    for name, text in files.items():
        file = package.parent / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert version.version_text() == f"{__version__} (0123456)"
