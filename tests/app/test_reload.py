import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.app.reload import Configuration, Reloader, describe_changes
from bot.errors import SetupError
from bot.settings import Settings
from bot.topics import Topics
from tests.support.builders import TOPICS, listed_feed

RUNNING = Configuration(
    settings=Settings(poll_floor=300),
    topics=TOPICS,
    catalogue=(listed_feed("https://one.example/rss"), listed_feed("https://two.example/rss")),
)


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (RUNNING, ""),
        (replace(RUNNING, settings=Settings(poll_floor=600)), "settings: POLL_FLOOR"),
        (replace(RUNNING, topics=Topics([*TOPICS][:-1])), "topics: 1 removed"),
        (
            replace(
                RUNNING,
                catalogue=(
                    listed_feed("https://one.example/rss", topic=None),
                    listed_feed("https://three.example/rss"),
                ),
            ),
            "feeds: 1 added, 1 removed, 1 changed",
        ),
    ],
)
def test_what_has_changed_is_described(after: Configuration, changes: str) -> None:
    assert describe_changes(RUNNING, after) == changes


def reloader(read: Callable[[], Configuration]) -> Reloader:
    return Reloader(running=RUNNING, read=read)


def test_a_changed_configuration_is_accepted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    asked = reloader(lambda: replace(RUNNING, settings=Settings(poll_floor=600)))
    assert asked.request()
    assert asked.is_accepted
    assert "settings: POLL_FLOOR" in caplog.text


def test_an_unchanged_configuration_lets_the_bot_go_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert not reloader(lambda: RUNNING).request()
    assert "nothing has changed" in caplog.text


def test_a_broken_file_changes_nothing_and_is_named(caplog: pytest.LogCaptureFixture) -> None:
    def read() -> Configuration:
        raise SetupError("FEEDS: feeds.toml: [[feeds]] 3 has no url")

    asked = reloader(read)
    assert not asked.request()
    assert not asked.is_accepted
    assert "nothing is reloaded: FEEDS: feeds.toml: [[feeds]] 3 has no url" in caplog.text
