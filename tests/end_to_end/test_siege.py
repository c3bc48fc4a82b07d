"""Siege test, short: nobody honest loses a story while others attack.

The short form of `make siege`, which lasts ten minutes and judges the times too.
"""

import os
import sys
from pathlib import Path
from statistics import quantiles

import pytest

from tests.end_to_end.siege import Size, open_siege, table

SECONDS = int(os.environ.get("SIEGE_SECONDS", "0"))
SHORT = Size(seconds=15, readers=10, story_every=3)
LONG = Size(
    seconds=SECONDS, readers=100, story_every=5, own_feeds=40, categories=34_000, presses=40
)

MAX_HELP_P95_SECONDS = 1.0
MAX_HELP_SECONDS = 5.0
MAX_NEWS_P95_SECONDS = 10.0
MAX_LAG_SECONDS = 0.25
MAX_MEGABYTES = 600


async def test_nobody_honest_loses_a_story_while_others_attack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_siege(tmp_path, LONG if SECONDS else SHORT, seed=7) as siege:
        await siege.run()
        lag = await siege.loop_lag_seconds()
        seen = table(siege, lag=lag)
        if SECONDS:
            with capsys.disabled():
                sys.stdout.write(f"\n{seen}\n")
        assert siege.missing() == [], seen
        assert siege.repeated() == [], seen
        assert siege.silenced() == [], seen
        assert siege.help_seconds, seen
        if SECONDS:
            assert quantiles(siege.help_seconds, n=20)[-1] < MAX_HELP_P95_SECONDS, seen
            assert max(siege.help_seconds) < MAX_HELP_SECONDS, seen
            assert quantiles(siege.news_seconds(), n=20)[-1] < MAX_NEWS_P95_SECONDS, seen
            assert lag <= MAX_LAG_SECONDS, seen
            assert siege.megabytes < MAX_MEGABYTES, seen
        assert await siege.bot.stop() == 0
