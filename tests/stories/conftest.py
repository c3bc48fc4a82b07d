"""What tests of stories share: the shipped topics."""

from pathlib import Path

import pytest

import bot
from bot.topics import Topics, read_topics


@pytest.fixture(scope="session")
def topics() -> Topics:
    return read_topics(Path(bot.__file__).parent / "resources" / "topics.toml")
