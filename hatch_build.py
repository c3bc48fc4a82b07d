"""Build hook of the wheel: adds `bot/commit.txt`, which names the commit that was built.

The commit is that of the checkout, or what the variable COMMIT says where there is none.
"""

import os
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):  # type: ignore[type-arg]
    """Force `bot/commit.txt` into the wheel where the commit is known."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the file before the wheel is packed; an editable install asks the checkout."""
        commit = os.environ.get("COMMIT") or _checked_out(Path(self.root))
        if version == "editable" or not commit:
            return
        with NamedTemporaryFile("w", suffix=".txt", delete=False, encoding="utf-8") as file:
            file.write(f"{commit}\n")
        Path(file.name).chmod(0o644)
        self._file = Path(file.name)
        build_data["force_include"][file.name] = "bot/commit.txt"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Delete the file."""
        if file := getattr(self, "_file", None):
            file.unlink()


def _checked_out(root: Path) -> str:
    if not (root / ".git").exists():  # a folder within another checkout
        return ""
    try:
        return subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
