import os
from pathlib import Path

import pytest

from bot.errors import LockedError, SetupError
from bot.storage.lock import hold_lock


def take(path: Path) -> None:
    with hold_lock(path):
        pass


def test_a_database_is_held_by_one_and_its_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "far" / "x.db"
    words = rf"x\.db is in use by another ReadAlso \(process {os.getpid()}\)"
    with (
        hold_lock(path),
        hold_lock(tmp_path / "far" / "y.db"),
        pytest.raises(LockedError, match=words),
    ):
        take(path)


def test_afterwards_another_may_have_it(tmp_path: Path) -> None:
    take(tmp_path / "x.db")
    take(tmp_path / "x.db")


def test_a_lock_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match=r"x\.db\.lock: cannot be made"):
        take(tmp_path / "file" / "x.db")
