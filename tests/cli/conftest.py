"""The publisher's server of the tests of feeds, and patience with it on a slow machine."""

from datetime import timedelta

import pytest

from bot.feeds.discovery import feed_finder
from tests.feeds.conftest import publisher

__all__ = ["publisher"]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_finder, "TIME_LIMIT", timedelta(minutes=2))
    monkeypatch.setattr(feed_finder, "_MIN_SHARE_SECONDS", 60)
