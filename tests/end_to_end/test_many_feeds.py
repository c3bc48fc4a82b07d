"""Many feeds for some hours: the real poller against publishers that check politeness."""

from datetime import timedelta
from pathlib import Path

from benchmarks.many_feeds import live

FEEDS = 200
HOURS = timedelta(hours=6)


async def test_a_town_is_read_whole_and_politely(tmp_path: Path) -> None:
    day = await live(FEEDS, tmp_path, span=HOURS)
    counted = day.counted
    # P24: one request at a time of each host, though seven feeds live on one.
    assert counted["most_at_once"] == 1
    # P8: a feed whose server can tell what is new was asked for all of it once.
    assert counted["validating"] > FEEDS * 0.8
    assert counted["unconditional"] == counted["validating"]
    assert counted["304"] > 50
    # P27, P28: those who asked for silence had it.
    assert counted["503"] > 0
    assert counted["impatient"] == 0
    # P34: what is broken is asked ever more seldom.
    assert 2 <= counted["500"] / 2 <= 8
    # Whatever was shown is ours, and nothing is ours twice.
    assert day.stored == counted["shown"] > FEEDS * 15
