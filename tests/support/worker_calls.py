"""What tests of the worker pool call in its processes.

A module of its own, which imports little, so that a process soon has it.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path


def match_for_ever() -> object:
    """Hold the process busy where no other thread and no Python signal handler gets its turn."""
    return re.match(r"(?:a+)+$", "a" * 60 + "b")


def swell() -> None:
    bytearray(2**30)


def stop_once(marker: Path) -> str:
    """Leave the processor to others, until the process is continued."""
    if not marker.exists():
        marker.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
    return "read"


def sleep_once(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        time.sleep(3600)
    return "read"


def exit_once(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        os._exit(1)
    return "read"


def divide_60(by: int) -> float:
    """Hang at 7, and die at 13."""
    if by == 7:
        match_for_ever()
    if by == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return 60 / by


def return_what_cannot_travel(item: int) -> object:
    return (lambda: item) if item == 2 else item


def is_loaded(module: str) -> bool:
    return module in sys.modules
