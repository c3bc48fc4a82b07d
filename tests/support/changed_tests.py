"""Test files of what has changed since the last commit, for `make quick`."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
ALWAYS = "tests/test_architecture.py"


def changed_files() -> list[str]:
    """Return the paths that differ from HEAD, or from its parent where nothing differs."""
    status = git("status", "--porcelain", "--untracked-files=all")
    changed = [line[3:].split(" -> ")[-1] for line in status.splitlines()]
    return changed or git("diff", "--name-only", "HEAD~1").splitlines()


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def mirrors_of(changed: Iterable[str]) -> list[str]:
    """Return the mirrored test files of changed ones, and the rules of the tree."""
    chosen = {ALWAYS}
    for name in changed:
        path = PurePosixPath(name)
        if path.suffix != ".py" or "end_to_end" in path.parts:
            continue
        if path.parts[0] == "tests" and path.name.startswith("test_"):
            chosen.add(name)
        elif path.parts[0] == "bot":
            chosen.add(str(PurePosixPath("tests", *path.parts[1:-1], f"test_{path.name}")))
        elif path.parts[0] == "bot_playground":
            chosen.add(str(PurePosixPath("tests", *path.parts[:-1], f"test_{path.name}")))
    return sorted(name for name in chosen if (ROOT / name).exists())


if __name__ == "__main__":
    sys.stdout.write("\n".join(mirrors_of(changed_files())) + "\n")
