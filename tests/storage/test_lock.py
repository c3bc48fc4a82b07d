import os
from pathlib import Path

import pytest

from bot.errors import LockedError, SetupError
from bot.storage.lock import hold_lock


def take(path: Path) -> None:
    with hold_lock(path):
        pass


def test_a_database_is_locked_by_one_process_which_the_error_names(tmp_path: Path) -> None:
    path = tmp_path / "far" / "x.db"
    words = rf"x\.db is in use by another ReadAlso \(process {os.getpid()}\)"
    with (
        hold_lock(path),
        hold_lock(tmp_path / "far" / "y.db"),
        pytest.raises(LockedError, match=words),
    ):
        take(path)


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    take(tmp_path / "x.db")
    take(tmp_path / "x.db")


def test_a_lock_file_that_cannot_be_created_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match=r"x\.db\.lock: cannot be made"):
        take(tmp_path / "file" / "x.db")
