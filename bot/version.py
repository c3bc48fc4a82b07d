"""Version of ReadAlso, and the commit that it was built from."""

from functools import cache
from pathlib import Path

from bot import __version__

SHORT_COMMIT_CHARS = 7

_PACKAGE = Path(__file__).parent


@cache
def commit() -> str:
    """Return the short commit that the wheel was built from or that is checked out; empty: unknown.

    A wheel carries it in `commit.txt`, which `hatch_build.py` writes.
    """
    built_from = _read(_PACKAGE / "commit.txt")
    return (built_from or _checked_out(_PACKAGE.parent / ".git"))[:SHORT_COMMIT_CHARS]


def version_text() -> str:
    """Return the version as people read it: `1.0.0 (abc1234)`, or without a commit `1.0.0`."""
    return f"{__version__} ({commit()})" if commit() else __version__


def _checked_out(git: Path) -> str:
    """Return the commit of HEAD; without git, which may not be installed."""
    head = _read(git / "HEAD")
    if not head.startswith("ref: "):
        return head
    reference = head.removeprefix("ref: ")
    packed = (line.split() for line in _read(git / "packed-refs").splitlines())
    packed_commits = [words[0] for words in packed if words[1:] == [reference]]
    return _read(git / reference) or "".join(packed_commits)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
