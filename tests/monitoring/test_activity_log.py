import logging
from datetime import timedelta

import pytest

from bot.monitoring.activity_log import ActivityLog


@pytest.fixture
def activity(caplog: pytest.LogCaptureFixture) -> ActivityLog:
    caplog.set_level(logging.INFO)
    return ActivityLog(interval=timedelta(0))


async def test_what_was_counted_is_one_line_with_its_fields(
    activity: ActivityLog, caplog: pytest.LogCaptureFixture
) -> None:
    activity.counts.update({"polls": 42, "new articles": 3, "failed polls": 0})
    assert await activity.step()
    (record,) = caplog.records
    assert record.getMessage() == "last minute: 42 polls, 3 new articles"
    assert (vars(record)["polls"], vars(record)["new_articles"]) == (42, 3)


async def test_each_interval_counts_anew_and_a_quiet_one_is_not_logged(
    activity: ActivityLog, caplog: pytest.LogCaptureFixture
) -> None:
    activity.counts.update(polls=1)
    assert await activity.step()
    assert await activity.step()
    assert len(caplog.records) == 1
