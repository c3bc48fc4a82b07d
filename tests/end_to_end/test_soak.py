"""Soak test, short: bounded resources, no message lost.

The short form of `make soak`, which lasts half an hour.
"""

import os
import sys
from pathlib import Path

import pytest

from tests.end_to_end.soak import Size, open_soak
from tests.end_to_end.soak_report import is_prompt, is_steady, report, table

SECONDS = int(os.environ.get("SECONDS", "0"))
SHORT = Size(seconds=25, feeds=60, readers=300, story_every=3, floor=1, fresh_for=2)
LONG = Size(seconds=SECONDS, feeds=500, readers=5000, story_every=10)


async def test_at_work_for_long_it_takes_no_more_and_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_soak(tmp_path, LONG if SECONDS else SHORT, seed=7) as soak:
        await soak.run()
        result = report(soak)
        seen = table(soak, result)
        if SECONDS:
            with capsys.disabled():
                sys.stdout.write(f"\n{seen}\n")
        assert result.lost == (), seen
        assert result.unexplained == (), seen
        # Beside other tests messages that left apart may arrive in a bunch.
        assert result.violations <= (0 if SECONDS else 2), seen
        assert is_prompt(result), seen
        # So short a time is all warm-up: what it takes is still growing into its size.
        assert not SECONDS or is_steady(result), seen
        assert "Traceback" not in soak.bot.log
