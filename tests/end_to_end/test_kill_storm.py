"""Kill storm, short: no story is lost, only messages without an answer are repeated.

The short form of `make storm`, which kills a hundred times while a thousand read.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.end_to_end.forked_bot import STAGES
from tests.end_to_end.kill_storm import Size, open_storm
from tests.end_to_end.kill_storm_report import report, table

KILLS = int(os.environ.get("KILLS", "0"))
# The others are hit now and then by a kill that aims at one of these.
AIMS = (
    "migrating the schema",
    "fetching a page",
    "fanning out",
    "sending",
    "moving a group",
    "editing a message",
    "sending a notice",
    "sending a digest",
    "starting a broadcast",
    "searching for a feed",
)
SHORT = Size(
    kills=len(AIMS), stories=20, readers=50, per_second=100, catch_up_seconds=600, stages=AIMS
)
LONG = Size(
    kills=KILLS, stories=2 * KILLS, readers=10 * KILLS, per_second=300, catch_up_seconds=420
)


# Of a process whose bot is gone before it has got its arguments and locks.
_OF_A_START = r"in (?:_serve_one|spawn_main)\n(?:  .*\n)*(?:EOFError|FileNotFoundError|OSError)"


def unexpected_tracebacks(log: str) -> list[str]:
    """Return the tracebacks, but those of worker processes whose bot was killed as they started."""
    parts = re.split("^Traceback ", log, flags=re.MULTILINE)[1:]
    return [part for part in parts if not re.search(_OF_A_START, part)]


# Beside other tests the machine is busy, and messages that left apart may arrive in a bunch.
BUNCHED = 2


async def test_killed_at_any_moment_nothing_is_lost_and_only_the_unanswered_repeats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_storm(tmp_path, LONG if KILLS else SHORT, seed=7) as storm:
        await storm.rage()
        await storm.calm()
        result = report(storm)
        seen = table(storm, result)
        if KILLS:
            with capsys.disabled():
                sys.stdout.write(f"\n{seen}\n")
        assert result.lost == (), seen
        assert result.forgotten == (), (result.forgotten, seen)
        assert (result.unexplained, result.excess) == ((), 0), seen
        assert result.disordered == (), seen
        assert result.violations <= (0 if KILLS else BUNCHED), seen
        assert result.impatient == 0, seen
        assert not unexpected_tracebacks(storm.bot.log)
        # Each stage is aimed at in turn; some last for a blink, and a few shots may miss.
        assert not KILLS or storm.hits.keys() >= {*STAGES}, seen
