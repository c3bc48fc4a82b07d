import subprocess
import sys
from pathlib import Path

import pytest

import bot


@pytest.mark.parametrize(
    ("error", "is_printed"),
    [("EOFError", False), ("FileNotFoundError", False), ("ValueError", True)],
)
def test_a_worker_whose_bot_has_ended_ends_without_a_traceback(
    error: str, is_printed: bool
) -> None:
    code = f"import bot.isolation.fork_server\nraise {error}"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(Path(bot.__file__).parents[1])},
    )
    assert (b"Traceback" in ended.stderr) == is_printed
    assert ended.returncode == 1
