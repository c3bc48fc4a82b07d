"""Processor time of this process and its workers."""

import resource
import time
from contextlib import suppress
from multiprocessing import active_children


def cpu_seconds() -> float:
    """Return the processor's time that this process and its workers have used.

    Other children count only once they have ended.
    """
    living = sum(_of(child.pid) for child in active_children())
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + living + ended.ru_utime + ended.ru_stime


def _of(pid: int | None) -> float:
    if pid is not None:
        with suppress(OSError):  # it has ended just now
            # What clock_getcpuclockid(3) returns on Linux, to the nanosecond.
            return time.clock_gettime((~pid << 3) | 2)
    return 0.0
